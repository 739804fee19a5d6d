"""A head that learns from what was marked right and wrong, on the frozen model of a collection.

A linear map that starts as the identity and is held near it, so that few marks cannot ruin the descriptors; how strongly it is
held, and how long it learns, is chosen by marks of held-out queries.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save
from torch import Tensor, nn
from torch.nn import functional

from podoba.arrays import Floats
from podoba.collection.collection import Collection
from podoba.errors import TrainingError
from podoba.files import replacing
from podoba.learn.environment import describe_environment
from podoba.learn.export.added_head import add_head
from podoba.learn.feedback.marked_pairs import MarkedQuery, marked_queries
from podoba.metrics.calibration import fit_logistic
from podoba.models.card import Calibration, Card, TrainingData
from podoba.models.encoder import Encoder
from podoba.progress import OnProgress
from podoba.runs.run_folder import RunFolder

HOLDS = (100.0, 300.0)  # how strongly the map is held to the identity: times its squared distance from it, per dimension
STEPS = 30  # at most
RATE = 1e-3
TEMPERATURE = 0.1
FOLDS = 4
BACKGROUND = 300  # unmarked items, which count as wrong for every query
PAIRS = 20_000  # on which the calibration is carried over


@dataclass(frozen=True)
class FeedbackSummary:
    """What learning from marks came to; the fields are the keys of `podoba train --from-feedback --json`.

    Attributes:
        loss_before, loss_after: of held-out queries, with the collection's own model and with the head.
        ordered_before, ordered_after: of the pairs of a right and a wrong result of held-out queries, the share with the right
            one nearer the query. Wrong results are hard ones: they stood among the nearest.
        hold, steps: as chosen.
    """

    run: str
    model: str
    queries: int
    marks: int
    loss_before: float
    loss_after: float
    ordered_before: float
    ordered_after: float
    hold: float
    steps: int

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return asdict(self)


class NearIdentity(nn.Module):
    """Descriptors mapped by identity + change, a shift added, unit length again; at first they stay as they are."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.change = nn.Parameter(torch.zeros(dim, dim))
        self.shift = nn.Parameter(torch.zeros(dim))

    def forward(self, descriptors: Tensor) -> Tensor:
        """Descriptors (..., D), unit length, of descriptors (..., D)."""
        return functional.normalize(descriptors + descriptors @ self.change.T + self.shift, dim=-1)

    def distance(self) -> Tensor:
        """Squared distance of the map from the identity."""
        return self.change.square().sum() + self.shift.square().sum()


def train_from_feedback(
    collection: Collection, out: Path, *, encoder: Encoder | None = None, on_progress: OnProgress | None = None
) -> FeedbackSummary:
    """Learn a head from the marks of a collection and write the model with it: `podoba index --model OUT` encodes anew with it.

    The folder holds `model.onnx` (the old encoder and the head), `head.safetensors`, `evaluation.json`, `environment.json`.

    Args:
        encoder: of the collection's model; None: it is opened.

    Raises:
        TrainingError: too few marks, marks that teach nothing which holds for others, or a folder that holds a model.
        CollectionError, ModelError: as `open_encoder`.
    """
    folder = RunFolder(out)
    if folder.model.exists():
        raise TrainingError(f"{out} holds a model already, which a collection may be using: choose another --out")
    queries = marked_queries(collection)
    encoder = collection.store.models.open_encoder() if encoder is None else encoder
    sample = collection.store.descriptors.sample(BACKGROUND)
    hold, trace = _choose(queries, sample, on_progress)
    steps = int(np.argmin(trace[:, 0]))
    if steps == 0:
        raise TrainingError(
            f"{collection.path}: what these marks teach does not hold for queries that were held out: nothing was written; mark "
            "results of more queries"
        )
    head, _ = _fit(queries, [], sample, hold, steps)
    marks = sum(len(one.right) + len(one.wrong) for one in queries)
    summary = FeedbackSummary(
        run=str(out), model=str(folder.model), queries=len(queries), marks=marks,
        loss_before=float(trace[0, 0]), loss_after=float(trace[steps, 0]),
        ordered_before=float(trace[0, 1]), ordered_after=float(trace[steps, 1]), hold=hold, steps=steps,
    )  # fmt: skip
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write(summary, head, encoder, collection, folder)
    except OSError as error:
        raise TrainingError(f"{out} cannot be written ({error.strerror}): choose another --out") from error
    return summary


def ordered(queries: Sequence[MarkedQuery], head: NearIdentity | None = None) -> float:
    """Of all pairs (right, wrong) of a query the share with the right one nearer it (a tie is half); mean over queries.

    A query whose own descriptor is not known is stood for by its first right result.
    """
    shares = []
    for one in queries:
        anchors, wrong = (_mapped(part, head) for part in (one.anchors, one.wrong))
        if len(anchors) > 1:
            margins = (anchors[1:] @ anchors[0])[:, None] - (wrong @ anchors[0])[None]
            shares.append(float(np.mean((margins > 0) + 0.5 * (margins == 0))))
    return float(np.mean(shares)) if shares else 0.0


def _choose(queries: Sequence[MarkedQuery], sample: Floats, on_progress: OnProgress | None) -> tuple[float, NDArray[np.float64]]:
    """The hold of the smallest loss on held-out queries, and their loss and order after each step, float64 (STEPS + 1, 2)."""
    folds = np.random.default_rng(0).permutation(len(queries)) % FOLDS
    traces = np.zeros((len(HOLDS), STEPS + 1, 2))
    for row, hold in enumerate(HOLDS):
        for fold in range(FOLDS):
            if on_progress is not None:
                on_progress("learning from marks", row * FOLDS + fold, len(HOLDS) * FOLDS)
            kept = [one for one, place in zip(queries, folds, strict=True) if place != fold]
            held = [one for one, place in zip(queries, folds, strict=True) if place == fold]
            _, trace = _fit(kept, held, sample, hold, STEPS)
            traces[row] += np.array(trace) * len(held) / len(queries)
    best = int(np.argmin(traces[:, :, 0].min(axis=1)))
    return HOLDS[best], traces[best]


