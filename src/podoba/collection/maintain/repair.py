"""Mending what can be mended: rows whose bytes were changed are removed, so that the next update encodes them again."""

from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.collection.maintain.check import cache_problems, damaged_items
from podoba.files import shown
from podoba.progress import OnProgress


def repair(index: DescriptorIndex, on_progress: OnProgress | None = None) -> list[str]:
    """Rebuild the file's own indexes, remove damaged items, rebuild a damaged or stale cache; a line for each thing done.

    Items of missing images are kept: a disk may only be unplugged.

    Raises:
        CollectionError: another process is writing, or the damage is beyond mending.
    """
    store = index.store
    done: list[str] = []
    with store.writing(), store.database.explained():
        if store.database.connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            store.database.connection.execute("REINDEX")
            left = store.database.connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
            done.append("the file's own indexes were rebuilt" if left == "ok" else f"cannot be mended: {left}: restore a copy")
        damaged = damaged_items(store)
        with store.transaction():
            store.items.remove_numbers([number for number, _, _ in damaged])
            done += [f"{shown(uri)}: removed, since it was damaged: index its folder again" for _, uri, _ in damaged]
            unsound = store.marks.damaged()
            if unsound:
                store.marks.remove_damaged()
                done.append(f"{unsound} marks were removed, since they were damaged: mark those results again")
            undecided = store.decisions.damaged()
            if undecided:
                store.decisions.remove_damaged()
                done.append(f"{undecided} decisions about duplicates were removed, since they were damaged: decide them again")
        with store.snapshot():
            problems = cache_problems(index)
        reason = index.refresh(force=bool(problems), on_progress=on_progress)
        if problems:
            done.append(f"{index.cache.folder}: rebuilt" if reason is None else reason)
    return done
