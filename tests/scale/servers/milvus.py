"""A Milvus server of the tests' own: the binary of the package `milvus`, on free ports of loopback, that may be killed."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

STARTED = 120.0  # seconds within which it answers


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on now."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class MilvusProcess:
    """A standalone server as a process group of its own; what it holds lies in a folder and outlives its death.

    Attributes:
        folder: configuration, logs and data.
        port: what clients connect to, on 127.0.0.1.
    """

    def __init__(self, folder: Path) -> None:
        import milvus

        self.folder = folder
        config = milvus.MilvusServerConfig(data_dir=str(folder))
        names = [name for name in config.configurable_items if name.endswith("_port")]
        ports = free_ports(len(names) + 3)
        config.update(**dict(zip(names, ports, strict=False)))
        config.resolve()
        self.port = int(config.get("proxy_port"))
        self._health = ports[-3]
        self._configure(ports[-2], ports[-1])
        self._binaries = _unpacked()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """HOST:PORT."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        variables = os.environ | {
            "DEPLOY_MODE": "STANDALONE",
            "METRICS_PORT": str(self._health),
            "MILVUS_RUN_DIR": str(self.folder / "run"),
            "LD_LIBRARY_PATH": str(self._binaries),
        }
        with (self.folder / "logs" / "output.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._binaries / "milvus"), "run", "standalone"],
                cwd=self.folder,
                env=variables,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        until = time.monotonic() + STARTED
        while time.monotonic() < until:
            if self._process.poll() is not None:
                break
            with (
                contextlib.suppress(OSError),
                urllib.request.urlopen(f"http://127.0.0.1:{self._health}/healthz", timeout=5) as said,
            ):
                if b"OK" in said.read():
                    return
            time.sleep(0.1)
        self.kill()
        raise RuntimeError(
            f"the server did not start: {(self.folder / 'logs' / 'output.log').read_text(errors='replace')[-2000:]}"
        )

    def kill(self) -> None:
        """End it and all its processes with SIGKILL, as a power failure would."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _configure(self, etcd_client: int, etcd_peer: int) -> None:
        """Ports of the etcd inside it, which its settings do not reach; small caches; a short memory of its dead selves."""
        client, peer = f"http://127.0.0.1:{etcd_client}", f"http://127.0.0.1:{etcd_peer}"
        etcd = {
            "name": "default", "listen-client-urls": client, "advertise-client-urls": client, "listen-peer-urls": peer,
            "initial-advertise-peer-urls": peer, "initial-cluster": f"default={peer}", "log-level": "error",
            "data-dir": str(self.folder / "data" / "etcd.data"), "unsafe-no-fsync": False,
        }  # fmt: skip
        (self.folder / "configs" / "etcd.yaml").write_text(yaml.safe_dump(etcd))
        path = self.folder / "configs" / "milvus.yaml"
        settings: dict[str, Any] = yaml.safe_load(path.read_text())
        settings["etcd"]["config"] = {"path": str(self.folder / "configs" / "etcd.yaml")}
        settings["common"]["session"]["ttl"] = 5
        settings["proxy"]["timeTickInterval"] = 20  # milliseconds, for which reads wait that must see the last write
        settings["log"]["level"] = "warn"
        settings["rocksmq"]["lrucacheratio"] = 0.01
        settings["queryNode"]["cache"]["memoryLimit"] = 64 << 20
        path.write_text(yaml.safe_dump(settings))


def _unpacked() -> Path:
    """The folder of the server's binaries, unpacked once for all runs of the tests."""
    import milvus

    base = Path(tempfile.gettempdir()) / f"podoba-tests-milvus-{milvus.__version__}-{os.getuid()}"
    if not (base / "whole").exists():
        draft = Path(tempfile.mkdtemp(prefix=f"{base.name}.", dir=base.parent))
        milvus._initialize_data_files(str(draft))
        (draft / "whole").touch()
        try:
            draft.rename(base)
        except OSError:  # another run was faster
            if not (base / "whole").exists():
                raise
    return base / "bin"


@pytest.fixture(scope="session")
def milvus_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusProcess]:
    """One server for all tests of a session."""
    if find_spec("milvus") is None or find_spec("pymilvus") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the packages milvus and pymilvus are missing, and here they must not be")
        pytest.skip("needs the packages milvus and pymilvus")
    server = MilvusProcess(tmp_path_factory.mktemp("milvus"))
    server.start()
    try:
        yield server
    finally:
        server.kill()