def _fit(
    queries: Sequence[MarkedQuery], held: Sequence[MarkedQuery], sample: Floats, hold: float, steps: int
) -> tuple[NearIdentity, list[tuple[float, float]]]:
    """The head after some steps on all marks at once (Adam), and loss and order of the held-out queries after each step."""
    head = NearIdentity(sample.shape[1])
    optimizer = torch.optim.Adam(head.parameters(), RATE)
    batch, other = _Batch(queries, sample), _Batch(held, sample) if held else None
    trace = []
    for step in range(steps + 1):
        if other is not None:
            with torch.inference_mode():
                trace.append((other.loss(head).item(), ordered(held, head)))
        if step == steps:
            break
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(batch.loss(head) + hold * head.distance() / sample.shape[1])
        optimizer.step()
    return head, trace


class _Batch:
    """All marks as one batch of the softmax loss over one right and all wrong images (Sohn, 2016; van den Oord et al., 2018).

    An anchor is the query or an image right for it, its positives are the others of them, its negatives what is wrong for the
    query and, counted as one image of their mean, unmarked items.
    """

    def __init__(self, queries: Sequence[MarkedQuery], sample: Floats) -> None:
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
        negative = (anchors @ wrong.mT / TEMPERATURE).masked_fill(self.absent, -torch.inf)
        usual = torch.logsumexp(anchors @ sample.T / TEMPERATURE, 2, keepdim=True) - float(np.log(len(sample)))
        against = torch.logsumexp(torch.cat([negative, usual], 2), 2, keepdim=True)
        return (self.weights * functional.softplus(against - anchors @ anchors.mT / TEMPERATURE)).sum()


def _padded(groups: Sequence[Floats]) -> tuple[Tensor, Tensor]:
    """Descriptors (G, n, D) of groups of at most n, filled up with their first, and whether each is one of its group, (G, n)."""
    longest = max(len(group) for group in groups)
    row = np.arange(longest)
    filled = np.stack([group[np.where(row < len(group), row, 0)] for group in groups])
    return torch.from_numpy(filled), torch.tensor([[place < len(group) for place in range(longest)] for group in groups])


def _mapped(descriptors: Floats, head: NearIdentity | None) -> NDArray[np.float32]:
    if head is None:
        return descriptors
    with torch.inference_mode():
        return head(torch.from_numpy(descriptors)).numpy()  # type: ignore[no-any-return]


def _write(summary: FeedbackSummary, head: NearIdentity, encoder: Encoder, collection: Collection, folder: RunFolder) -> None:
    state = {key: value.detach().contiguous() for key, value in head.state_dict().items()}
    with replacing(folder.head) as draft:
        draft.write_bytes(save(state))
    card = encoder.card.model_copy(
        update={
            "name": folder.path.resolve().name,
            "loss": "feedback",
            "training_data": [
                *encoder.card.training_data,
                TrainingData(name=f"marks of {collection.path.name}", images=summary.marks),
            ],
            "classes": [],
            "metrics": {
                "loss_before": summary.loss_before,
                "loss_after": summary.loss_after,
                "ordered_before": summary.ordered_before,
                "ordered_after": summary.ordered_after,
            },
            "calibration": _carried_over(encoder.card, head, collection),
            "weights_sha256": hashlib.sha256(folder.head.read_bytes()).hexdigest(),
            "notes": f"{encoder.card.name} ({encoder.fingerprint}) with a head learned from marks. {encoder.card.notes}".strip(),
            "settings": {"from_feedback": {"hold": summary.hold, "steps": summary.steps}},
        }
    )
    fresh = Card.make(**card.model_dump(exclude={"created", "podoba_version"}))
    folder.write_environment(describe_environment("cpu"))
    folder.write_evaluation({"judged_on": "held-out marks", **summary.to_json()})
    weight = np.eye(fresh.dim, dtype=np.float32) + state["change"].numpy()
    add_head(encoder.path, weight, state["shift"].numpy(), fresh, folder.model)  # last: with it the run is finished


def _carried_over(card: Card, head: NearIdentity, collection: Collection) -> Calibration | None:
    """The calibration that gives pairs the chances which they had: marks alone are no fair sample of pairs."""
    sample = collection.store.descriptors.sample(2000)
    rng = np.random.default_rng(0)
    near = np.argsort(-(sample @ sample.T), axis=1)[:, 1:11] if len(sample) > 10 else np.zeros((len(sample), 0), dtype=np.int64)
    first = np.concatenate([np.repeat(np.arange(len(sample)), near.shape[1]), rng.integers(0, len(sample), PAIRS)])
    second = np.concatenate([near.ravel(), rng.integers(0, len(sample), PAIRS)])
    chances = card.probability(np.einsum("nd,nd->n", sample[first], sample[second]))
    if chances is None:
        return None
    mapped = _mapped(sample, head)
    same = rng.random(len(chances)) < chances
    if same.all() or not same.any():
        return None
    slope, intercept = fit_logistic(np.einsum("nd,nd->n", mapped[first], mapped[second]).astype(np.float64), same)
    return Calibration(slope=slope, intercept=intercept)
