"""An executor on a cluster of Ray: plain tasks, one an item, begun again where a node, or their process, dies.

Tasks rather than actors or Ray Data: what holds a processor core for its whole life leaves none for what was lost with a node.
"""

import logging
import os
import re
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from importlib.metadata import version
from typing import Any

from podoba.errors import require
from podoba.executor import MEMORY, Executor, Item, Outcome, ProcessExecutor, Result, attempt, times
from podoba.models.sessions import VARIABLE as DEVICE
from podoba.scale.ray_cluster import DEVICES_STAY, ClusterError, connect
from podoba.telemetry import OFF

log = logging.getLogger(__name__)

_LOOK = 1.0  # seconds between two looks whether Ctrl-C was pressed, which waiting for Ray does not always notice


@dataclass(frozen=True)
class RaySettings:
    """How work is given to a cluster.

    Attributes:
        cpus: cores of a task; it computes in as many threads.
        gpus: devices that a task has for itself; with 0 it shares what its node has.
        attempts: how often an item is begun, where its process dies or the function raises.
        node_deaths: how often more it is begun because the node died on which it ran.
        ahead: tasks given to the cluster for each that it can work on at a time, so that no core waits for the next.
        waiting_seconds: how long nothing ends before the cluster is asked whether any node can work.
    """

    cpus: float = 1
    gpus: float = 0
    attempts: int = 2
    node_deaths: int = 10
    ahead: int = 3
    waiting_seconds: float = 30


DEFAULT = RaySettings()


def open_executor(
    on: str | None, workers: int | None = None, settings: RaySettings = DEFAULT, *, gpu_if_any: bool = False
) -> Executor:
    """The executor of an option `--on`.

    Args:
        on: None for processes of this machine; `ray` for the cluster of the environment (`RAY_ADDRESS`, or one that runs here;
            else one is started on this machine for as long as the program runs); `ray:HOST:PORT` for that head's.
        workers: items at a time at most; None for as many as there are cores.
        gpu_if_any: a cluster that has GPUs gives one to each task, which then has it for itself.

    Raises:
        ClusterError: another value, or the cluster cannot be reached, does not know this token, or has another version of Ray.
        MissingExtra: Ray is not installed.
    """
    if on is None:
        return ProcessExecutor(workers)
    kind, colon, address = on.partition(":")
    if kind != "ray" or (colon and not address):
        raise ClusterError(f"{on}: not a place to work on: it is ray, or ray:HOST:PORT such as ray:10.0.0.5:6379")
    connect(address or os.environ.get("RAY_ADDRESS"))
    if gpu_if_any and require("ray", "scale").cluster_resources().get("GPU", 0) >= 1:
        settings = replace(settings, gpus=1)
    return RayExecutor(workers, settings)


