"""The job `index`: a collection is brought up to date with the sources that it knows, or with a folder."""

import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from podoba.collection.collection import Collection
from podoba.collection.update.bring_up_to_date import choose_model
from podoba.collection.update.diff import PART
from podoba.collection.update.vanishing import UpdateSettings
from podoba.errors import CollectionBusy, SourceError
from podoba.images.record import Skipped
from podoba.images.sources.base import ImageSource
from podoba.images.sources.open import open_source
from podoba.serve.jobs.report import Report
from podoba.serve.jobs.settings import DEFAULT

MISSING = "this place is not there at the moment: what was found in it stays in the collection"


def index(path: Path, arguments: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
    """Add what is new, encode what changed, remove what vanished.

    Args:
        arguments: `folder`: a path in full, None: the sources that the collection knows; `model`: the name of the model of a
            new collection; `forget`: whether pictures that vanished are removed however many they are.

    Raises:
        PodobaError: as `Collection.update`; `SourceError` where none of the sources is there.
    """
    folder = arguments.get("folder")
    report.progress("listing", 0, 0)
    is_new = not path.exists()
    with ExitStack() as stack:
        if is_new:  # before a collection is made: a folder that cannot be read leaves no empty one
            opened, missing = _open([folder] if folder else [], ())
            choice = choose_model(path, arguments.get("model"))
        collection = stack.enter_context(Collection.open(path, create=True))
        stack.enter_context(_writing(collection, report))
        if not is_new:
            specs = [folder] if folder else known_sources(collection)
            opened, missing = _open(specs, collection.store.skipped.patterns)
            choice = choose_model(path, arguments.get("model"))
        update = collection.update(
            opened,
            choice,
            on_progress=report.progress,
            skipped=report.skipped,
            settings=UpdateSettings(remove_vanished=bool(arguments.get("forget"))),
        )
        report.skipped.extend(missing)
        report.say_skipped()
    found = update.index
    return {
        "seen": found.seen, "added": found.added, "changed": found.changed, "moved": found.moved, "vanished": found.vanished,
        "unchanged": found.unchanged, "held_back": found.held_back, "away": sum(found.away.values()),
        "passed_over": dict(found.beside.passed_over), "seconds": round(found.seconds, 1),
    }  # fmt: skip


def known_sources(collection: Collection) -> list[str]:
    """The sources of a collection's items, as `open_source` takes them."""
    found = []
    for root in collection.store.items.sources():
        place, part, split = root.partition(PART)
        found.append(f"{place}:{split}" if part else place)
    return found


def _open(specs: list[str], exclude: list[str] | tuple[str, ...]) -> tuple[list[ImageSource], list[Skipped]]:
    """The sources that are there, and those that are not."""
    opened, missing = [], []
    for spec in specs:
        try:
            opened.append(open_source(spec, exclude=exclude))
        except SourceError:
            missing.append(Skipped(spec, MISSING))
    if not opened:
        raise SourceError("none of the places that its pictures came from is there at the moment")
    return opened, missing


@contextmanager
def _writing(collection: Collection, report: Report) -> Iterator[None]:
    """The right to write, as soon as no other program has it."""
    while True:
        with ExitStack() as stack:
            try:
                stack.enter_context(collection.writing())
            except CollectionBusy:
                report.waiting()
                time.sleep(DEFAULT.retry)
                continue
            yield
            return
