"""A cluster of Ray on loopback: a head that works on nothing and two nodes, each with processes of its own that can be killed."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from podoba.scale.ray_cluster import ClusterError
from podoba.scale.ray_executor import open_executor
from podoba.telemetry import OFF

ROOT = Path(__file__).parents[3]
QUICK = {  # a node that died is noticed in seconds, and nothing is started that no test needs
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_timeout_ms": "2000",
    "RAY_health_check_failure_threshold": "4",
    "RAY_enable_metrics_collection": "0",
    "RAY_prestart_worker_first_driver": "0",
    "RAY_enable_worker_prestart": "0",
}


class Node:
    """A node: its processes are those of one session of the system."""

    def __init__(self, *options: str, environment: dict[str, str], log: Path) -> None:
        ray = Path(sys.executable).with_name("ray")
        self.killed = False
        command = [ray, "start", "--block", "--object-store-memory", "80000000", "--include-log-monitor", "false", *options]
        with log.open("wb") as file:
            self._process = subprocess.Popen(
                [*map(str, command)], env=environment, stdout=file, stderr=file, stdin=subprocess.DEVNULL, start_new_session=True
            )

    @property
    def gave_up(self) -> bool:
        """Whether it ended by itself."""
        return self._process.poll() is not None

    def kill(self) -> None:
        """End the node with all that runs on it, as where a machine loses its power."""
        self.killed = True
        while members := _session(self._process.pid):
            for pid in members:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue
            self._process.wait()
            time.sleep(0.05)


def _session(leader: int) -> list[int]:
    """The processes of a session that have not ended."""
    members = []
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        try:
            fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == leader and fields[0] != "Z":
            members.append(int(name))
    return members


class Cluster:
    """A running cluster.

    Attributes:
        address: HOST:PORT of its head.
        token: with which it lets programs in.
        nodes: that work, each with one core.
    """

    def __init__(self, folder: Path) -> None:
        self.token, self._folder = secrets.token_hex(16), folder
        port = _free_port()
        self.address = f"{own_address()}:{port}"
        paths = [str(ROOT / "src"), str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.environment = {
            **os.environ, **OFF, **QUICK, "PYTHONPATH": os.pathsep.join(paths), "RAY_AUTH_MODE": "token",
            "RAY_AUTH_TOKEN": self.token, "OMP_NUM_THREADS": "1",
        }  # fmt: skip
        self.environment.pop("RAY_ADDRESS", None)
        self._head_options = [
            "--head", "--port", str(port), "--include-dashboard", "false", "--num-cpus", "0", "--temp-dir", str(folder / "r"),
            "--ray-client-server-port", str(_free_port()), "--dashboard-agent-listen-port", str(_free_port()),
        ]  # fmt: skip
        self._head = self._start("head", *self._head_options)
        self.nodes: list[Node] = []

    def _start(self, name: str, *options: str) -> Node:
        return Node(*options, environment=self.environment, log=self._folder / f"{name}.log")

    def wait_until_there(self, count: int) -> None:
        """Start nodes until so many are alive, and wait for them and for the head. This process is connected to it then."""
        self.nodes = [node for node in self.nodes if not node.killed]
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            self._start_missing(count)
            try:
                if open_executor(f"ray:{self.address}").workers == count:
                    return
            except ClusterError:  # the head is not there yet
                pass
            time.sleep(0.1)
        raise AssertionError(f"no {count} nodes: see {self._folder}")

    def _start_missing(self, count: int) -> None:
        """Start the nodes that are missing, again where Ray gave up: it waits 30 seconds, which a busy machine may need."""
        if self._head.gave_up:
            self._head.kill()
            self._head = self._start("head", *self._head_options)
        for node in [node for node in self.nodes if node.gave_up]:
            node.kill()
            self.nodes.remove(node)
        while len(self.nodes) < count:
            self.nodes.append(self._start(f"node{secrets.token_hex(2)}", "--address", self.address, "--num-cpus", "1"))

    def end(self) -> None:
        """End all of it."""
        for node in [*self.nodes, self._head]:
            node.kill()


@pytest.fixture(scope="session")
def running_cluster() -> Iterator[Cluster]:
    """The cluster that the tests of a session share; `ray_cluster` gives it with both nodes alive."""
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))  # short: its sockets have names of a hundred letters at most
    with pytest.MonkeyPatch.context() as patch:
        cluster = Cluster(folder)
        patch.setenv("RAY_AUTH_TOKEN", cluster.token)
        try:
            yield cluster
        finally:
            if "ray" in sys.modules:
                sys.modules["ray"].shutdown()
            cluster.end()
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def ray_cluster(running_cluster: Cluster) -> Cluster:
    """A head and two nodes, to which this process is connected."""
    running_cluster.wait_until_there(2)
    return running_cluster


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def own_address() -> str:
    """The address by which Ray names this machine. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(("8.8.8.8", 53))
        except OSError:
            return "127.0.0.1"
        return str(one.getsockname()[0])
