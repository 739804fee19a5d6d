"""podoba's side of benchmarks/duplicates.py: a folder indexed and its duplicates found; prints one JSON object.

Run by benchmarks/duplicates.py: python podoba_duplicates.py FOLDER COLLECTION OUT.json
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from importlib.metadata import version
from itertools import combinations
from pathlib import Path

from podoba.collection.collection import Collection
from podoba.images.sources.open import open_source
from podoba.models.bundled import DEFAULT_MODEL
from podoba.models.names import open_model

KINDS = ("identical", "same picture", "flipped or rotated", "cropped or edited")


def main() -> None:
    """Index, find, find again with what was kept; write the pairs of every group with their kinds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("collection", type=Path)
    parser.add_argument("out", type=Path)
    arguments = parser.parse_args()
    started = time.perf_counter()
    with Collection.open(arguments.collection, create=True) as collection:
        collection.index_sources([open_source(arguments.folder)], open_model(DEFAULT_MODEL), model=DEFAULT_MODEL)
        collection.refresh_index()
        indexed = time.perf_counter() - started
        found = collection.find_duplicates(kinds=KINDS)
        seconds = time.perf_counter() - started
        again = time.perf_counter()
        collection.find_duplicates(kinds=KINDS)
        again = time.perf_counter() - again
    pairs = []
    for group in found.groups:
        kinds = {Path(copy.item.uri).name: copy.kind for copy in group.copies}
        names = [Path(copy.item.uri).name for copy in [group.keep, *group.copies]]
        # Each is what it is to the one that is kept, the first; what two copies are to each other is not said.
        pairs += [[*sorted(pair), kinds[pair[1]] if pair[0] == names[0] else ""] for pair in combinations(names, 2)]
    arguments.out.write_text(json.dumps(pairs), encoding="utf-8")
    facts = {"seconds": seconds, "index": indexed, "find": seconds - indexed, "find_again": again}
    sys.stdout.write(json.dumps(facts | {"version": f"podoba {version('podoba')}"}) + "\n")


if __name__ == "__main__":
    main()
