"""How programs of the same person find a server that runs: a file that only they can read, for as long as it runs."""

import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from filelock import FileLock, Timeout
from platformdirs import user_runtime_path, user_state_path


@dataclass(frozen=True)
class Running:
    """A server that runs.

    Attributes:
        address: such as `http://127.0.0.1:8765`.
        token: what gives access to it.
        pid: of its process.
        started: when, in seconds of `time.time`.
        collections: absolute paths of their files, or addresses, by the names under which they are served.
    """

    address: str
    token: str
    pid: int
    started: float
    collections: dict[str, str]


def runtime_folder() -> Path:
    """Where the files are: `PODOBA_RUNTIME` where set, else the system's place for what ends with the login, or for state."""
    chosen = os.environ.get("PODOBA_RUNTIME")
    if chosen:
        return Path(chosen).expanduser()
    # Without that variable the first one may lie in a folder of all users.
    place = user_runtime_path if os.environ.get("XDG_RUNTIME_DIR") else user_state_path
    return place("podoba", appauthor=False) / "serve"


@contextmanager
def announced(running: Running) -> Iterator[Path]:
    """Meanwhile the file of a server is there. A lock beside it ends with the process, however that ends.

    Raises:
        OSError: it cannot be written.
    """
    folder = runtime_folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = folder / f"{running.pid}-{secrets.token_hex(4)}.json"
    lock = FileLock(place.with_suffix(".lock"), thread_local=False)
    with lock:
        draft = place.with_suffix(".tmp")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(running), file)
        os.replace(draft, place)
        try:
            yield place
        finally:
            place.unlink(missing_ok=True)
            with suppress(OSError):  # Windows removes no open file; `running_servers` does later
                Path(lock.lock_file).unlink()


def running_servers() -> list[Running]:
    """The servers of this person that run on this machine, the newest first; files of those that ended otherwise are removed."""
    found = []
    for place in runtime_folder().glob("*.json"):
        if _is_stale(place):
            for left in (place, place.with_suffix(".lock")):
                with suppress(OSError):
                    left.unlink()
            continue
        with suppress(OSError, ValueError, TypeError):  # it ended meanwhile, or is of another version
            found.append(Running(**json.loads(place.read_text(encoding="utf-8"))))
    return sorted(found, key=lambda running: running.started, reverse=True)


def _is_stale(place: Path) -> bool:
    """Whether nobody holds the lock of a file."""
    try:
        with FileLock(place.with_suffix(".lock"), timeout=0, thread_local=False):
            return True
    except Timeout:
        return False
