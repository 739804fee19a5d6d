"""What a training came to, in a few numbers. No torch here."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class RunSummary:
    """What a training came to; the fields are the keys of `podoba train --json`.

    Attributes:
        run, model: paths of the run folder and of its model file.
        loss: name of the loss.
        epochs: epochs trained; early stopping may end a training before those of its settings.
        best_epoch: the epoch, from 1, whose weights were kept; 0: those before the first, since none was better.
        min_validation_loss, min_validation_epoch: None where nothing was held out.
        seconds_per_epoch: mean, without the first epoch, which also pays for warming up.
        knn_score: on the images that `judged_on` names; None where there were none.
        untrained_knn_score: that of the pretrained network as it is, on the same images; None where nothing was pretrained.
        transfer: what of the backbone learned, as `backbone.transfer` says it.
        calibration_error: how far the model's probabilities were from the truth on held-out classes, 0 to 1; None: the held-out
            images make too few pairs, and the model has no probabilities.
        judged_on: `test`, `validation`, or None where no image was left to be judged on.
        notes: what a person should know of this training, a sentence each.
        processes: that shared its batches.
    """

    run: str
    model: str
    loss: str
    epochs: int
    best_epoch: int
    min_validation_loss: float | None
    min_validation_epoch: int | None
    min_training_loss: float
    min_training_epoch: int
    seconds_per_epoch: float
    total_seconds: float
    knn_score: float | None
    untrained_knn_score: float | None
    transfer: str
    calibration_error: float | None
    parameters: int
    trainable_parameters: int
    judged_on: str | None
    notes: list[str]
    processes: int = 1

    def to_json(self) -> dict[str, Any]:
        """Plain values by name."""
        return asdict(self)
