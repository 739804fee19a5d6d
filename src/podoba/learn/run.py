"""One training from settings to a run folder: model, weights, history, evaluation."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch
from lightning_fabric import Fabric
from numpy.typing import NDArray

from podoba.errors import SettingsError, TrainingError
from podoba.learn.accelerate.malloc import keep_freed_memory
from podoba.learn.augmentation.build import check_augmentation
from podoba.learn.data.features import backbone_fingerprint, cached_features, places
from podoba.learn.data.load import Data, Part, load_data
from podoba.learn.data.sampling import sampler_notes
from podoba.learn.environment import describe_environment
from podoba.learn.export.model_file import export_onnx, save_weights
from podoba.learn.fit.checkpoint import Progress
from podoba.learn.fit.loggers import Logger, open_loggers
from podoba.learn.fit.trainer import Objective, Trainer
from podoba.learn.losses.registry import build_loss, needs_logits, needs_pairs
from podoba.learn.networks.backbones import Backbone, build_backbone
from podoba.learn.networks.network import DescriptorNetwork, count_parameters, describe
from podoba.metrics.evaluation import evaluate
from podoba.models.card import Card
from podoba.progress import OnProgress
from podoba.runs.history import Epoch
from podoba.runs.retrieval_results import RetrievalResults, write_retrieval_results
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings
from podoba.runs.settings_file import write_settings
from podoba.runs.summary import RunSummary, write_summary


def train(
    settings: Settings,
    out: Path,
    *,
    on_progress: OnProgress | None = None,
    on_epoch: Callable[[Epoch], None] | None = None,
) -> RunSummary:
    """Train, export and judge one descriptor model in the folder `out`; goes on where a killed run stopped.

    Raises:
        SettingsError: settings at odds with each other or with an earlier run in the same folder.
        TrainingError: images that nothing can be learned from, or a loss that is no longer a number.
    """
    keep_freed_memory()
    torch.manual_seed(settings.seed)
    network_seed = torch.random.get_rng_state()
    backbone = build_backbone(settings.backbone, settings.input_size)
    settings = resolve(settings, backbone)
    assert settings.resize is not None
    folder = RunFolder(out)
    _claim(folder, settings)
    data = load_data(settings, backbone.input_size, settings.resize, _named(on_progress, "decoding"))
    torch.random.set_rng_state(network_seed)
    network = build_network(settings, backbone, len(data.classes))
    loss = build_loss(settings.loss, dim=settings.head.dim, class_names=data.classes, class_counts=data.class_counts)
    fabric = open_fabric(settings)
    fabric.launch()
    loggers: list[Logger] = []

    def log(row: Epoch) -> None:
        for logger in loggers:
            logger.log({key: value for key, value in asdict(row).items() if value is not None and key != "epoch"}, row.epoch)
        if on_epoch is not None:
            on_epoch(row)

    objective = Objective(network, loss)
    trainer = Trainer(objective, data, settings, fabric, folder, _fingerprint(settings, data), on_progress, log)
    if trainer.progress.finished and folder.finished:  # exported again, the model would no longer be that of a collection
        return folder.read_summary()
    if fabric.is_global_zero:
        loggers += open_loggers(settings.loggers, folder)
    try:
        progress = trainer.fit()
    finally:
        for logger in loggers:
            logger.close()
    network.set_transfer(settings.backbone.transfer.replace("frozen-then-finetune", "finetune"))
    summary = None
    if fabric.is_global_zero:
        summary = _finish(network, data, settings, progress, folder, fabric.device)
    fabric.barrier()
    return summary or folder.read_summary()


def resolve(settings: Settings, backbone: Backbone) -> Settings:
    """Settings with every `auto` and `null` replaced by what will be used, checked against each other.

    Raises:
        SettingsError: an augmentation that the loss does not allow.
    """
    check_augmentation(settings.augmentation, needs_logits(settings.loss))
    if settings.training_sizes is not None:
        if settings.backbone.transfer == "frozen":
            raise SettingsError(
                "training_sizes: a frozen backbone is run at input_size only; leave it out, or let the backbone learn"
            )
        for size in settings.training_sizes:
            backbone.check_size(size)
    pairs = needs_pairs(settings.loss)
    sampler = settings.sampler
    if sampler.name == "auto":
        sampler = sampler.model_copy(update={"name": "balanced" if pairs else "shuffled"})
    if pairs and sampler.name == "shuffled" and settings.batch_size < 4:
        raise SettingsError("batch_size: a loss on pairs needs batches of 4 or more")
    return settings.model_copy(
        update={"sampler": sampler, "input_size": backbone.input_size, "resize": settings.resize or "stretch"}
    )


def build_network(settings: Settings, backbone: Backbone, classes: int) -> DescriptorNetwork:
    """The network that settings describe, ready to learn what its transfer strategy lets learn."""
    network = DescriptorNetwork(backbone, settings.head, classes if needs_logits(settings.loss) else None)
    transfer = settings.backbone.transfer
    network.set_transfer("frozen" if transfer == "frozen-then-finetune" else transfer)
    return network


def open_fabric(settings: Settings) -> Fabric:
    """Lightning Fabric for the settings' device, processes and precision."""
    try:
        return Fabric(
            accelerator=settings.device,
            devices=settings.devices,
            strategy="ddp" if settings.devices > 1 else "auto",
            precision=settings.precision,
        )
    except (RuntimeError, ValueError) as error:
        raise SettingsError(
            f"device={settings.device}, devices={settings.devices}: {' '.join(str(error).split())[:160]}"
        ) from error


