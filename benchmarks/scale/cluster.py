"""A cluster of Milvus on this machine: six processes on loopback, beside them their metadata, object store and message queue.

The server is that of the PyPI package `milvus`; etcd is Debian's (`apt-get install etcd-server`), the object store is moto's and
the queue is the mock broker of librdkafka, which keeps a few megabytes of each channel in memory: enough for a benchmark, and
nothing to keep data in.

    PYTHONPATH=benchmarks python -m scale.cluster
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from machine import peers_python
from scale.processes import LOOPBACK, Processes, free_port, listens
from scale.server import start_server

BROKER = Path(__file__).resolve().parent.parent / "peers" / "kafka_broker.py"
BUCKET = "milvus"
COORDINATORS = ("rootcoord", "datacoord", "querycoord", "indexcoord")


@dataclass(frozen=True)
class Cluster:
    """A cluster that runs.

    Attributes:
        address: HOST:PORT that clients connect to.
        processes: of the cluster, by name: coordinators, data_node, index_node, query_node_1, query_node_2, proxy; and what they
            stand on: etcd, s3, kafka.
    """

    address: str
    processes: Processes


@contextmanager
def milvus_cluster(query_nodes: int = 2) -> Iterator[Cluster]:
    """A cluster of 4 + `query_nodes` processes, which end with the block.

    Raises:
        RuntimeError: a part is missing, or did not start; the message names the folder of the logs, which stays then.
    """
    folder = Path(tempfile.mkdtemp(prefix="milvus-cluster-"))
    os.environ["PODOBA_DATA"] = str(folder / "data")  # what podoba keeps of an address goes with it
    try:
        with Processes(folder / "logs") as processes:
            settings = _settings(*_start_stores(processes, folder))
            yield Cluster(_start_milvus(processes, folder, settings, query_nodes), processes)
    except RuntimeError as error:
        raise RuntimeError(f"{error}\nlogs are in {folder / 'logs'}") from error
    shutil.rmtree(folder, ignore_errors=True)


def _start_stores(processes: Processes, folder: Path) -> tuple[int, int, str]:
    """Ports of etcd and of the object store, with its bucket; address of the queue."""
    etcd = shutil.which("etcd")
    if etcd is None:
        raise RuntimeError("etcd is missing: apt-get install etcd-server")
    client, peer, s3 = free_port(), free_port(), free_port()
    places = [f"--{name}={url}" for name, url in _etcd_addresses(client, peer).items()]
    processes.start("etcd", [etcd, f"--data-dir={folder / 'etcd'}", *places])
    processes.start("s3", [sys.executable, "-m", "moto.server", "-H", LOOPBACK, "-p", str(s3)])
    processes.start("kafka", [str(peers_python("scale")), str(BROKER)])
    processes.wait_for("etcd", lambda: listens(client))
    processes.wait_for("s3", lambda: listens(s3))
    processes.wait_for("kafka", lambda: processes.log("kafka").read_text().count("\n") > 0)
    urllib.request.urlopen(urllib.request.Request(f"http://{LOOPBACK}:{s3}/{BUCKET}", method="PUT"), timeout=30).close()
    return client, s3, processes.log("kafka").read_text().splitlines()[-1]


def _etcd_addresses(client: int, peer: int) -> dict[str, str]:
    clients, peers = f"http://{LOOPBACK}:{client}", f"http://{LOOPBACK}:{peer}"
    return {
        "listen-client-urls": clients,
        "advertise-client-urls": clients,
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "initial-cluster": f"default={peers}",
    }


def _settings(etcd: int, s3: int, kafka: str) -> dict[str, Any]:
    """What differs from the server's own settings, which are those of a cluster."""
    return {
        "etcd": {"endpoints": f"{LOOPBACK}:{etcd}", "use": {"embed": False}},
        "minio": {
            "address": LOOPBACK, "port": s3, "bucketName": BUCKET, "useSSL": False, "useVirtualHost": False,
            "cloudProvider": "aws", "accessKeyID": "testing", "secretAccessKey": "testing", "useIAM": False,
        },
        "common": {"storageType": "remote"},
        "mq": {"type": "kafka"},
        "kafka": {"brokerList": kafka, "securityProtocol": "PLAINTEXT"},
        "log": {"level": "info", "stdout": True},
    }  # fmt: skip


def _start_milvus(processes: Processes, folder: Path, settings: dict[str, Any], query_nodes: int) -> str:
    """Start all of it, in the order in which one asks the other. Returns the address of the proxy."""
    port = free_port()
    nodes = {f"query_node_{number}": "querynode" for number in range(1, query_nodes + 1)}
    roles = {"data_node": "datanode", "index_node": "indexnode", **nodes, "proxy": "proxy"}
    start_server(processes, folder, settings, "coordinators", ["mixture", *(f"-{name}=true" for name in COORDINATORS)])
    for name, role in roles.items():
        start_server(processes, folder, settings, name, [role], port if role == "proxy" else None)
    processes.wait_for("proxy", lambda: listens(port))
    return f"{LOOPBACK}:{port}"


if __name__ == "__main__":
    begun = time.perf_counter()
    with milvus_cluster() as cluster, suppress(KeyboardInterrupt):
        print(f"milvus://{cluster.address} after {time.perf_counter() - begun:.1f} s; Ctrl-C ends it", flush=True)
        signal.pause()
