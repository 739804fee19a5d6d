"""Pixels decoded once: a memory-mapped store of small square images, named by data fingerprint and size."""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices
from podoba.cache.location import cache_dir, mark_used
from podoba.errors import TrainingError
from podoba.files import new_folder_beside, reserve
from podoba.images.contents import Contents, noting_contents
from podoba.images.reading import read_batches
from podoba.images.record import Skipped
from podoba.images.resize import PixelRule
from podoba.images.sources.base import ImageSource
from podoba.progress import OnProgress, silent

VERSION = 2


@dataclass(frozen=True)
class PixelStore:
    """The readable images of a source.

    Attributes:
        images: uint8 (N, size, size, 3), memory-mapped.
        labels: class name of each, or None.
        ids: record id of each.
        contents: SHA-256 of the bytes of each.
        skipped: images that could not be read, with the reason.
        key: name of this store among all: what it was made of.
        source_rows: int64 (N,), where each image stands among the records of its source.
    """

    images: NDArray[np.uint8]
    labels: list[str | None]
    ids: list[str]
    contents: list[str]
    skipped: list[Skipped]
    key: str
    source_rows: Indices

    def __len__(self) -> int:
        return len(self.images)


def open_pixels(
    source: ImageSource, rule: PixelRule, progress: OnProgress = silent, *, rows: Indices | None = None
) -> PixelStore:
    """The pixel store of a source, decoded now if it is not in the cache yet.

    Args:
        rows: int64, the records of the source that are wanted; the others are not decoded. None: all.

    Raises:
        TrainingError: not one image of the source could be read.
        OSError: there is no room for them on the disk.
    """
    wanted = source if rows is None else source.subset(rows.tolist())
    key = hashlib.sha256(json.dumps([VERSION, wanted.fingerprint(), asdict(rule)]).encode()).hexdigest()[:16]
    folder = cache_dir() / "pixels" / key
    if not (folder / "store.json").exists():
        _build(wanted, rule, folder, progress)
    mark_used(folder / "store.json")
    facts = json.loads((folder / "store.json").read_text(encoding="utf-8"))
    if not facts["ids"]:
        raise TrainingError(f"{source.name}: not one image can be read ({_first(facts['skipped'])})")
    images = np.load(folder / "images.npy", mmap_mode="r")[: len(facts["ids"])]
    skipped = [Skipped(**row) for row in facts["skipped"]]
    places = _source_rows(source, facts["ids"])
    return PixelStore(images, facts["labels"], facts["ids"], facts["contents"], skipped, key, places)


def _source_rows(source: ImageSource, ids: list[str]) -> Indices:
    if len(ids) == len(source):
        return np.arange(len(ids))
    place = {record.id: i for i, record in enumerate(source.records)}
    return np.array([place[id_] for id_ in ids], dtype=np.int64)


def _build(source: ImageSource, rule: PixelRule, folder: Path, progress: OnProgress) -> None:
    draft = new_folder_beside(folder)
    try:
        shape = (max(len(source), 1), rule.size, rule.size, 3)
        images = np.lib.format.open_memmap(draft / "images.npy", mode="w+", dtype=np.uint8, shape=shape)
        with (draft / "images.npy").open("r+b") as file:
            reserve(file, os.fstat(file.fileno()).st_size, folder.parent)
        labels: list[str | None] = []
        ids: list[str] = []
        contents: Contents = {}
        skipped: list[Skipped] = list(source.problems)
        reading = noting_contents(source.records, contents)
        for records, pixels in read_batches(reading, rule, batch_size=256, skipped=skipped):
            images[len(ids) : len(ids) + len(pixels)] = pixels
            labels.extend(record.label for record in records)
            ids.extend(record.id for record in records)
            progress("decoding", len(ids) + len(skipped), len(source))
        images.flush()
        facts = {
            "labels": labels, "ids": ids, "contents": [contents[id_] for id_ in ids],
            "skipped": [asdict(row) for row in skipped],
        }  # fmt: skip
        (draft / "store.json").write_text(json.dumps(facts), encoding="utf-8")
        try:
            os.replace(draft, folder)
        except OSError:  # another process was faster; its store is the same
            if not (folder / "store.json").exists():
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _first(skipped: Sequence[dict[str, str]]) -> str:
    return f"the first: {skipped[0]['uri']}: {skipped[0]['reason']}" if skipped else "it has none"
