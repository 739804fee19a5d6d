"""Why a job failed, in words that may be shown to anybody: no path, no advice for a command line."""

from collections.abc import Mapping
from typing import NamedTuple


class Failure(NamedTuple):
    """A reason: a stable word, and a sentence that says what is to be done."""

    code: str
    message: str


KEPT = "What was done until then is kept."
KILLED = Failure("killed", f"The work was ended from outside, as happens where memory is short. {KEPT} Start it again.")
FAULT = Failure("fault", f"The work ended by a fault in podoba. {KEPT} The server's terminal says more.")
OF_ERRORS: Mapping[str, Failure] = {
    "SourceError": Failure("source_gone", f"The pictures cannot be found at the moment. {KEPT} Is the disk connected?"),
    "ModelError": Failure("model_missing", "The model of this collection is not on this computer, or is damaged."),
    "DownloadError": Failure("model_missing", "The model of this collection is not on this computer, or is damaged."),
    "MissingExtra": Failure("extra_missing", "A part of podoba that this needs is not installed: the terminal names it."),
    "CollectionBusy": Failure("busy", f"Another program is writing to this collection. {KEPT} Start it again when that is done."),
    "CollectionError": Failure(
        "collection_refused", f"The collection cannot be written: the disk may be full, or the file damaged. {KEPT} The server's "
        "terminal says more."
    ),
    "OSError": Failure("disk", f"The disk could not be read or written; it may be full. {KEPT}"),
    "MemoryError": Failure("memory", f"There was too little memory. {KEPT}"),
}  # fmt: skip


def failure_of(error: str) -> Failure:
    """What is said of an error, by the name of its class."""
    return OF_ERRORS.get(error, FAULT)
