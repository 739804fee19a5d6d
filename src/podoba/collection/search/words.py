"""Words among the parts of a query, and how their similarities are brought to one scale with those of pictures.

The descriptors of words lie apart from those of pictures: all their similarities are low and near each other, so that in a plain
sum pictures alone would count. Each part therefore counts by its z-score: by how many standard deviations of the whole collection
an item is more like it than the mean. A weighted sum of z-scores is linear in the item's descriptor, and so it is one descriptor
again, which is searched for like any other.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.models.text import plain_text

WORDS = "text:"
PAIRED = 1000  # items that are compared with each other
SMALLEST = 1e-6  # deviation: of similarities that are all the same there is no scale


@dataclass(frozen=True)
class Scale:
    """What is usual in a collection.

    Attributes:
        mean, deviation: of the similarities of all items (or a sample) to a query.
        picture_mean, picture_deviation: of the similarities of its items to each other.
    """

    mean: float
    deviation: float
    picture_mean: float
    picture_deviation: float

    def scores(self, similarities: Floats) -> NDArray[np.float64]:
        """By how many standard deviations similarities (n,) lie above the mean of the collection."""
        scores: NDArray[np.float64] = (similarities.astype(np.float64) - self.mean) / self.deviation
        return scores

    def as_of_pictures(self, similarities: Floats) -> NDArray[np.float64]:
        """Similarities (n,) to words on the scale of those between pictures."""
        return self.picture_mean + self.picture_deviation * self.scores(similarities)


def is_words(image: object) -> bool:
    """Whether what is searched for is `text:...`."""
    return isinstance(image, str) and image.startswith(WORDS)


def words_of(image: object) -> str:
    """The words of `text:...`, as `plain_text` has them. Raises `ValueError` where there are none."""
    return plain_text(str(image).removeprefix(WORDS))


def deviations(sample: Floats, queries: Floats) -> NDArray[np.float64]:
    """Of each query (q, dim) the standard deviation of its similarities to a sample (n, dim); 1 where they are all the same."""
    found = (sample.astype(np.float64) @ queries.T.astype(np.float64)).std(axis=0)
    return np.where(found < SMALLEST, 1.0, found)


def scale_of(sample: Floats, query: Floats) -> Scale:
    """The scale of a query (dim,) in a collection of which a sample (n, dim) is given."""
    to_query = sample.astype(np.float64) @ query.astype(np.float64)
    some = sample[:PAIRED]
    among = (some @ some.T)[~np.eye(len(some), dtype=np.bool_)].astype(np.float64)
    return Scale(
        float(to_query.mean()),
        float(deviations(sample, query[None])[0]),
        float(among.mean()) if len(among) else 0.0,
        float(among.std()) if len(among) else 1.0,
    )
