"""podoba's side of benchmarks/search.py: a collection with its index, and exact search."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from podoba.collection.collection import Collection
from podoba.collection.index.settings import IndexSettings
from podoba.collection.storage.items import Item
from podoba.models.card import Card
from vector_runner import Floats, Ids, K, main

SETTINGS = IndexSettings(exact_bytes=0)  # small trials too
PART = 10_000  # items put at a time


@dataclass(frozen=True)
class Unknown:
    """A model that is not here."""

    card: Card
    fingerprint: str = "0123456789abcdef"
    path: Path = Path("/models/none.onnx")


class Podoba:
    """A collection, through the interface that every search of podoba goes through."""

    settings = SETTINGS
    widths: Sequence[int] = SETTINGS.widths
    asked = 1000

    def build(self, base: Floats, buckets: Ids, labels: Ids, folder: Path) -> dict[str, float]:
        """Fill a collection (`put`, seconds), then derive its index (`index`, seconds)."""
        started = time.perf_counter()
        with (
            Collection.open(folder / "items.podoba", create=True, index_settings=self.settings) as collection,
            collection.writing(),
        ):
            card = Card.make(name="none", input_size=1, dim=base.shape[1], backbone="none")
            collection.claim(Unknown(card), "none")
            for start in range(0, len(base), PART):
                rows = range(start, min(start + PART, len(base)))
                items = [_item(row, int(buckets[row]), int(labels[row])) for row in rows]
                collection.put(items, base[rows.start : rows.stop])
            put = time.perf_counter() - started
            why = collection.refresh_index()
            if why is not None:
                print(why)
        return {"put": put, "index": time.perf_counter() - started - put}

    def open(self, folder: Path, threads: int) -> None:
        """Open the collection, and map what a search needs."""
        import faiss

        faiss.omp_set_num_threads(threads)
        self.collection = Collection.open(folder / "items.podoba", read_only=True)
        self.view = self.collection.index.view()

    def search(self, queries: Floats, width: int) -> Ids:
        """By the index, at another width than the one it was tuned to."""
        if self.view.index is not None:
            self.view.index.width = width
        return self.collection.nearest(queries, K).numbers - 1

    def search_where(self, query: Floats, condition: tuple[str, int], width: int) -> Ids | None:
        """By the filter language."""
        column, value = condition
        where = f"width < {value}" if column == "bucket" else f"label == '{value}'"
        found: Ids = self.collection.nearest(query, K, where).numbers[0] - 1
        return found


class PodobaExact(Podoba):
    """The same without an index, for which it has no memory: descriptors in a mapped file."""

    settings = replace(SETTINGS, memory_share=0.0)
    widths = (0,)
    asked = 200


def _item(row: int, bucket: int, label: int) -> Item:
    return Item(
        f"{row:016x}", f"/photographs/{row // 1000}/{row}.jpg", "/photographs", str(label), f"{row:064x}", 100_000 + row,
        f"{100_000 + row}-1", bucket, 1000, "JPEG", {},
    )  # fmt: skip


if __name__ == "__main__":
    main({"podoba": Podoba, "podoba-exact": PodobaExact})
