"""Ground truth of Oxford and Paris as files: which gallery images show what a query shows."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from podoba.errors import SourceError

Protocol = Literal["original", "revisited"]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Query:
    """A query of the ground truth.

    Attributes:
        name: file name of the query image, without ending.
        box: left, top, right, bottom in pixels of what is sought.
        lists: gallery names of each kind: good, ok, junk, or easy, hard, junk.
    """

    name: str
    box: Box
    lists: dict[str, list[str]]


@dataclass(frozen=True)
class GroundTruth:
    """Queries, and the protocol they are scored by.

    Attributes:
        gallery: names of the gallery images in order, where the ground truth lists them.
    """

    queries: list[Query]
    protocol: Protocol
    gallery: list[str] | None = None


def read_ground_truth(path: Path) -> GroundTruth:
    """A folder of `*_query.txt`, `*_good.txt`, `*_ok.txt`, `*_junk.txt` (original), or a `.json` of the revisited form.

    The revisited ground truth is published as a pickle, which is never read here: a pickle can run code. Where you trust it,
    `json.dump(pickle.load(open(NAME, "rb")), open("gnd.json", "w"), default=lambda x: x.tolist())` makes what is read here.

    Raises:
        SourceError: files that are missing or not of this form.
    """
    try:
        return _read_folder(path) if path.is_dir() else _read_json(path)
    except (OSError, ValueError, KeyError, TypeError, IndexError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else f"{type(error).__name__}: {error}"
        raise SourceError(
            f"{path}: no ground truth can be read here ({reason}): name a folder of *_query.txt files "
            "or a .json with imlist, qimlist and gnd"
        ) from error


def _read_folder(path: Path) -> GroundTruth:
    queries = []
    for file in sorted(path.glob("*_query.txt")):
        name, *box = file.read_text(encoding="utf-8").split()
        stem = file.name.removesuffix("_query.txt")
        lists = {kind: (path / f"{stem}_{kind}.txt").read_text(encoding="utf-8").split() for kind in ("good", "ok", "junk")}
        queries.append(_query(name.removeprefix("oxc1_"), box, lists))
    if not queries:
        raise ValueError("no *_query.txt")
    return GroundTruth(queries, "original")


def _read_json(path: Path) -> GroundTruth:
    values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    gallery = [str(name) for name in values["imlist"]]
    queries = []
    for name, truth in zip(values["qimlist"], values["gnd"], strict=True):
        lists = {kind: [gallery[int(i)] for i in truth[kind]] for kind in ("easy", "hard", "junk")}
        queries.append(_query(str(name), truth["bbx"], lists))
    if not queries:
        raise ValueError("qimlist is empty")
    return GroundTruth(queries, "revisited", gallery)


def _query(name: str, box: list[Any], lists: dict[str, list[str]]) -> Query:
    left, top, right, bottom = (float(side) for side in box)
    names = [gallery_name for kind in lists.values() for gallery_name in kind]
    if len(set(names)) < len(names):
        raise ValueError(f"an image is listed twice for {name}")
    return Query(name, (left, top, right, bottom), lists)
