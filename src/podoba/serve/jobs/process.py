"""The process of a job, from the server's side."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from podoba.serve.jobs.report import from_line


class JobProcess:
    """A process that works on a collection, and a thread that listens to it."""

    def __init__(
        self,
        kind: str,
        collection: Path,
        arguments: Mapping[str, Any],
        hear: Callable[[dict[str, Any]], None],
        ended: Callable[[int], None],
    ) -> None:
        """Start it.

        Args:
            hear: called in the listening thread with all that it says.
            ended: called there with its exit code, once, after all that it said; negative: the number of a signal.

        Raises:
            OSError: no process can be started.
        """
        asked = json.dumps({"collection": str(collection.absolute()), "arguments": dict(arguments)})
        self._process = subprocess.Popen(
            # -P: no module of the folder that the server was started in; a session of its own: Ctrl-C reaches the server alone.
            [sys.executable, "-P", "-m", "podoba.serve.jobs.worker", kind, asked],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="ascii",
            errors="replace",
            start_new_session=True,
        )
        self._hear, self._ended = hear, ended
        self._thread = threading.Thread(target=self._listen, daemon=True, name=f"job {self._process.pid}")
        self._thread.start()

    @property
    def pid(self) -> int:
        """Its number."""
        return self._process.pid

    def stop(self, patience: float) -> None:
        """Have it end and keep what it has done; it is killed where it has not ended after some seconds. Returns at once."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        killer = threading.Timer(patience, self._process.kill)
        killer.daemon = True
        killer.start()

    def join(self, patience: float) -> None:
        """Wait until it has ended and `ended` was called, at most some seconds."""
        self._thread.join(patience)

    def _listen(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as lines:
            for line in lines:
                self._hear(from_line(line))
        self._ended(self._process.wait())
