"""Processes of the Milvus server that the PyPI package `milvus` brings."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scale.processes import LOOPBACK, Processes, free_port, listens

SECTIONS = ("rootCoord", "dataCoord", "queryCoord", "indexCoord", "dataNode", "indexNode", "queryNode", "proxy")


@contextmanager
def milvus_standalone() -> Iterator[tuple[str, int]]:
    """HOST:PORT and number of one process that is the whole server; it ends with the block, and its data go.

    Raises:
        RuntimeError: a part is missing, or did not start.
    """
    with tempfile.TemporaryDirectory(prefix="milvus-") as folder, Processes(Path(folder) / "logs") as processes:
        place, port = Path(folder), free_port()
        os.environ["PODOBA_DATA"] = str(place / "data")  # what podoba keeps of an address goes with it
        settings = {
            "etcd": {
                "endpoints": f"{LOOPBACK}:{free_port()}", "use": {"embed": True}, "data": {"dir": str(place / "etcd")},
            },
            "common": {"storageType": "local"},
            "mq": {"type": "rocksmq"},
            "rocksmq": {"path": str(place / "queue")},
        }  # fmt: skip
        process = start_server(processes, place, settings, "standalone", ["standalone"], port)
        processes.wait_for("standalone", lambda: listens(port))
        yield f"{LOOPBACK}:{port}", process


def start_server(
    processes: Processes, folder: Path, settings: dict[str, Any], name: str, role: list[str], port: int | None = None
) -> int:
    """Start one process of the server with a file of settings of its own, and wait until it says that it is well.

    Args:
        port: of the proxy in it.

    Returns:
        its number.
    """
    place, health = folder / name, free_port()
    (place / "configs").mkdir(parents=True)
    ports = {section: {"ip": LOOPBACK, "port": free_port()} for section in SECTIONS}
    if port is not None:
        ports["proxy"] |= {"port": port, "internalPort": free_port()}
    local = {"localStorage": {"path": str(place / "local")}}
    (place / "configs" / "milvus.yaml").write_text(json.dumps(settings | ports | local))  # JSON is YAML
    shutil.copy(_package() / "data" / "glog.conf", place / "configs")
    binary = unpacked_server()
    env = {
        "MILVUSCONF": str(place / "configs"), "METRICS_PORT": str(health),
        "DEPLOY_MODE": "STANDALONE" if role == ["standalone"] else "DISTRIBUTED",
        "LD_LIBRARY_PATH": str(binary.parent), "MILVUS_RUN_DIR": str(place / "run"),
    }  # fmt: skip
    number = processes.start(name, [str(binary), "run", *role], env, place)
    processes.wait_for(name, lambda: _is_well(health))
    return number


def _is_well(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/healthz", timeout=10) as answer:
            return bool(answer.read() == b"OK")
    except OSError:
        return False


def _package() -> Path:
    try:
        import milvus
    except ImportError as error:
        raise RuntimeError("the server of Milvus is missing: pip install 'milvus==2.3.5'") from error
    return Path(milvus.__file__).parent


def unpacked_server() -> Path:
    """The server's program, which the package holds compressed and unpacks once to a folder of the user's."""
    _package()
    from milvus import MilvusServerConfig, _initialize_data_files

    folder = Path(MilvusServerConfig.get_default_data_dir())
    _initialize_data_files(folder)
    return folder / "bin" / "milvus"
