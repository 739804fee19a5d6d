"""One training from settings to a run folder: model, weights, history, evaluation."""

import hashlib
from collections.abc import Callable
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path

import torch

from podoba.errors import SettingsError, TrainingError
from podoba.learn.accelerate.malloc import keep_freed_memory
from podoba.learn.data.batches import can_cache
from podoba.learn.data.load import Data, load_data, with_own_validation
from podoba.learn.data.sampling import epoch_batches, sampler_notes
from podoba.learn.fit.loggers import Logger, open_loggers
from podoba.learn.fit.objective import Objective
from podoba.learn.fit.phases import with_more_epochs
from podoba.learn.fit.timing import seconds_of_step
from podoba.learn.fit.trainer import Trainer
from podoba.learn.losses.registry import build_loss, needs_pairs
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.processes.together import Together
from podoba.learn.result import write_result
from podoba.learn.setup import build_network, open_fabric, pixel_rule, resolve
from podoba.learn.transfer import Choice, choice_without_images, choose_transfer
from podoba.progress import OnProgress, silent
from podoba.runs.history import Epoch, OnEpoch
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings
from podoba.runs.settings_file import write_yaml
from podoba.runs.summary import RunSummary

JUDGING = "judging and exporting the model"  # the stage of a training after its last epoch
OnNote = Callable[[str], None]  # what a person should know before the training begins, a sentence


def train(
    settings: Settings,
    out: Path,
    *,
    on_progress: OnProgress | None = None,
    on_epoch: OnEpoch | None = None,
    on_note: OnNote | None = None,
) -> RunSummary:
    """Train, export and evaluate one descriptor model in the folder `out`; goes on where a killed run stopped.

    Args:
        on_note: called before the first epoch with what a person should know of the images and the batches, with the transfer
            strategy where it is chosen here, and with the time that an epoch will take.

    Raises:
        SettingsError: settings at odds with each other or with an earlier run in the same folder.
        TrainingError: images that nothing can be learned from, or a loss that is no longer a number.
    """
    together = _opened(settings)
    with together.told_of_loss():
        return _train(settings, RunFolder(out), together, on_progress, on_epoch, on_note)


def _train(
    settings: Settings,
    folder: RunFolder,
    together: Together,
    on_progress: OnProgress | None,
    on_epoch: OnEpoch | None,
    on_note: OnNote | None,
) -> RunSummary:
    if not together.first:  # one speaks for all
        on_progress, on_epoch, on_note = None, None, None
    fabric, progress, note = together.fabric, on_progress or silent, on_note or (lambda text: None)
    torch.manual_seed(settings.seed)
    network_seed = torch.random.get_rng_state()
    choice = None
    if settings.backbone.transfer == "auto":
        choice = together.by_first(lambda: _earlier_choice(folder)) or choice_without_images(settings)
        settings = settings if choice is None else _with_transfer(settings, choice)
    backbone = together.first_of_machine(lambda: build_backbone(settings.backbone, settings.input_size))
    settings = resolve(with_own_validation(settings, {}), backbone)
    if settings.backbone.transfer != "auto":
        together.by_first(lambda: _claim(folder, settings))
    data = together.first_of_machine(lambda: load_data(settings, pixel_rule(settings, backbone), progress))
    data = _with_notes(data, settings)
    for one in data.notes:
        note(f"note: {one}")
    if settings.backbone.transfer == "auto":
        choice = choose_transfer(settings, backbone, data, fabric, progress)
        settings = _with_transfer(settings, choice)
        together.by_first(lambda: _claim(folder, settings))
    if choice is not None:
        note(f"transfer: {choice.transfer}, since {choice.reason}")
    torch.random.set_rng_state(network_seed)
    network = build_network(settings, backbone, len(data.classes))
    loss = build_loss(settings.loss, dim=network.dim, class_names=data.classes, class_counts=data.class_counts)
    loggers: list[Logger] = []
    objective, fingerprint = Objective(network, loss), _fingerprint(settings, data)
    together.check_equal(fingerprint, "images or settings")
    trainer = Trainer(objective, data, settings, fabric, folder, fingerprint, progress, _log_to(loggers, on_epoch))
    if trainer.finished and together.by_first(lambda: folder.finished):
        return together.by_first(folder.read_summary)  # exported again, the model would no longer be that of a collection
    if together.first:
        loggers += open_loggers(settings.loggers, folder)
        # Some steps are taken to tell it: not where nobody listens, as in the cells of a study.
        if on_note and (seconds := _seconds_per_epoch(objective, settings, data, together)) is not None:
            on_note(f"an epoch will take about {seconds:.0f} s; of {settings.epochs}, {trainer.state.epoch} are done")
    try:
        state = trainer.fit()
    finally:
        for logger in loggers:
            logger.close()
    network.set_transfer(settings.backbone.transfer.replace("frozen-then-finetune", "finetune"))
    progress(JUDGING, 0, 1)
    return together.by_first(lambda: write_result(network, data, settings, state, folder, fabric))