def describe_part(network: DescriptorNetwork, part: Part, device: torch.device) -> NDArray[np.float32]:
    """Descriptors (n, dim), float32, of the images of a part; from cached features where the backbone is frozen."""
    network.eval()
    if network.frozen:
        features = cached_features(network.backbone, part, fingerprint=backbone_fingerprint(network.backbone), device=device)
        with torch.inference_mode():
            return network.head(features[places(part)].to(device)).cpu().numpy()  # type: ignore[no-any-return]
    parts = [
        describe(network, torch.from_numpy(part.store.images[part.rows[start : start + 256]]).to(device)).cpu().numpy()
        for start in range(0, len(part), 256)
    ]
    return np.concatenate(parts)


def _finish(
    network: DescriptorNetwork, data: Data, settings: Settings, progress: Progress, folder: RunFolder, device: torch.device
) -> RunSummary:
    judged, judged_on = _judge(network, data, device, folder)
    total, trainable = count_parameters(network)
    history = progress.history
    by_training = min(history, key=lambda row: row.training_loss)
    validated = [row for row in history if row.validation_loss is not None]
    by_validation = min(validated, key=lambda row: row.validation_loss or 0.0) if validated else None
    best = progress.best_epoch
    # The first epoch also pays for warming up; the others are what one more epoch costs.
    usual = [row.seconds for row in history[1:]] or [history[0].seconds]
    held = data.validation.labels if data.validation is not None and needs_pairs(settings.loss) else None
    summary = RunSummary(
        run=str(folder.path),
        model=str(folder.model),
        loss=settings.loss.name,
        epochs=len(history),
        best_epoch=best,
        min_validation_loss=by_validation.validation_loss if by_validation else None,
        min_validation_epoch=by_validation.epoch if by_validation else None,
        min_training_loss=by_training.training_loss,
        min_training_epoch=by_training.epoch,
        seconds_per_epoch=float(np.mean(usual)),
        total_seconds=float(sum(row.seconds for row in history)),
        knn_score=judged.get("knn_score"),
        parameters=total,
        trainable_parameters=trainable,
        judged_on=judged_on,
        notes=data.notes + sampler_notes(settings.sampler, data.train.labels, data.classes, settings.batch_size, held),
    )
    save_weights(network, folder.weights)
    export_onnx(network.cpu(), _card(settings, data, network, judged, folder), folder.model)
    folder.write_environment(describe_environment(str(device)))
    folder.write_evaluation({"judged_on": judged_on, **judged})
    write_summary(summary, folder.summary)  # last: with it the run is finished
    return summary


