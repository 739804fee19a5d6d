"""All jobs of a server: asked for, waiting for their turn, running, ended."""

import itertools
import logging
import secrets
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from podoba.images.record import Skipped
from podoba.serve.jobs.failures import FAULT, KILLED, failure_of
from podoba.serve.jobs.job import Job, Standing
from podoba.serve.jobs.kinds import KINDS
from podoba.serve.jobs.process import JobProcess
from podoba.serve.jobs.settings import DEFAULT, JobSettings
from podoba.serve.problems import Problem

log = logging.getLogger(__name__)
State = tuple[int, bool, dict[str, Any]]
"""A version, whether nothing will change any more, and what the API says, all of one moment."""


class Jobs:
    """The jobs of a server, for any of its threads.

    Of the jobs of one collection one runs at a time, in the order in which they were asked for. A paused one has no process: it
    lets others pass, holds nothing, and goes on from where it was when it is started again.
    """

    def __init__(self, place: Callable[[str], Path], settings: JobSettings = DEFAULT) -> None:
        """Jobs on collections.

        Args:
            place: gives the file of a collection by its name.
        """
        self.settings = settings
        self._place = place
        self._jobs: dict[str, Job] = {}
        self._processes: dict[str, JobProcess] = {}
        self._wanted: dict[str, Standing] = {}  # of a process that is to end: the state of its job then
        self._failures: dict[str, str] = {}  # names of errors, by the id of a job
        self._listeners: dict[int, Callable[[], None]] = {}
        self._numbers = itertools.count()
        self._lock = threading.RLock()
        self._closed = False
        self._version = 0  # counts the changes of all

    @property
    def closed(self) -> bool:
        """Whether the server is ending."""
        return self._closed

    def start(self, kind: str, collection: str, arguments: Mapping[str, Any]) -> Job:
        """Have a piece of work done; one that waits or runs already is not done twice.

        Raises:
            Problem: an unknown kind, or as many wait as may.
        """
        if kind not in KINDS:
            raise Problem(404, "unknown_kind", "there is no such kind of job")
        with self._lock:
            asked = (kind, collection, dict(arguments))
            for job in self._jobs.values():
                if job.state in ("waiting", "running") and (job.kind, job.collection, job.arguments) == asked:
                    return job
            self._refuse_many()
            job = Job(secrets.token_hex(8), kind, collection, dict(arguments), KINDS[kind].continues)
            self._queue(job)
        self._tell()
        return job

    def get(self, id_: str) -> Job:
        """The job of this id. Raises `Problem`."""
        try:
            return self._jobs[id_]
        except KeyError:
            raise Problem(404, "unknown_job", "there is no such job, or it ended long ago") from None

    def states(self) -> State:
        """All jobs, the newest first, as `{"jobs": [...]}`."""
        with self._lock:
            return self._version, False, {"jobs": [job.to_json() for job in reversed(self._jobs.values())]}

    def state(self, id_: str) -> State:
        """One job as the API tells it. Raises `Problem`."""
        with self._lock:
            job = self.get(id_)
            return job.version, job.has_ended, job.to_json()

    def skipped(self, id_: str, offset: int, k: int) -> tuple[list[Skipped], int]:
        """Some of the images that a job left out, and how many are known by name. Raises `Problem`."""
        with self._lock:
            skipped = self.get(id_).skipped
            return skipped[offset : offset + k], len(skipped)

    def pause(self, id_: str) -> Job:
        """End its process for now, or take it out of those that wait. Raises `Problem`."""
        with self._lock:
            job = self.get(id_)
            if not job.can_pause or job.state not in ("waiting", "running"):
                raise _wrong_state(job)
            self._put_away(job, "paused")
        self._tell()
        return job

    def stop(self, id_: str) -> Job:
        """End it; what it has done is kept. Raises `Problem`."""
        with self._lock:
            job = self.get(id_)
            if job.has_ended:
                raise _wrong_state(job)
            self._put_away(job, "stopped")
        self._tell()
        return job

    def resume(self, id_: str) -> Job:
        """Start it again: one that is paused, was stopped or failed. Raises `Problem`."""
        with self._lock:
            job = self.get(id_)
            if job.state not in ("paused", "stopped", "failed"):
                raise _wrong_state(job)
            self._refuse_many()
            if id_ in self._processes:  # it is still ending
                self._wanted[id_] = "waiting"
            job.begin()
            self._queue(job)
        self._tell()
        return job

    def end(self) -> None:
        """Have all processes end, and all streams of events, as the server is to end. Returns at once."""
        with self._lock:
            self._closed = True
            for id_ in self._processes:
                self._put_away(self._jobs[id_], "stopped")
        self._tell()

    def close(self) -> None:
        """End all, and wait until the processes have ended; what they have done is kept."""
        processes = list(self._processes.values())
        self.end()
        for process in processes:
            process.join(self.settings.patience + 1)

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Have a function called, from any thread, after each change of any job. Gives what ends that."""
        number = next(self._numbers)
        with self._lock:
            self._listeners[number] = listener

        def forget() -> None:
            with self._lock:
                self._listeners.pop(number, None)

        return forget

    def _refuse_many(self) -> None:
        if sum(job.state == "waiting" for job in self._jobs.values()) >= self.settings.most_waiting:
            raise Problem(503, "busy", "many jobs are waiting already: try again when some have ended", {"Retry-After": "30"})

    def _queue(self, job: Job) -> None:
        """Put it at the end of the line, and start what can be started."""
        self._jobs.pop(job.id, None)
        self._jobs[job.id] = job
        ended = [other.id for other in self._jobs.values() if other.has_ended and other.id not in self._processes]
        for id_ in ended[: max(0, len(ended) - self.settings.kept)]:
            del self._jobs[id_]
        self._start_next()

    def _start_next(self) -> None:
        for job in list(self._jobs.values()):
            if self._closed or len(self._processes) >= self.settings.at_once:
                return
            busy = {self._jobs[id_].collection for id_ in self._processes}
            if job.state == "waiting" and job.collection not in busy:
                self._run(job)

    def _run(self, job: Job) -> None:
        def hear(said: dict[str, Any]) -> None:
            if "failed" in said:
                error, text = said["failed"]
                log.error("job %s on %s failed: %s: %s", job.kind, job.collection, error, text)
                self._failures[job.id] = error
            with self._lock:
                job.hear(said, self.settings.kept_skipped)
            self._tell()

        def ended(exit_code: int) -> None:
            with self._lock:
                self._conclude(job, exit_code)
                self._start_next()
            self._tell()

        try:
            self._processes[job.id] = JobProcess(job.kind, self._place(job.collection), job.arguments, hear, ended)
        except OSError as error:
            log.error("job %s on %s cannot be started: %s", job.kind, job.collection, error)
            job.end("failed", *failure_of("OSError"))
            return
        job.state = "running"
        job.version += 1

    def _conclude(self, job: Job, exit_code: int) -> None:
        """Its process has ended."""
        del self._processes[job.id]
        wanted, error = self._wanted.pop(job.id, None), self._failures.pop(job.id, None)
        if exit_code == 0 and job.result is not None:
            job.end("done")
        elif wanted == "waiting":
            job.begin()
        elif wanted is not None:
            job.end(wanted)
        elif error is not None:
            job.end("failed", *failure_of(error))
        else:
            job.end("failed", *(KILLED if exit_code < 0 else FAULT))

    def _put_away(self, job: Job, state: Standing) -> None:
        """Have its process end, or take it out of the line at once."""
        process = self._processes.get(job.id)
        if process is None:
            job.end(state)
            self._start_next()
            return
        self._wanted[job.id] = state
        job.state, job.version = state, job.version + 1
        process.stop(self.settings.patience)

    def _tell(self) -> None:
        with self._lock:
            self._version += 1
            listeners = list(self._listeners.values())
        for listener in listeners:
            listener()


def _wrong_state(job: Job) -> Problem:
    return Problem(409, "wrong_state", "this cannot be done with a job in this state", state=job.state)
