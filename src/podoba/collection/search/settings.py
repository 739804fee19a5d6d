"""Numbers of a search that were measured: docs/how-to/search.md says what each of them is worth."""

from dataclasses import dataclass

from podoba.metrics.calibration import DEFAULT as CALIBRATION


@dataclass(frozen=True)
class SearchSettings:
    """What is tuned of a search, and what tests and benchmarks try other values of.

    Attributes:
        pool: candidates that are put into another order; four times as many as are wanted where that is more.
        largest_pool: candidates to which the pool grows where too few of them are likely, or many may be copies.
        same: similarity from which two items may be copies of one image.
        expanded: neighbours by which `query-expansion` expands a query; more drown it where a kind has few images.
        augmented: neighbours by which `database-augmentation` expands an item.
        whitening_power: of `whitening`; full whitening (1) is worse than none on every set that was measured.
        whitening_sample: items on which whitening is fitted.
        background: items from which the similarities of a query stand out, on which its probabilities depend: as many as the
            calibration was fitted with.
        negatives: items that stand for all the others in `exemplar`, and in feedback by a linear probe.
        near_chance: probability of two queries to want one kind, from which on the marks of one serve the other.
        near_similarity: likewise their similarity, where the model was never calibrated.
        usual: items whose similarities say what is usual, where words are searched for; all of a smaller collection.
    """

    pool: int = 200
    largest_pool: int = 4096
    same: float = 0.97
    expanded: int = 3
    augmented: int = 10
    whitening_power: float = 0.5
    whitening_sample: int = 5000
    background: int = CALIBRATION.background
    negatives: int = 300
    near_chance: float = 0.6
    near_similarity: float = 0.9
    usual: int = 5000


DEFAULT = SearchSettings()
