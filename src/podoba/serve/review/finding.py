"""The job `duplicates`: groups are found, and kept for the review."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podoba.collection.collection import Collection
from podoba.collection.duplicates.results import KINDS
from podoba.serve.jobs.report import Report
from podoba.serve.review.found import found_of, save


def find(path: Path, arguments: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
    """Find duplicates; the collection is only read.

    Args:
        arguments: `kinds`: words of `KINDS`, None: all; `where`: a filter, None: all items.

    Raises:
        CollectionError: as `find_duplicates`.
        OSError: what was found cannot be kept.
    """
    kinds, where = arguments.get("kinds") or KINDS, arguments.get("where")
    with Collection.open(path, read_only=True) as collection:
        generation = collection.store.database.generation
        found = collection.find_duplicates(kinds=kinds, where=where, on_progress=report.progress)
        save(found_of(found, kinds, where, generation), collection.index.cache.folder)
    report.skipped.extend(found.skipped)
    report.say_skipped()
    copies = sum(len(group.copies) for group in found.groups)
    return {"groups": len(found.groups), "copies": copies, "seconds": round(found.seconds, 1)}
