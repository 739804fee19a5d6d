"""One training from settings to a run folder: model, weights, history, evaluation."""

import hashlib
from dataclasses import asdict
from pathlib import Path

import torch

from podoba.errors import SettingsError, TrainingError
from podoba.images.resize import PixelRule
from podoba.learn.accelerate.malloc import keep_freed_memory
from podoba.learn.data.load import Data, load_data, with_own_validation
from podoba.learn.fit.loggers import Logger, open_loggers
from podoba.learn.fit.objective import Objective
from podoba.learn.fit.trainer import Trainer
from podoba.learn.losses.registry import build_loss
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.result import write_result
from podoba.learn.setup import build_network, open_fabric, resolve
from podoba.progress import OnProgress, silent
from podoba.runs.history import Epoch, OnEpoch
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings
from podoba.runs.settings_file import write_yaml
from podoba.runs.summary import RunSummary

JUDGING = "judging and exporting the model"  # the stage of a training after its last epoch


def train(settings: Settings, out: Path, *, on_progress: OnProgress | None = None, on_epoch: OnEpoch | None = None) -> RunSummary:
    """Train, export and evaluate one descriptor model in the folder `out`; goes on where a killed run stopped.

    Raises:
        SettingsError: settings at odds with each other or with an earlier run in the same folder.
        TrainingError: images that nothing can be learned from, or a loss that is no longer a number.
    """
    keep_freed_memory()
    torch.manual_seed(settings.seed)
    network_seed = torch.random.get_rng_state()
    backbone = build_backbone(settings.backbone, settings.input_size)
    settings = resolve(with_own_validation(settings, {}), backbone)
    assert settings.resize is not None
    folder, progress = RunFolder(out), on_progress or silent
    _claim(folder, settings)
    data = load_data(settings, PixelRule(backbone.input_size, settings.resize), progress)
    torch.random.set_rng_state(network_seed)
    network = build_network(settings, backbone, len(data.classes))
    loss = build_loss(settings.loss, dim=settings.head.dim, class_names=data.classes, class_counts=data.class_counts)
    fabric = open_fabric(settings)
    fabric.launch()
    loggers: list[Logger] = []
    objective, fingerprint = Objective(network, loss), _fingerprint(settings, data)
    trainer = Trainer(objective, data, settings, fabric, folder, fingerprint, progress, _log_to(loggers, on_epoch))
    if trainer.state.finished and folder.finished:  # exported again, the model would no longer be that of a collection
        return folder.read_summary()
    if fabric.is_global_zero:
        loggers += open_loggers(settings.loggers, folder)
    try:
        state = trainer.fit()
    finally:
        for logger in loggers:
            logger.close()
    network.set_transfer(settings.backbone.transfer.replace("frozen-then-finetune", "finetune"))
    summary = None
    if fabric.is_global_zero:
        progress(JUDGING, 0, 1)
        summary = write_result(network, data, settings, state, folder, fabric.device)
    fabric.barrier()
    return summary or folder.read_summary()


def _log_to(loggers: list[Logger], on_epoch: OnEpoch | None) -> OnEpoch:
    def log(row: Epoch) -> None:
        metrics = {key: value for key, value in asdict(row).items() if value is not None and key != "epoch"}
        for logger in loggers:
            logger.log(metrics, row.epoch)
        if on_epoch is not None:
            on_epoch(row)

    return log


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
        write_yaml(settings, folder.settings)
    except OSError as error:
        raise TrainingError(f"{folder.path} cannot be written ({error.strerror}): choose another --out") from error


def _fingerprint(settings: Settings, data: Data) -> str:
    """Names settings and data, so that a checkpoint is never continued on others."""
    parts = [settings.model_dump_json(), data.train.store.key, str(len(data.train))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
