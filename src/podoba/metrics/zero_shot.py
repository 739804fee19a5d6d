"""Class names as queries: which class each image's descriptor is nearest to, by the descriptors of the classes' names."""

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.metrics.intervals import bootstrap_share

WORDNET = re.compile(r"n\d{8}[\s_-]+")
TOP = 5
WORST = 5  # classes that are named


@dataclass(frozen=True)
class ZeroShot:
    """How often images were nearest to the name of their own class.

    Attributes:
        top1, top5: share of images whose class is the nearest, or among the five nearest; the latter is None where there are no
            more than five classes.
        intervals: of these by their names, 95%.
        precision_at_10: share of a name's ten nearest images that are of its class, the mean over the names.
        chance: of `top1`, by guessing.
        worst: the classes with the least of `top1`, with it, the worst first.
    """

    images: int
    classes: int
    top1: float
    top5: float | None
    intervals: dict[str, tuple[float, float]]
    precision_at_10: float
    chance: float
    worst: list[tuple[str, float]]

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba evaluate --zero-shot --json`, but for the model's name."""
        return asdict(self)


def words_of_label(label: str) -> str:
    """A label as words: without a WordNet id before it, with spaces for `_` and `-`."""
    return " ".join(re.sub(r"[_-]", " ", WORDNET.sub("", label, count=1)).split())


def zero_shot(images: Floats, labels: Sequence[str], classes: Sequence[str], names: Floats) -> ZeroShot:
    """Score images (n, D) of these labels by the descriptors of the names (c, D) of all classes; both of unit length.

    An image whose similarities to two names are equal counts as nearest to the first of them.
    """
    own = np.array([classes.index(label) for label in labels])
    similarities = images @ names.T
    order = np.argsort(-similarities, axis=1, kind="stable")
    places = np.argmax(order == own[:, None], axis=1)
    first = (places == 0).astype(np.float64)
    shares = {"top1": first}
    if len(classes) > TOP:
        shares["top5"] = (places < TOP).astype(np.float64)
    by_class = [(name, float(first[own == row].mean())) for row, name in enumerate(classes)]
    return ZeroShot(
        len(images),
        len(classes),
        float(first.mean()),
        float(shares["top5"].mean()) if "top5" in shares else None,
        {name: bootstrap_share(values) for name, values in shares.items()},
        _precision(similarities, own),
        1 / len(classes),
        sorted(by_class, key=lambda row: row[1])[:WORST],
    )


def _precision(similarities: Floats, own: NDArray[np.int64]) -> float:
    """Of each name the share of its class among its ten nearest images, or among as many as the class has; their mean."""
    shares = []
    for row in range(similarities.shape[1]):
        right = own == row
        count = min(10, int(right.sum()))
        nearest = np.argsort(-similarities[:, row], kind="stable")[:count]
        shares.append(float(right[nearest].mean()))
    return float(np.mean(shares))
