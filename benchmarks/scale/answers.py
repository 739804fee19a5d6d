"""Searches, one after the other: how long each took, and how much of what is truly nearest it found."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from scale.descriptors import Known, recall
from scale.figures import Figure
from search import K

if TYPE_CHECKING:
    from podoba.collection.vectors import Vectors

WARM_UP = 20


@dataclass(frozen=True)
class Answers:
    """What every query took.

    Attributes:
        seconds: of each.
        recalls: of each, against exact.
    """

    seconds: list[float]
    recalls: list[float]


def ask(vectors: Vectors, known: Known, *, filtered: bool) -> Answers:
    """Ask every query, alone or under its filter by a label that lies far from it."""
    seconds, recalls = [], []
    for number in range(-WARM_UP, len(known.queries)):
        row = number % len(known.queries)
        where, truth = (known.filters[row], known.under_filter[row]) if filtered else (None, known.nearest[row])
        begun = time.perf_counter()
        found = vectors.nearest(known.queries[row], K, where)
        if number >= 0:
            seconds.append(time.perf_counter() - begun)
            recalls.append(recall(found.numbers.ravel(), truth))
    return Answers(seconds, recalls)


def answer_figures(plain: Answers, filtered: Answers, of: str = "") -> list[Figure]:
    """Times and recall of both; `of` stands before what is told."""
    (p50, p99), (far50, far99) = (np.percentile(answers.seconds, [50, 99]) * 1000 for answers in (plain, filtered))
    return [
        Figure(f"{of}search p50", p50, "ms"),
        Figure(f"{of}search p99", p99, "ms"),
        Figure(f"{of}recall@10 against exact", float(np.mean(plain.recalls)), "", 0.95),
        Figure(f"{of}p50 under a filter by a label far from the query", far50, "ms"),
        Figure(f"{of}p99 under it", far99, "ms"),
        Figure(f"{of}recall@10 under it", float(np.mean(filtered.recalls)), "", 0.99),
    ]
