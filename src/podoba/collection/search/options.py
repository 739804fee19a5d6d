"""How the results of a search are chosen and ordered, checked before anything is searched."""

import math
from dataclasses import dataclass

from podoba.collection.search.rerank import RERANKERS
from podoba.errors import CollectionError, did_you_mean
from podoba.ranking.relevance_feedback import METHODS


@dataclass(frozen=True)
class SearchOptions:
    """Options of a search.

    Attributes:
        k: number of results.
        where: only items of this filter (`compile_filter`), which is evaluated before the search.
        min_probability: only results at least this likely to be of the query's kind; there may be none.
        min_score: for words, only results this many standard deviations or more above what is usual in the collection.
        diversity: from 0 (similarity alone) to 1: how much a result loses by being like the results before it.
        rerank: a name of `RERANKERS`, a method that puts the nearest into another order; None: they stay as they are.
        feedback: a name of `relevance_feedback.METHODS`: rank by what was marked right and wrong of the wanted images, and of
            queries near them; what is wrong for the query is no result. Similarities and probabilities stay those to the query
            itself. None: marks are not used.
        with_itself: whether an item that is an image of the query, at the same place or of the same bytes, is a result.
        exact: whether every item is compared, also in a large collection that has an index.

    Raises:
        ValueError: k below 1, a probability or a diversity outside [0, 1], a score that is no number.
        CollectionError: an unknown method of re-ranking or of feedback; names the nearest one.
    """

    k: int = 10
    where: str | None = None
    min_probability: float | None = None
    min_score: float | None = None
    diversity: float = 0.0
    rerank: str | None = None
    feedback: str | None = None
    with_itself: bool = False
    exact: bool = False

    def __post_init__(self) -> None:
        if self.k < 1:
            raise ValueError(f"k must be at least 1, it is {self.k}")
        if not 0 <= self.diversity <= 1:
            raise ValueError(f"diversity is between 0 and 1, this is {self.diversity}")
        if self.min_probability is not None and not 0 <= self.min_probability <= 1:
            raise ValueError(f"a probability is between 0 and 1, this is {self.min_probability}")
        if self.min_score is not None and not math.isfinite(self.min_score):
            raise ValueError(f"a score is a number of standard deviations, such as 2; this is {self.min_score}")
        for kind, name, known in (("re-ranking", self.rerank, RERANKERS), ("feedback", self.feedback, METHODS)):
            if name is not None and name not in known:
                hint = did_you_mean(name, known, f"choose one of {', '.join(known)}", cutoff=0.4)
                raise CollectionError(f"unknown method of {kind} {name!r}: {hint}")
