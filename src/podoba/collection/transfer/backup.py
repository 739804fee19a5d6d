"""A copy of a collection while it is in use."""

import os
import shutil
import sqlite3
from contextlib import suppress
from pathlib import Path

from podoba.collection.index.files import IndexCache
from podoba.collection.storage.schema import explain
from podoba.collection.storage.store import Store
from podoba.errors import CollectionError


def copy(store: Store, to: Path) -> None:
    """Write a collection as it stands now into a new file, put in place only when it is whole; its cache beside it.

    Another process may write to the collection meanwhile.

    Raises:
        CollectionError: there is such a file already, or it cannot be written.
    """
    to = to.expanduser()
    if to.exists():
        raise CollectionError(f"{to}: is there already and is never overwritten: name another file")
    draft = to.with_name(f".{to.name}.{os.getpid()}.part")
    try:
        target = sqlite3.connect(draft)
        try:
            store.database.connection.backup(target)
            target.execute("PRAGMA journal_mode = DELETE")  # one file, with nothing beside it
        finally:
            target.close()
        with draft.open("rb+") as file:
            os.fsync(file.fileno())
        os.link(draft, to)  # unlike a renaming it overwrites nothing
    except FileExistsError as error:
        raise CollectionError(f"{to}: is there already and is never overwritten: name another file") from error
    except sqlite3.Error as error:
        raise CollectionError(explain(to, error)) from error
    except OSError as error:
        raise CollectionError(f"{to}: cannot be written ({error.strerror}): choose another place") from error
    finally:
        draft.unlink(missing_ok=True)
        draft.with_name(f"{draft.name}-journal").unlink(missing_ok=True)
    _copy_cache(IndexCache(store.path), IndexCache(to))


def _copy_cache(source: IndexCache, to: IndexCache) -> None:
    """The cache serves the copy as well; where it cannot be had the copy makes its own."""
    manifest = source.read_manifest()
    if manifest is None:
        return
    with suppress(OSError):
        to.folder.mkdir(exist_ok=True)
        for name in (manifest.file, manifest.index.file if manifest.index else None):
            if name is not None:
                shutil.copyfile(source.folder / name, to.folder / name)
        to.write_manifest(manifest)
