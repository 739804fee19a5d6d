"""Which files of a folder of shards are of the last listing of their source."""

import hashlib
import json
from collections.abc import Iterable, Sequence

from podoba.errors import CollectionError
from podoba.scale.encoding.outputs import OutputFolder

LISTING = ".listing.json"


def note_listing(out: str, sources: Sequence[str], fingerprint: str, names: Iterable[str]) -> None:
    """Write down that sources were listed to their end, and which shards they have: earlier ones are stale from then on.

    Args:
        out: the folder of the shards.
        sources: as they were named; a later listing of the same ones takes the place of this one.
        fingerprint: of the model.
        names: of the shards' files, as `output_name` gives them.

    Raises:
        CollectionError, SourceError: it cannot be written.
    """
    name = hashlib.sha256(json.dumps([fingerprint, *sources]).encode()).hexdigest()
    with OutputFolder(out).writing(name + LISTING) as draft:
        values = {"sources": list(sources), "fingerprint": fingerprint, "shards": sorted(names)}
        draft.write_text(json.dumps(values, indent=0) + "\n", encoding="utf-8")


def current_shards(folder: OutputFolder, there: Iterable[str]) -> set[str] | None:
    """The names of the shards of all listings that were noted; None where there is no listing, so that all are current.

    Args:
        there: the names of the files in the folder.

    Raises:
        CollectionError: a listing is damaged.
    """
    current: set[str] | None = None
    for name in there:
        if name.endswith(LISTING):
            try:
                with folder.reading(name) as file:
                    current = (current or set()).union(json.loads(file.read())["shards"])
            except (OSError, ValueError, KeyError, TypeError) as error:
                raise CollectionError(f"{folder.at(name)}: cannot be read ({error}): remove it") from error
    return current
