"""What happens to the candidates of a query before they are results: each step is a function of candidates, in one list."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.search.options import SearchOptions
from podoba.collection.search.query import ComposedQuery
from podoba.collection.search.rerank import RERANKERS, CandidatePool, Candidates
from podoba.collection.search.words import Scale
from podoba.models.calibration import Background, Calibration
from podoba.ranking.diversity import diversify

Step = Callable[[Candidates], Candidates]


@dataclass(frozen=True)
class Chances:
    """What the chances of a query's hits depend on beside their similarities.

    Attributes:
        background: of the wanted images.
    """

    calibration: Calibration
    background: Background


def steps_for(
    options: SearchOptions, pool: CandidatePool, query: ComposedQuery, hidden: Indices, chances: Chances | None
) -> list[Step]:
    """The steps that these options ask for, in the order in which they are applied to the candidates of a pool.

    Args:
        hidden: int64, numbers of items that are no results: the query itself, and those marked wrong for it.
        chances: of the query; None where the model was never calibrated, and for words, which have none.
    """
    hide = partial(without, hidden=hidden)
    steps: list[Step] = [hide]
    if options.rerank is not None:
        steps += [partial(RERANKERS[options.rerank], pool), hide]
    if pool.direction is not query.descriptor:  # ranked by what was learned from marks
        steps.append(partial(compared, query=query.descriptor))
    if chances is not None:
        steps.append(partial(with_probabilities, query=query, chances=chances))
    if options.min_probability is not None:
        steps.append(partial(likely, least=options.min_probability))
    if options.min_score is not None and query.scale is not None:
        steps.append(partial(outstanding, least=options.min_score, scale=query.scale))
    cut = partial(diverse, diversity=options.diversity, scale=query.scale) if options.diversity else first
    steps.append(partial(cut, k=options.k))
    return steps


def without(candidates: Candidates, hidden: Indices) -> Candidates:
    """Those of other numbers."""
    return candidates.take(~np.isin(candidates.numbers, hidden)) if len(hidden) else candidates


def compared(candidates: Candidates, query: Floats) -> Candidates:
    """The same in the same order, with their similarities to a query (dim,)."""
    return replace(candidates, similarities=candidates.descriptors @ query)


def with_probabilities(candidates: Candidates, query: ComposedQuery, chances: Chances) -> Candidates:
    """The same with the chance of each to be of the query's kind.

    Only a pair of images has a calibrated chance: of several wanted ones it is the mean over them by their weights.
    """
    similarities = candidates.descriptors @ query.wanted.T if query.moved else candidates.similarities[:, None]
    pairs = chances.calibration.probability(similarities, chances.background)
    return replace(candidates, probabilities=pairs @ query.weights)


def likely(candidates: Candidates, least: float) -> Candidates:
    """Those at least this likely to be of the query's kind; all of them where the model was never calibrated."""
    return candidates if candidates.probabilities is None else candidates.take(candidates.probabilities >= least)


def outstanding(candidates: Candidates, least: float, scale: Scale) -> Candidates:
    """Those of at least this score."""
    return candidates.take(scale.scores(candidates.similarities) >= least)


def first(candidates: Candidates, k: int) -> Candidates:
    """The first k."""
    return candidates.take(np.arange(min(k, len(candidates))))


def diverse(candidates: Candidates, k: int, diversity: float, scale: Scale | None = None) -> Candidates:
    """k that are unlike each other, by maximal marginal relevance; how relevant each is follows from their order.

    Args:
        scale: of a query with words, whose similarities are brought to the scale of those between the candidates.
    """
    relevant = candidates.similarities.astype(np.float64) if scale is None else scale.as_of_pictures(candidates.similarities)
    relevance = np.sort(relevant)[::-1]
    return candidates.take(diversify(relevance, candidates.descriptors, k, diversity))


def may_be_copies(candidates: Candidates, same: float) -> bool:
    """Whether some are so similar that they may be copies of one image."""
    return bool((np.triu(candidates.descriptors @ candidates.descriptors.T, 1) > same).any())