class RayExecutor:
    """Tasks on the cluster that this process is connected to.

    Function, items and results travel by reference to modules of podoba, which is installed on each node in the same version.
    """

    def __init__(self, workers: int | None = None, settings: RaySettings = DEFAULT) -> None:
        """
        Args:
            workers: tasks at a time at most; None for as many as the cluster has room for, also when it grows.
        """
        self._ray: Any = require("ray", "scale")
        self._workers, self._settings = workers, settings

    @property
    def workers(self) -> int:
        have, settings = self._ray.cluster_resources(), self._settings
        room = [have.get(name, 0) // need for name, need in (("CPU", settings.cpus), ("GPU", settings.gpus)) if need]
        most = int(min(room, default=1))
        return most if self._workers is None else min(self._workers, max(1, most))

    def run(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Outcome[Item, Result]]:
        """As in `Executor`. Raises `ClusterError` where no node can work on any item, as where podoba is not installed."""
        source, running = iter(items), _Tasks(self._ray, function, self._settings)
        try:
            while True:
                while len(running) < self._in_flight():
                    try:
                        running.begin(_Tries(next(source)))
                    except StopIteration:
                        break
                if not running:
                    return
                for tries, result, error in running.ended():
                    if error is None or tries.used_up(self._settings):
                        yield Outcome(tries.item, result, error, tries.begun)
                    else:
                        running.begin(tries)
        finally:
            running.cancel()

    def _in_flight(self) -> int:
        if self._workers is not None:
            return self._workers
        return self._settings.ahead * max(1, self.workers)


class _Tries:
    """An item, and what happened to it so far."""

    def __init__(self, item: Any) -> None:
        self.item = item
        self.begun = self.failed = self.node_deaths = 0

    def used_up(self, settings: RaySettings) -> bool:
        return self.failed >= settings.attempts or self.node_deaths > settings.node_deaths


class _Tasks:
    """The tasks that the cluster has of a run."""

    def __init__(self, ray: Any, function: Callable[[Any], Any], settings: RaySettings) -> None:
        self._ray, self._function, self._settings = ray, function, settings
        # Ray's own retries are off: they do not tell an item that kills its process from a node that died under it.
        self._task = ray.remote(_attempt_here).options(
            num_cpus=settings.cpus, num_gpus=settings.gpus, max_retries=0, runtime_env={"env_vars": environment_of(settings)}
        )
        self._version = version("podoba")
        self._tries: dict[Any, _Tries] = {}

    def __len__(self) -> int:
        return len(self._tries)

    def begin(self, tries: _Tries) -> None:
        tries.begun += 1
        self._tries[self._task.remote(self._version, os.getcwd(), self._function, tries.item)] = tries

    def ended(self) -> Iterator[tuple[_Tries, Any, str | None]]:
        """Tasks that ended, at least one: the item, its result, and why it failed."""
        waited = 0.0
        while not (done := self._ray.wait(list(self._tries), timeout=_LOOK)[0]):
            waited += _LOOK
            if waited >= self._settings.waiting_seconds and RayExecutor(None, self._settings).workers < 1:
                need = f"{self._settings.cpus:g} cores" + (f" and {self._settings.gpus:g} GPUs" if self._settings.gpus else "")
                log.warning("no node of the cluster has %s: waiting for one", need)
                waited = 0.0
        for reference in done:
            tries = self._tries.pop(reference)
            yield tries, *self._outcome(reference, tries)

    def _outcome(self, reference: Any, tries: _Tries) -> tuple[Any, str | None]:
        exceptions = self._ray.exceptions
        try:
            result, error = self._ray.get(reference)
        except (exceptions.NodeDiedError, exceptions.ObjectLostError, exceptions.LocalRayletDiedError) as lost:
            tries.node_deaths += 1
            log.warning("a node of the cluster died; what it worked on is begun again elsewhere")
            return None, f"{times(tries.node_deaths)} the node died on which it ran: {_line(lost)}"
        except exceptions.OutOfMemoryError:
            tries.failed += 1
            return None, f"its process was killed {times(tries.failed)} because the memory of its node was running out"
        except exceptions.WorkerCrashedError:
            tries.failed += 1
            return None, f"its process was killed {times(tries.failed)}, {MEMORY}"
        except exceptions.RayError as failed:
            raise ClusterError(_why_not_begun(_line(getattr(failed, "cause", failed)))) from failed
        tries.failed += error is not None
        return result, error

    def cancel(self) -> None:
        """End what still runs."""
        for reference in self._tries:
            self._ray.cancel(reference, force=True)


def _attempt_here(asked: str, folder: str, function: Callable[[Item], Result], item: Item) -> tuple[Result | None, str | None]:
    """`attempt` on a node, in the folder where the program runs, if it is there.

    Raises:
        ClusterError: the node has another podoba than the program (`asked`).
    """
    if (here := version("podoba")) != asked:
        raise ClusterError(f"{socket.gethostname()} has podoba {here}, and this program is {asked}: install one version on all")
    with suppress(OSError):
        os.chdir(folder)  # so that relative paths mean what they mean there
    return attempt(function, item)


def environment_of(settings: RaySettings) -> dict[str, str]:
    """Variables of the processes on the nodes."""
    threads = str(max(1, int(settings.cpus)))
    asked = {DEVICE: os.environ[DEVICE]} if DEVICE in os.environ else {}
    return {**OFF, **asked, DEVICES_STAY: "0", "OMP_NUM_THREADS": threads}


def _why_not_begun(reason: str) -> str:
    if missing := re.search(r"No module named '[^']*'", reason):
        return (
            f"the cluster's nodes do not have what this program has ({missing[0]}): install the same podoba[scale] on each"
        )
    return f"the cluster could not begin a task: {reason}"


def _line(error: Exception) -> str:
    return " ".join(str(error).split())
