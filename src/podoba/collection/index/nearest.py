"""What a search among descriptors found."""

from typing import NamedTuple

from podoba.arrays import Floats, Indices


class Nearest(NamedTuple):
    """The items nearest to each query, most similar first.

    Attributes:
        numbers: int64 (Q, k), `items.number`; fewer columns where fewer items were to be found.
        similarities: float32 (Q, k), cosine.
        exact: whether no nearer item can have been missed.
        descriptors: float32 (Q, k, dim), unit length, of these items; None where they are not carried.
    """

    numbers: Indices
    similarities: Floats
    exact: bool
    descriptors: Floats | None = None
