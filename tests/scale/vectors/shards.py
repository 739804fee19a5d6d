"""Folders of shards, as encoding writes them, without encoding."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from podoba.arrays import Floats
from podoba.collection.storage.items import Item
from podoba.collection.transfer.export import write_parquet
from podoba.collection.transfer.importer import ForeignModel
from podoba.scale.encoding.outputs import ShardFacts
from podoba.scale.encoding.skipped import SkippedImage, skipped_text


def write_shard(
    folder: Path, name: str, items: Sequence[Item], descriptors: Floats, model: ForeignModel, skipped: Sequence[SkippedImage] = ()
) -> Path:
    """One file of a shard, and what was skipped beside it."""
    folder.mkdir(exist_ok=True)
    facts = {"model": model.card.name, "path": str(model.path), "fingerprint": model.fingerprint, "card": model.card.to_json()}
    key = hashlib.sha256(name.encode()).hexdigest()
    path = folder / f"{key}.parquet"
    more = ShardFacts(key, "/photos", len(items), len(skipped)).metadata()
    write_parquet(path, items, descriptors, json.dumps(facts), more)
    if skipped:
        (folder / f"{key}.skipped.json").write_text(skipped_text("/photos", skipped), encoding="utf-8")
    return path


def write_shards(folder: Path, items: Sequence[Item], descriptors: Floats, model: ForeignModel, each: int) -> Path:
    """A folder of files of `each` items."""
    for start in range(0, len(items), each):
        some = slice(start, start + each)
        write_shard(folder, str(start), items[some], descriptors[some], model)
    return folder
