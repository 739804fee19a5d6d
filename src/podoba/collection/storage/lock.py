"""One writer at a time: a lock that ends with the process that holds it, however that ends."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from podoba.errors import CollectionBusy, CollectionError


@contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Hold the right to write to the collection at `path`.

    The lock is on a file of its own beside the collection: closing any other handle of the SQLite file would release the
    locks that SQLite itself holds. The file says which process holds it, where the operating system lets others read that.

    Raises:
        CollectionBusy: another process holds it.
        CollectionError: nothing can be written here.
    """
    from filelock import FileLock, Timeout  # 20 ms that reading does without

    place = path.with_name(f"{path.name}.lock")
    holder = _holder(place)  # before trying: some versions of filelock empty the file when they open it
    lock = FileLock(place, timeout=0, thread_local=False)
    try:
        path.parent.stat()  # filelock would make the folder
        lock.acquire()
    except Timeout as error:
        who = f"another process ({holder})" if holder.isdigit() else "another process"
        raise CollectionBusy(f"{path}: {who} is writing to it: wait until it is done, or stop it") from error
    except OSError as error:
        raise CollectionError(
            f"{path}: cannot be locked for writing ({error.strerror or error}): check the folder and its permissions, and that "
            "it is on a disk that knows locks"
        ) from error
    try:
        with suppress(OSError):  # Windows lets nobody write to a locked file
            place.write_text(str(os.getpid()), encoding="utf-8")
        yield
    finally:
        # Before it is released: filelock takes no lock on a file that is no longer there.
        with suppress(OSError):
            place.unlink()
        lock.release()


def _holder(place: Path) -> str:
    try:
        return place.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return ""
