"""Fill in the catalogue of published models: the commit, the sha256 and the size of each file, as the hub states them now.

    python recipes/catalogue/pin.py                    # entries without a commit yet
    python recipes/catalogue/pin.py --check            # whether what is pinned is still there; writes nothing
    python recipes/catalogue/pin.py --anew dinov2-small

Needs a network; files that the hub keeps in git, which are small, are fetched to compute their sha256. Look at the difference
before it is committed: whoever pulls a model afterwards gets these bytes or an error.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

from podoba.errors import PodobaError
from podoba.models.hub.files import RepositoryFiles
from podoba.models.hub.site import Hub
from podoba.models.published.catalogue import FILE, Entry, read_catalogue
from podoba.models.published.layout import TOKENIZERS


def pinned(entry: Entry, commit: str | None, hub: Hub) -> dict[str, Any]:
    """The facts of an entry that change: revision, sha256 of the graphs, their outside weights and the tokenizer, and megabytes.

    Args:
        commit: whose files are looked at; None: what `main` stands for now.
    """
    files = RepositoryFiles(hub, entry.repository, commit or "main")
    found: dict[str, Any] = {"sha256": {}}
    for graph, beside, field in ((entry.image, (), "megabytes"), (entry.text, TOKENIZERS[:1], "text_megabytes")):
        if graph is None:
            continue
        file = files.facts(graph)
        if file is None:
            raise PodobaError(f"{entry.repository}: has no file {graph} at {files.revision}: mend the catalogue")
        facts = files.around(file, beside)
        found["sha256"] |= {part.path: files.sha256_of(part) for part in facts}
        found[field] = math.ceil(sum(part.size or 0 for part in facts) / 1e6)
    return {"revision": files.revision} | found


def main() -> int:
    """Fill in, or check; the exit status is 1 where what is pinned is no longer so."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", nargs="?", type=Path, default=FILE, help="the catalogue; default: the package's own")
    parser.add_argument("--check", action="store_true", help="compare with what is pinned; write nothing")
    parser.add_argument("--anew", nargs="*", default=[], metavar="NAME", help="pin these to what main stands for now")
    arguments = parser.parse_args()
    hub, wrong = Hub(), 0
    facts: dict[str, dict[str, Any]] = json.loads(arguments.file.read_text(encoding="utf-8"))
    for name, entry in read_catalogue(arguments.file).items():
        if not arguments.check and entry.revision is not None and name not in arguments.anew:
            continue
        try:
            found = pinned(entry, entry.revision if arguments.check else None, hub)
        except PodobaError as error:
            print(f"{name}: {error}")
            wrong += 1
            continue
        if not arguments.check:
            facts[name] |= found
            print(f"{name}: pinned to {found['revision']}")
            continue
        changed = {path for path, sha256 in entry.sha256.items() if found["sha256"].get(path) != sha256}
        wrong += bool(changed)
        print(
            f"{name}: {'changed: ' + ', '.join(sorted(changed)) if changed else 'as pinned' if entry.revision else 'not pinned'}"
        )
    if not arguments.check:
        arguments.file.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main())