def _judge(network: DescriptorNetwork, data: Data, device: torch.device, folder: RunFolder) -> tuple[dict[str, Any], str | None]:
    """Scores on the test images with all training images as gallery; without test images on the held-out ones.

    What the scores were computed from goes into `retrieval.npz`, so that reports need neither network nor images.
    """
    gallery = describe_part(network, data.train, device)
    names, parts = list(data.train.names), [data.train]
    held = describe_part(network, data.validation, device) if data.validation is not None else None
    if data.test is not None:
        if held is not None and data.validation is not None and data.validation.store.key == data.train.store.key:
            gallery, names = np.concatenate([gallery, held]), names + data.validation.names
            parts.append(data.validation)
        asked, queries, judged_on = data.test, describe_part(network, data.test, device), "test"
    elif held is not None and data.validation is not None:
        asked, queries, judged_on = data.validation, held, "validation"
    else:
        return {}, None
    result = evaluate(queries, asked.names, gallery, names)
    classes = sorted({*asked.names, *names})
    write_retrieval_results(
        RetrievalResults(
            queries=queries.astype(np.float16),
            query_labels=np.searchsorted(classes, asked.names),
            gallery_labels=np.searchsorted(classes, names),
            classes=np.array(classes),
            indices=result.neighbours.indices,
            similarities=result.neighbours.similarities,
            query_rows=asked.store.places[asked.rows],
            gallery_rows=np.concatenate([part.store.places[part.rows] for part in parts]),
        ),
        folder.retrieval_results,
    )
    return result.to_json(), judged_on


def _card(settings: Settings, data: Data, network: DescriptorNetwork, judged: dict[str, Any], folder: RunFolder) -> Card:
    sources = settings.train if isinstance(settings.train, list) else [settings.train]
    return Card.make(
        name=folder.path.resolve().name,
        input_size=network.backbone.input_size,
        dim=network.dim,
        resize=settings.resize or "stretch",
        backbone=network.backbone.name,
        loss=settings.loss.name,
        training_data=[{"name": Path(s).name, "images": len(data.train), "classes": len(data.classes)} for s in sources],
        classes=data.classes,
        metrics={key: value for key, value in judged.items() if isinstance(value, float)},
        intervals=judged.get("intervals", {}),
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        weights_sha256=hashlib.sha256(folder.weights.read_bytes()).hexdigest(),
        settings=settings.model_dump(mode="json"),
    )


def _claim(folder: RunFolder, settings: Settings) -> None:
    """Make the folder and write what will be run; refuse a folder that holds a run of other settings."""
    if folder.settings.exists():
        before, now = folder.read_settings().model_dump(mode="json"), settings.model_dump(mode="json")
        changed = [key for key in now if before.get(key) != now[key]]
        if changed:
            raise SettingsError(
                f"{folder.path} holds a run of other settings ({', '.join(changed)} differ): choose another --out"
            )
        return
    try:
        folder.path.mkdir(parents=True, exist_ok=True)
        write_settings(settings, folder.settings)
    except OSError as error:
        raise TrainingError(f"{folder.path} cannot be written ({error.strerror}): choose another --out") from error


def _fingerprint(settings: Settings, data: Data) -> str:
    """Names settings and data, so that a checkpoint is never continued on others."""
    parts = [settings.model_dump_json(), data.train.store.key, str(len(data.train))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _named(progress: OnProgress | None, name: str) -> Callable[[int, int], None] | None:
    return None if progress is None else lambda done, total: progress(name, done, total)
