"""Diversity: an order of results that is of use as a whole, without one thing ten times."""

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats, Indices


def diversify(relevance: NDArray[np.floating], descriptors: Floats, k: int, diversity: float) -> Indices:
    """Maximal marginal relevance (Carbonell, Goldstein 1998): pick what is relevant and unlike what was picked before.

    The next one is that of largest (1 - diversity) * relevance - diversity * (its largest similarity to those picked); ties go
    to the lower row.

    Args:
        relevance: float (n,), on the scale of similarities.
        descriptors: float32 (n, D), unit length.
        k: how many to pick.
        diversity: 0 keeps the order of relevance, 1 looks at unlikeness alone (after the first, the most relevant).

    Returns:
        int64 (min(k, n),), rows in the order in which they were picked.

    Raises:
        ValueError: a diversity outside [0, 1].
    """
    if not 0 <= diversity <= 1:
        raise ValueError(f"diversity is between 0 and 1, this is {diversity}")
    n = len(relevance)
    picked = np.empty(min(k, n), dtype=np.int64)
    similarity_to_picked = np.full(n, -np.inf)  # of each to the nearest of those picked
    unpicked = np.ones(n, dtype=np.bool_)
    for place in range(len(picked)):
        scores = np.asarray(relevance, dtype=np.float64)
        if place:
            scores = (1 - diversity) * scores - diversity * similarity_to_picked
        best = int(np.argmax(np.where(unpicked, scores, -np.inf)))
        picked[place], unpicked[best] = best, False
        similarity_to_picked = np.maximum(similarity_to_picked, descriptors @ descriptors[best])
    return picked
