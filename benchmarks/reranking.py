"""What every way of re-ranking does to the answers, on labelled images: `python benchmarks/reranking.py SOURCE...`.

Every query is an item of the collection and no hit of itself (leave-one-out); MAP@R, precision@10 and recall@1, and how many
queries are answered better and worse than without.
"""

from __future__ import annotations

import time

import numpy as np

from labelled import K, answered, arguments, collections, print_rows
from podoba.collection.candidates import RERANKERS


def main() -> None:
    """Print a table for each source."""
    for data in collections(arguments(__doc__ or "").parse_args()):
        print(f"\n{data.name}: {sum(data.counts.values())} images of {len(data.counts)} classes, {len(data.queries)} queries\n")
        scores: dict[str, list[tuple[float, float, float]]] = {}
        rows = []
        for name in (None, *RERANKERS):
            started = time.process_time()
            found = [data.collection.search(f"id:{item.id}", k=K, rerank=name).hits for item in data.queries]
            seconds = (time.process_time() - started) / len(found)
            answers = [
                answered(hits, one.label, data.counts[one.label] - 1) for hits, one in zip(found, data.queries, strict=True)
            ]
            scores[name or "none"] = answers
            means = np.mean(answers, axis=0)
            gains = np.array(answers)[:, 0] - np.array(scores["none"])[:, 0]
            better, worse = float((gains > 1e-9).mean()), float((gains < -1e-9).mean())
            rows.append(
                [name or "none", *(f"{mean:.4f}" for mean in means), f"{better:.0%}", f"{worse:.0%}", f"{1000 * seconds:.0f}"]
            )
        print_rows(["re-ranking", "MAP@R", "precision@10", "recall@1", "better", "worse", "ms"], rows)


if __name__ == "__main__":
    main()
