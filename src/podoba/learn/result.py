"""What a training leaves behind in its folder: model, weights, scores, environment, summary."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from lightning_fabric import Fabric

from podoba.files import write_json
from podoba.learn.data.load import Data
from podoba.learn.environment import describe_environment, describe_processes
from podoba.learn.evaluate import NetworkEvaluation, describe_split, evaluate_network, untrained_knn_score
from podoba.learn.export.model_file import export_onnx, save_weights
from podoba.learn.fit.checkpoint import TrainingState
from podoba.learn.networks.network import DescriptorNetwork, count_parameters
from podoba.learn.setup import pixel_rule
from podoba.metrics.calibration import Calibrated, LabelledSet, calibrate
from podoba.models.card import Card, pixel_facts
from podoba.runs.retrieval_results import write_retrieval_results
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings
from podoba.runs.summary import RunSummary


def write_result(
    network: DescriptorNetwork, data: Data, settings: Settings, state: TrainingState, folder: RunFolder, fabric: Fabric
) -> RunSummary:
    """Evaluate a trained network and write all that a finished run folder holds, the summary last. Raises `OSError`."""
    device = fabric.device
    evaluation = evaluate_network(network, data, device)
    untrained = untrained_knn_score(settings, data, device)
    if evaluation.results is not None:
        write_retrieval_results(evaluation.results, folder.retrieval_results)
    calibrated = _calibrated(network, data, device)
    summary = _summary(network, data, settings, state, folder, evaluation, untrained, calibrated, fabric.world_size)
    save_weights(network, folder.weights)
    export_onnx(network.cpu(), _card(settings, data, network, evaluation, calibrated, folder), folder.model)
    write_json(folder.environment, {**describe_environment(str(device)), **describe_processes(fabric)})
    scores = {"judged_on": evaluation.judged_on, **evaluation.scores, "untrained_knn_score": untrained}
    write_json(folder.evaluation, scores)
    write_json(folder.summary, summary.to_json())  # with it the run is finished
    return summary


def _summary(
    network: DescriptorNetwork,
    data: Data,
    settings: Settings,
    state: TrainingState,
    folder: RunFolder,
    evaluation: NetworkEvaluation,
    untrained: float | None,
    calibrated: Calibrated | None,
    processes: int,
) -> RunSummary:
    total, trainable = count_parameters(network)
    history = state.history
    by_training = min(history, key=lambda row: row.training_loss)
    validated = [row for row in history if row.validation_loss is not None]
    by_validation = min(validated, key=lambda row: row.validation_loss or 0.0) if validated else None
    # The first epoch also pays for warming up; the others are what one more epoch costs.
    usual = [row.seconds for row in history[1:]] or [history[0].seconds]
    return RunSummary(
        run=str(folder.path),
        model=str(folder.model),
        loss=settings.loss.name,
        epochs=len(history),
        best_epoch=state.best_epoch,
        min_validation_loss=by_validation.validation_loss if by_validation else None,
        min_validation_epoch=by_validation.epoch if by_validation else None,
        min_training_loss=by_training.training_loss,
        min_training_epoch=by_training.epoch,
        seconds_per_epoch=float(np.mean(usual)),
        total_seconds=float(sum(row.seconds for row in history)),
        knn_score=evaluation.scores.get("knn_score"),
        untrained_knn_score=untrained,
        transfer=settings.backbone.transfer,
        calibration_error=calibrated.error if calibrated is not None else None,
        parameters=total,
        trainable_parameters=trainable,
        judged_on=evaluation.judged_on,
        notes=data.notes,
        processes=processes,
    )


def _calibrated(network: DescriptorNetwork, data: Data, device: torch.device) -> Calibrated | None:
    """The chance that two held-out images are of one kind, by their similarity; None where they are too few to tell."""
    if data.validation is None:
        return None
    return calibrate([LabelledSet(describe_split(network, data.validation, device), data.validation.names)])


def _card(
    settings: Settings,
    data: Data,
    network: DescriptorNetwork,
    evaluation: NetworkEvaluation,
    calibrated: Calibrated | None,
    folder: RunFolder,
) -> Card:
    rule = pixel_rule(settings, network.backbone)
    sources = settings.train if isinstance(settings.train, list) else [settings.train]
    return Card.make(
        name=folder.path.resolve().name,
        **pixel_facts(rule),
        dim=network.dim,
        backbone=network.backbone.name,
        loss=settings.loss.name,
        training_data=[{"name": Path(s).name, "images": len(data.train), "classes": len(data.classes)} for s in sources],
        classes=data.classes,
        metrics={key: value for key, value in evaluation.scores.items() if isinstance(value, float)},
        intervals=evaluation.scores.get("intervals", {}),
        calibration=calibrated.calibration if calibrated is not None else None,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        weights_sha256=hashlib.sha256(folder.weights.read_bytes()).hexdigest(),
        settings=settings.model_dump(mode="json"),
    )
