"""The loss of a head on the marks of queries, and the order it puts their results in."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from podoba.arrays import Floats
from podoba.learn.feedback.head import NearIdentity
from podoba.learn.feedback.marked_pairs import MarkedQuery


class MarkedBatch:
    """All marks as one batch of the softmax loss over one right and all wrong images (Sohn, 2016; van den Oord et al., 2018).

    An anchor is the query or an image right for it, its positives are the others of them, its negatives what is wrong for the
    query and, counted as one image of their mean, unmarked items.
    """

    def __init__(self, queries: Sequence[MarkedQuery], sample: Floats, temperature: float) -> None:
        self.temperature = temperature
        self.anchors, here = _padded([one.anchors for one in queries])
        self.wrong, wrong = _padded([one.wrong for one in queries])
        self.sample = torch.from_numpy(sample)
        self.absent = ~wrong[:, None, :]
        pairs = here[:, :, None] & here[:, None, :] & ~torch.eye(here.shape[1], dtype=torch.bool)
        counts = pairs.sum((1, 2), keepdim=True)
        # Every query counts alike, however many of its results were marked.
        self.weights = pairs / counts.clamp(min=1) / max(1, int((counts > 0).sum()))

    def loss(self, head: NearIdentity) -> Tensor:
        """Mean over the queries of -log softmax of (anchor, positive) against the anchor's negatives."""
        anchors, wrong, sample = head(self.anchors), head(self.wrong), head(self.sample)
        negative = (anchors @ wrong.mT / self.temperature).masked_fill(self.absent, -torch.inf)
        usual = torch.logsumexp(anchors @ sample.T / self.temperature, 2, keepdim=True) - float(np.log(len(sample)))
        against = torch.logsumexp(torch.cat([negative, usual], 2), 2, keepdim=True)
        return (self.weights * functional.softplus(against - anchors @ anchors.mT / self.temperature)).sum()


def ordered(queries: Sequence[MarkedQuery], head: NearIdentity | None = None) -> float:
    """Of all pairs (right, wrong) of a query the share with the right one nearer it (a tie is half); mean over queries.

    A query whose own descriptor is not known is stood for by its first right result.
    """
    shares = []
    for one in queries:
        anchors, wrong = (rows if head is None else head.mapped(rows) for rows in (one.anchors, one.wrong))
        if len(anchors) > 1:
            margins = (anchors[1:] @ anchors[0])[:, None] - (wrong @ anchors[0])[None]
            shares.append(float(np.mean((margins > 0) + 0.5 * (margins == 0))))
    return float(np.mean(shares)) if shares else 0.0


def _padded(groups: Sequence[Floats]) -> tuple[Tensor, Tensor]:
    """Descriptors (G, n, D) of groups of at most n, filled up with their first, and whether each is one of its group, (G, n)."""
    longest = max(len(group) for group in groups)
    row = np.arange(longest)
    filled = np.stack([group[np.where(row < len(group), row, 0)] for group in groups])
    return torch.from_numpy(filled), torch.tensor([[place < len(group) for place in range(longest)] for group in groups])
