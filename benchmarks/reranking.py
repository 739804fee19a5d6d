"""What every way of re-ranking does to the answers, on labelled images: `python benchmarks/reranking.py SOURCE...`.

Every query is an item of the collection and no hit of itself (leave-one-out); MAP@R, precision@10 and recall@1, and how many
queries are answered better and worse than without. `--variants` adds other numbers of neighbours and powers of whitening, and
unwanted images: the first wrong hit of every query, at several weights (it is no hit then, with whatever weight).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from labelled import K, Labelled, answered, arguments, collections, print_rows
from podoba.collection.search.options import SearchOptions
from podoba.collection.search.query import UNWANTED, Part
from podoba.collection.search.rerank import RERANKERS
from podoba.collection.search.results import Hit
from podoba.collection.search.search import search
from podoba.collection.search.settings import DEFAULT, SearchSettings
from podoba.collection.storage.items import Item

COLUMNS = ("re-ranking", "MAP@R", "precision@10", "recall@1", "better", "worse", "ms")
Ask = Callable[[Item], Sequence[Hit]]


def main() -> None:
    """Print a table for each source."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--variants", action="store_true")
    options = parser.parse_args()
    for data in collections(options):
        print(f"\n{data.name}: {sum(data.counts.values())} images of {len(data.counts)} classes, {len(data.queries)} queries\n")
        print_rows(COLUMNS, list(compared(data, [("none", by(data, None)), *((name, by(data, name)) for name in RERANKERS)])))
        if options.variants:
            print()
            print_rows(COLUMNS, list(compared(data, [("none", by(data, None)), *variants(data)])))
            print()
            print_rows(
                COLUMNS, list(compared(data, [(f"unwanted, {w:g}", unwanted(data, w)) for w in (0.001, 0.1, UNWANTED, 0.5, 1)]))
            )


def by(data: Labelled, name: str | None, settings: SearchSettings = DEFAULT) -> Ask:
    """Search with a method of re-ranking, under other settings."""

    def ask(item: Item) -> Sequence[Hit]:
        return search(data.collection.index, f"id:{item.id}", (), SearchOptions(K, rerank=name), settings=settings).hits

    return ask


def variants(data: Labelled) -> Iterator[tuple[str, Ask]]:
    """Other settings than those that are used."""
    for count in (1, 3, 10):
        yield f"query-expansion by {count}", by(data, "query-expansion", SearchSettings(expanded=count))
    for count in (3, 10):
        yield f"database-augmentation by {count}", by(data, "database-augmentation", SearchSettings(augmented=count))
    for power in (0.25, 0.5, 1.0):
        yield f"whitening ** {power:g}", by(data, "whitening", SearchSettings(whitening_power=power))


def unwanted(data: Labelled, weight: float) -> Ask:
    """Search with the first wrong hit as an unwanted image of this weight."""

    def ask(item: Item) -> Sequence[Hit]:
        hits = data.collection.search(f"id:{item.id}", k=K).hits
        wrong = [Part(f"id:{hit.id}", weight) for hit in hits if hit.label != item.label][:1]
        return data.collection.search(f"id:{item.id}", unwanted=wrong, k=K).hits

    return ask


def compared(data: Labelled, ways: Sequence[tuple[str, Ask]]) -> Iterator[list[str]]:
    """A row for each way, compared with the first."""
    first: list[float] = []
    for name, ask in ways:
        started = time.process_time()
        found = [ask(item) for item in data.queries]
        seconds = (time.process_time() - started) / len(found)
        scores = [answered(hits, one.label, data.counts[one.label] - 1) for hits, one in zip(found, data.queries, strict=True)]
        first = first or [score[0] for score in scores]
        gains = np.array([score[0] for score in scores]) - np.array(first)
        shares = [f"{float((gains > 1e-9).mean()):.0%}", f"{float((gains < -1e-9).mean()):.0%}"]
        yield [name, *(f"{mean:.4f}" for mean in np.mean(scores, axis=0)), *shares, f"{1000 * seconds:.0f}"]


if __name__ == "__main__":
    main()
