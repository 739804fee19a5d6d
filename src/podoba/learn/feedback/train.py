"""A head that learns from what was marked right and wrong, on the frozen model of a collection.

A linear map that starts as the identity and is held near it, so that few marks cannot ruin the descriptors; how strongly it is
held, and how long it learns, is chosen by marks of held-out queries.
"""

import hashlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from safetensors.torch import save

from podoba.collection.collection import Collection
from podoba.errors import TrainingError
from podoba.files import replacing, write_json
from podoba.learn.environment import describe_environment
from podoba.learn.export.added_head import add_head
from podoba.learn.feedback.fit import FeedbackSettings, choose_hold, fit_head
from podoba.learn.feedback.head import NearIdentity, carried_over
from podoba.learn.feedback.marked_pairs import marked_queries
from podoba.models.calibration import Calibration
from podoba.models.card import Card, TrainingData
from podoba.models.encoder import Encoder
from podoba.progress import OnProgress, silent
from podoba.runs.run_folder import RunFolder


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


def train_from_feedback(
    collection: Collection,
    out: Path,
    *,
    encoder: Encoder | None = None,
    on_progress: OnProgress | None = None,
    settings: FeedbackSettings = FeedbackSettings(),
) -> FeedbackSummary:
    """Learn a head from the marks of a collection and write the model with it: `podoba index --model OUT` encodes anew with it.

    The folder holds `model.onnx` (the old encoder and the head), `head.safetensors`, `evaluation.json`, `environment.json`.

    Args:
        encoder: of the collection's model; None: it is opened.
        settings: how the head learns.

    Raises:
        TrainingError: too few marks, marks that teach nothing which holds for others, or a folder that holds a model.
        CollectionError, ModelError: as `ModelTable.open_encoder`.
    """
    folder = RunFolder(out)
    if folder.model.exists():
        raise TrainingError(f"{out} holds a model already, which a collection may be using: choose another --out")
    queries = marked_queries(collection)
    encoder = collection.store.models.open_encoder() if encoder is None else encoder
    sample = collection.store.descriptors.sample(settings.background)
    hold, trace = choose_hold(queries, sample, settings, on_progress or silent)
    steps = int(np.argmin(trace[:, 0]))
    if steps == 0:
        raise TrainingError(
            f"{collection.path}: what these marks teach does not hold for queries that were held out: nothing was written; mark "
            "results of more queries"
        )
    head, _ = fit_head(queries, [], sample, hold, steps, settings)
    marks = sum(len(one.right) + len(one.wrong) for one in queries)
    summary = FeedbackSummary(
        run=str(out), model=str(folder.model), queries=len(queries), marks=marks,
        loss_before=float(trace[0, 0]), loss_after=float(trace[steps, 0]),
        ordered_before=float(trace[0, 1]), ordered_after=float(trace[steps, 1]), hold=hold, steps=steps,
    )  # fmt: skip
    calibration = carried_over(
        encoder.card, head, collection.store.descriptors.sample(settings.calibration_items), settings.calibration_pairs
    )
    card = _card(summary, out.resolve().name, encoder, collection, calibration)
    try:
        out.mkdir(parents=True, exist_ok=True)
        _write(summary, head, encoder, collection, folder, card)
    except OSError as error:
        raise TrainingError(f"{out} cannot be written ({error.strerror}): choose another --out") from error
    return summary


def _write(
    summary: FeedbackSummary, head: NearIdentity, encoder: Encoder, collection: Collection, folder: RunFolder, card: Card
) -> None:
    state = {key: value.detach().contiguous() for key, value in head.state_dict().items()}
    with replacing(folder.head) as draft:
        draft.write_bytes(save(state))
    write_json(folder.environment, describe_environment("cpu"))
    write_json(folder.evaluation, {"judged_on": "held-out marks", **asdict(summary)})
    weight = np.eye(card.dim, dtype=np.float32) + state["change"].numpy()
    finished = card.model_copy(update={"weights_sha256": hashlib.sha256(folder.head.read_bytes()).hexdigest()})
    add_head(encoder.path, weight, state["shift"].numpy(), finished, folder.model)  # last: with it the run is finished


def _card(summary: FeedbackSummary, name: str, encoder: Encoder, collection: Collection, calibration: Calibration | None) -> Card:
    before = encoder.card
    marks = TrainingData(name=f"marks of {collection.path.name}", images=summary.marks)
    facts = before.model_dump(exclude={"created", "podoba_version"}) | {
        "name": name,
        "loss": "feedback",
        "training_data": [*before.training_data, marks],
        "classes": [],
        "metrics": {
            "loss_before": summary.loss_before,
            "loss_after": summary.loss_after,
            "ordered_before": summary.ordered_before,
            "ordered_after": summary.ordered_after,
        },
        "calibration": calibration,
        "notes": f"{before.name} ({encoder.fingerprint}) with a head learned from marks. {before.notes}".strip(),
        "settings": {"from_feedback": {"hold": summary.hold, "steps": summary.steps}},
    }
    return Card.make(**facts)
