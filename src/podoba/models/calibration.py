"""From the similarity of two images to the chance that they are of one kind, beside what is usual for the query."""

from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from podoba.arrays import Floats, Indices, Mask

Values = NDArray[np.float64]
FEW = 20  # images of a collection up to which what is usual with the model tells more than they do
EQUAL = 0.9999  # similarity from which an image of the collection is the query itself
LEAST = 1e-3  # added to a distance, whose logarithm would else have no end


class Background(NamedTuple):
    """How similar queries are to a collection at large, from which the similarity of what is found stands out.

    Attributes:
        mean: float64 (Q,), of the similarities of each query to images drawn from the collection.
        spread: float64 (Q,), their standard deviation.
        images: int64 (Q,), how many they are.
    """

    mean: Values
    spread: Values
    images: Indices

    @classmethod
    def of(cls, queries: Floats, drawn: Floats, hidden: Mask | None = None) -> Self:
        """That of queries (Q, dim) among images (n, dim), all of unit length; n may be 0. A query itself is no part of it.

        Args:
            hidden: bool (Q, n), further images that are left out for a query.
        """
        similarities = (queries @ drawn.T).astype(np.float64)
        others = similarities < EQUAL
        shown = (others if hidden is None else others & ~hidden).astype(np.float64)
        images = shown.sum(axis=1).astype(np.int64)
        count = images.clip(min=1)
        mean = (similarities * shown).sum(axis=1) / count
        variance = ((similarities - mean[:, None]) ** 2 * shown).sum(axis=1) / count
        return cls(mean, np.sqrt(variance), images)

    def take(self, rows: Indices | Mask) -> "Background":
        """That of some of the queries, or of these queries again and again."""
        return Background(self.mean[rows], self.spread[rows], self.images[rows])


class Calibration(BaseModel):
    """Logistic curve of the chance that two images are of one kind.

    It is of how near they are, and of how far their similarity stands out from what the query has in common with any image of
    the collection: the normalisation by a cohort of speaker verification (Auckenthaler, Carey and Lloyd-Thomas, 2000) before the
    curve of Platt (1999).

    Attributes:
        nearness: weight of -log(1 - similarity), not below 0.
        contrast: weight of the similarity less the background's mean, in standard deviations of the background; not below 0.
        intercept: of the curve.
        usual_mean, usual_spread: of the backgrounds that it was fitted on, which stand in for that of few images.
    """

    model_config = ConfigDict(frozen=True)

    nearness: float
    contrast: float
    intercept: float
    usual_mean: float
    usual_spread: float

    def probability(self, similarity: NDArray[np.floating] | float, background: Background | None = None) -> Values:
        """Chance that each pair is of one kind. For one query it never falls as the similarity rises.

        Args:
            similarity: cosines, of any shape.
            background: of the query of each, of a shape that goes with that of the cosines; None: it is as usual.
        """
        cosine = np.asarray(similarity, dtype=np.float64)
        near, apart = standing(cosine, background, self.usual_mean, self.usual_spread)
        score = self.nearness * near + self.contrast * apart + self.intercept
        return np.asarray(0.5 * (1.0 + np.tanh(0.5 * score)))  # the logistic curve, without overflow


def standing(similarity: Values, background: Background | None, usual_mean: float, usual_spread: float) -> tuple[Values, Values]:
    """What a chance is told by, both of the shape of the cosines: nearness, -log(1 - cosine), and contrast to the background.

    The background of few images is mixed with the usual one, so that it says something of two images, and the usual one of none.
    """
    near = -np.log(1.0 + LEAST - np.clip(similarity, -1.0, 1.0))
    if background is None:
        return near, (similarity - usual_mean) / usual_spread
    share = background.images / (background.images + FEW)
    mean = share * background.mean + (1 - share) * usual_mean
    spread = np.sqrt(share * background.spread**2 + (1 - share) * usual_spread**2)
    return near, (similarity - mean) / spread
