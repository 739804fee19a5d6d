"""Instance retrieval on Oxford and Paris: the original protocol and the revisited one.

Philbin et al., "Object retrieval with large vocabularies and fast spatial matching" (2007) and "Lost in quantization" (2008);
Radenović et al., "Revisiting Oxford and Paris" (2018). Junk images count neither as right nor as wrong: they are taken out of the
ranking.
"""

from collections.abc import Sequence

import numpy as np

from podoba.arrays import BLOCK_NUMBERS, Floats, Images, Indices, similarity_blocks
from podoba.errors import SourceError
from podoba.metrics.ground_truth import GroundTruth, Query
from podoba.metrics.retrieval import ranking

Scores = dict[str, dict[str, float | None]]  # by difficulty, by name of the metric
PROTOCOLS: dict[str, dict[str, tuple[tuple[str, ...], tuple[str, ...]]]] = {
    # of each difficulty: which lists are positive, which are junk
    "original": {"original": (("good", "ok"), ("junk",))},
    "revisited": {
        "easy": (("easy",), ("hard", "junk")),
        "medium": (("easy", "hard"), ("junk",)),
        "hard": (("hard",), ("easy", "junk")),
    },
}


def score_instances(
    queries: Floats,
    gallery: Floats,
    gallery_names: Sequence[str],
    truth: GroundTruth,
    ks: Sequence[int] = (1, 5, 10),
    images: Images | None = None,
    numbers_at_once: int = BLOCK_NUMBERS,
) -> Scores:
    """`map` and `mp@k` (mean precision at k) of each difficulty of the protocol; None where no query has a positive.

    The revisited protocol has no query in its gallery: where one is there all the same, as `images` tell, it is junk. The
    original protocol has them all there, and its lists say what they count.

    Args:
        queries: float32 (Q, D), unit length, in the order of `truth.queries`.
        gallery: float32 (G, D), unit length, with file names without ending (G,).
        ks: depths of the precision.
        images: which image a query and a gallery row is; None: no query is in the gallery.
        numbers_at_once: similarities in memory.

    Raises:
        SourceError: a name of the ground truth that is not in the gallery.
    """
    row_of = {name: row for row, name in enumerate(gallery_names)}
    difficulties = PROTOCOLS[truth.protocol]
    per_query: dict[str, list[tuple[float, ...]]] = {difficulty: [] for difficulty in difficulties}
    for rows, block in similarity_blocks(queries, gallery, numbers_at_once=numbers_at_once):
        for number, order in zip(rows, ranking(block), strict=True):
            query, own = truth.queries[number], np.empty(0, dtype=np.int64)
            if images is not None and truth.protocol == "revisited":
                own = np.flatnonzero(images[1] == images[0][number])
            for difficulty, (positive_lists, junk_lists) in difficulties.items():
                positives = np.setdiff1d(_rows(query, positive_lists, row_of), own)
                if len(positives):
                    junk = np.concatenate([_rows(query, junk_lists, row_of), own])
                    per_query[difficulty].append(_scores(order, positives, junk, ks))
    names = ["map", *(f"mp@{k}" for k in ks)]
    return {
        difficulty: {name: float(np.mean([row[i] for row in scores])) if scores else None for i, name in enumerate(names)}
        for difficulty, scores in per_query.items()
    }


def average_precision(places: Indices) -> float:
    """Area under precision against recall, by trapezoids, as the sets' own program computes it.

    Args:
        places: int64 (R,), places of the positives from 0, rising, junk taken out.
    """
    hits_before = np.arange(len(places))
    precision_before = np.where(places == 0, 1.0, hits_before / np.maximum(places, 1))
    precision_there = (hits_before + 1) / (places + 1)
    return float(((precision_before + precision_there) / 2).mean())


def _scores(order: Indices, positives: Indices, junk: Indices, ks: Sequence[int]) -> tuple[float, ...]:
    """Average precision and precisions at `ks` of a ranking (G,) of gallery rows."""
    kept = order[~np.isin(order, junk)]
    places = np.flatnonzero(np.isin(kept, positives))
    precisions = []
    for k in ks:
        # As published: the depth ends at the last positive where that comes before k.
        depth = min(int(places[-1]) + 1, k)
        precisions.append(float((places < depth).sum() / depth))
    return (average_precision(places), *precisions)


def _rows(query: Query, kinds: Sequence[str], row_of: dict[str, int]) -> Indices:
    """Gallery rows, int64 (n,), of the images in some lists of a query."""
    names = [name for kind in kinds for name in query.lists[kind]]
    missing = [name for name in names if name not in row_of]
    if missing:
        raise SourceError(
            f"{missing[0]!r} of the ground truth of {query.name} is not among the gallery images: name all images of the set"
        )
    return np.array([row_of[name] for name in names], dtype=np.int64)
