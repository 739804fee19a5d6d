"""The job `map`: the UMAP map of a collection is made and kept beside it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podoba.collection.collection import Collection
from podoba.serve.jobs.report import Report


def make(path: Path, arguments: Mapping[str, Any], report: Report) -> Mapping[str, Any]:
    """Make the map; nothing is written to the collection itself, so that other programs may write to it meanwhile.

    Args:
        arguments: `again`: it is made anew, whatever is kept.

    Raises:
        PodobaError: as `Collection.map`.
    """
    report.progress("reading descriptors", 0, 0)
    with Collection.open(path, read_only=True) as collection:
        made = collection.map("umap", again=bool(arguments.get("again")), on_progress=report.progress)
    return {"points": len(made.points), "fitted": made.fitted, "seconds": round(made.seconds, 1)}
