"""A worker process as the server sees it."""

import os
import subprocess
import sys
import time
from typing import IO, Any

from podoba.serve.decoding.frames import read_frame, write_frame

VARIABLES = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}  # a worker has one thread
COMMAND = (sys.executable, "-P", "-m", "podoba.serve.decoding.worker")


class WorkerDied(Exception):
    """A worker that gave no answer: it ended, or was ended since it took too long."""

    def __init__(self, *, late: bool) -> None:
        super().__init__("took too long" if late else "ended")
        self.late = late


class WorkerProcess:
    """One worker, which one thread may ask at a time."""

    def __init__(self) -> None:
        """Start it."""
        self._process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **VARIABLES},
            start_new_session=True,  # the server ends it, and not the keys that end the server
        )
        self._until: float | None = None
        self._late = False

    @property
    def pid(self) -> int:
        """Its number as the system counts processes."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def ask(self, head: dict[str, Any], data: bytes, seconds: float) -> tuple[dict[str, Any], bytes]:
        """The answer to a request. Raises `WorkerDied`; it is of no use then."""
        self._until = time.monotonic() + seconds
        try:
            write_frame(self._stream(self._process.stdin), head, data)
            return read_frame(self._stream(self._process.stdout))
        except (OSError, EOFError) as error:
            self.close()
            raise WorkerDied(late=self._late) from error
        finally:
            self._until = None

    def end_if_late(self) -> None:
        """Kill it where it has been busy for too long, so that who asked it goes on; called by another thread."""
        until = self._until
        if until is not None and time.monotonic() > until:
            self._late = True
            self._process.kill()

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            try:
                self._stream(stream).close()
            except OSError:  # what was not read by it any longer
                continue

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None
        return stream
