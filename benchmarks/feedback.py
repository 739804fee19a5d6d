"""What marks do to the answers, on labelled images: `python benchmarks/feedback.py SOURCE...`.

Feedback: of every query (an item, leave-one-out) the nearest are marked by their labels; MAP@R and precision@10 of the images
that were not marked, before and after. Near: the marks of the item most like the query, where the two are near enough to share
them. Training: the ten nearest of `--marked` queries are marked, `podoba train --from-feedback` learns from them; the scores of
images that were neither asked with nor marked, leave-one-out among themselves, before and after.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from safetensors.numpy import load_file

from labelled import K, Labelled, answered, arguments, collections, print_rows
from podoba.collection.search.results import Hit
from podoba.collection.storage.items import Item
from podoba.errors import TrainingError
from podoba.learn.feedback.train import train_from_feedback
from podoba.metrics.retrieval import retrieval_metrics
from podoba.ranking.relevance_feedback import METHODS


def main() -> None:
    """Print tables for each source."""
    parser = arguments(__doc__ or "")
    parser.add_argument("--marks", type=int, nargs="+", default=[3, 10], help="results that are marked of a query")
    parser.add_argument("--marked", type=int, default=100, help="queries to train from, at most a fifth of the images")
    options = parser.parse_args()
    for data in collections(options):
        print(f"\n{data.name}: {sum(data.counts.values())} images of {len(data.counts)} classes, {len(data.queries)} queries\n")
        rows = [row for count in options.marks for row in feedback(data, count)]
        print_rows(["marks", "way", "MAP@R", "precision@10", "better", "worse"], [*rows, *near(data)])
        training(data, options)


def mark(data: Labelled, item: Item, hits: Sequence[Hit]) -> None:
    """Mark hits by their labels."""
    right = [hit.id for hit in hits if hit.label == item.label]
    data.collection.mark(f"id:{item.id}", right=right, wrong=[hit.id for hit in hits if hit.label != item.label])


def feedback(data: Labelled, count: int) -> list[list[str]]:
    """Rows without feedback and for every way of it."""
    scores: dict[str | None, list[tuple[float, ...]]] = {name: [] for name in (None, *METHODS)}
    for item in data.queries:
        first = data.collection.search(f"id:{item.id}", k=count).hits
        mark(data, item, first)
        marked = {hit.id for hit in first}
        there = data.counts[item.label] - 1 - sum(hit.label == item.label for hit in first)
        for name, rows in scores.items():
            if there:
                hits = data.collection.search(f"id:{item.id}", k=K + count, feedback=name).hits
                rows.append(answered([hit for hit in hits if hit.id not in marked], item.label, there)[:2])
        data.collection.forget()
    return _rows(str(count), scores)


def near(data: Labelled) -> list[list[str]]:
    """Rows without feedback and for every way of it, with the marks of another query."""
    scores: dict[str | None, list[tuple[float, ...]]] = {name: [] for name in (None, *METHODS)}
    for item in data.queries:
        other = data.collection.item(data.collection.search(f"id:{item.id}", k=1).hits[0].id)
        hits = [hit for hit in data.collection.search(f"id:{other.id}", k=11).hits if hit.id != item.id][:10]
        mark(data, other, hits)
        shared = data.collection.search(f"id:{item.id}", k=1, feedback="rocchio").marks
        left_out = {hit.id for hit in hits} | {other.id}
        there = data.counts[item.label] - 1 - sum(data.collection.item(id_).label == item.label for id_ in left_out)
        for name, rows in scores.items():
            if shared and there:
                found = data.collection.search(f"id:{item.id}", k=K + 11, feedback=name).hits
                rows.append(answered([hit for hit in found if hit.id not in left_out], item.label, there)[:2])
        data.collection.forget()
    return _rows(f"10 of a near query ({len(scores[None])} queries)", scores) if scores[None] else []


def training(data: Labelled, options: argparse.Namespace) -> None:
    """Print what is found before and after learning from marks."""
    items = data.collection.items()
    order = np.random.default_rng(1).permutation(len(items))
    asked = order[: min(options.marked, len(items) // 5)]
    seen = {items[i].id for i in asked}
    for i in asked:
        hits = data.collection.search(f"id:{items[i].id}", k=10).hits
        mark(data, items[i], hits)
        seen |= {hit.id for hit in hits}
    rest = [item for item in items if item.id not in seen]
    before = np.stack([data.collection.store.descriptors.get(item.id) for item in rest])
    with TemporaryDirectory() as folder:
        try:
            summary = train_from_feedback(data.collection, Path(folder) / "run")
        except TrainingError as error:
            print(f"\ntraining: {error}")
            return
        head = load_file(Path(folder) / "run" / "head.safetensors")
    after = before + before @ head["change"].T + head["shift"]
    after /= np.linalg.norm(after, axis=1, keepdims=True)
    labels = np.array([item.label or "" for item in rest])
    means = [retrieval_metrics(descriptors, labels).means() for descriptors in (before, after)]
    told = ", ".join(f"{name} {means[0][name]:.4f} before, {means[1][name]:.4f} after" for name in ("map@r", "map", "recall@1"))
    print(
        f"\ntraining, {summary.marks} marks of {summary.queries} queries, {summary.steps} steps; {len(rest)} other images: {told}"
    )


def _rows(marks: str, scores: dict[str | None, list[tuple[float, ...]]]) -> list[list[str]]:
    rows = []
    for name, answers in scores.items():
        gains = np.array(answers)[:, 0] - np.array(scores[None])[:, 0]
        better, worse = float((gains > 1e-9).mean()), float((gains < -1e-9).mean())
        rows.append(
            [marks, name or "none", *(f"{mean:.4f}" for mean in np.mean(answers, axis=0)), f"{better:.0%}", f"{worse:.0%}"]
        )
    return rows


if __name__ == "__main__":
    main()