def train_longer(
    out: Path,
    epochs: int,
    *,
    on_progress: OnProgress | None = None,
    on_epoch: OnEpoch | None = None,
    on_note: OnNote | None = None,
) -> RunSummary:
    """Go on with the finished run of a folder for so many more epochs; with an unfinished one to the end that was set before.

    It ends with the weights of a run that had these epochs, and restarts of the schedule (`with_more_epochs`), from the outset.

    Raises:
        SettingsError, TrainingError: as `train`; a folder without a run, or without its checkpoint.
    """
    folder = RunFolder(out)
    together = _opened(folder.read_settings())
    with together.told_of_loss():
        settings = together.by_first(lambda: _lengthened(folder, epochs, on_note))
        return _train(settings, folder, together, on_progress, on_epoch, on_note)


def _opened(settings: Settings) -> Together:
    """The processes of a training, all of them started."""
    keep_freed_memory()
    fabric = open_fabric(settings)
    fabric.launch()
    return Together(fabric)


def _lengthened(folder: RunFolder, epochs: int, on_note: OnNote | None) -> Settings:
    """The settings of a run with so many more epochs, which the folder then holds; an unfinished run keeps its own."""
    settings = folder.read_settings()
    if not folder.finished:
        if on_note is not None:
            on_note(f"{folder.path} was not finished: it goes on to its {settings.epochs} epochs")
        return settings
    if not folder.checkpoint.exists():
        raise TrainingError(f"{folder.checkpoint} is missing, so the run cannot go on: train anew, into another --out")
    longer = with_more_epochs(settings, len(folder.read_history()), epochs)
    try:
        folder.summary.unlink()  # from here on the run is unfinished, and the same command goes on with it
        write_yaml(longer, folder.settings)
    except OSError as error:
        raise TrainingError(f"{folder.path} cannot be written ({error.strerror}): free the disk, or copy the run") from error
    return longer


def _earlier_choice(folder: RunFolder) -> Choice | None:
    """What an earlier run in the folder chose, so that it is gone on with."""
    if not folder.settings.exists():
        return None
    return Choice(folder.read_settings().backbone.transfer, f"{folder.path} was begun so")


def _with_transfer(settings: Settings, choice: Choice) -> Settings:
    return settings.model_copy(update={"backbone": settings.backbone.model_copy(update={"transfer": choice.transfer})})


def _with_notes(data: Data, settings: Settings) -> Data:
    """The data with notes on its batches beside those on its images."""
    held_out = data.validation.labels if data.validation is not None and needs_pairs(settings.loss) else None
    batches = sampler_notes(settings.sampler, data.train.labels, data.classes, settings.batch_size, held_out)
    return replace(data, notes=[*data.notes, *batches])


def _seconds_per_epoch(objective: Objective, settings: Settings, data: Data, together: Together) -> float | None:
    """What an epoch takes, by a few steps; None where only a head learns on cached features, which takes less than to say so."""
    if can_cache(objective.network, settings):
        return None
    batches = epoch_batches(settings.sampler, data.train.labels, settings.batch_size, settings.seed, 0, max(2, together.world))
    share = batches[0][: max(2, -(-len(batches[0]) // together.world))]
    with torch.random.fork_rng():
        return len(batches) * seconds_of_step(
            deepcopy(objective).to(together.fabric.device), settings, data.train.labels[share], False
        )


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
    """Names settings and data, so that a checkpoint is never continued on others; a run may get more epochs.

    The folder sees to what else may not change (`_claim`).
    """
    named = settings.model_dump_json(exclude={"epochs": True, "schedule": {"restarts"}, "nodes": True, "sync_batch_norm": True})
    parts = [named, data.train.store.key, str(len(data.train))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
