"""The training loop: epochs that are pure functions of (weights, seed, epoch number)."""

import math
import time
from copy import deepcopy

import torch
from lightning_fabric import Fabric
from torch import nn

from podoba.arrays import Indices
from podoba.errors import TrainingError
from podoba.learn.data.batches import Batches, FeatureBatches, PixelBatches, can_cache, derived_seed
from podoba.learn.data.load import Data
from podoba.learn.data.sampling import epoch_batches, validation_batches
from podoba.learn.fit.averaging import WeightAverage
from podoba.learn.fit.checkpoint import (
    TrainingState,
    Weights,
    first_not_finite,
    learned_weights,
    load_checkpoint,
    restore_weights,
    save_checkpoint,
)
from podoba.learn.fit.held_out import HeldOut
from podoba.learn.fit.objective import Objective
from podoba.learn.fit.optim import build_optimizer, build_schedule, parameter_groups
from podoba.learn.fit.phases import Phase, phases
from podoba.learn.processes.batch_norm import synchronise
from podoba.learn.processes.gather import Share
from podoba.learn.processes.together import Together
from podoba.progress import OnProgress, silent
from podoba.runs.history import Epoch, OnEpoch, write_history
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings


class Trainer:
    """Fits one network; `fit` is the whole story."""

    def __init__(
        self,
        objective: Objective,
        data: Data,
        settings: Settings,
        fabric: Fabric,
        folder: RunFolder,
        fingerprint: str,
        on_progress: OnProgress = silent,
        on_epoch: OnEpoch | None = None,
        saved_every: float = 2.0,
    ) -> None:
        """Read the checkpoint of the folder, where there is one.

        Args:
            fingerprint: names settings and data, so that a checkpoint is never continued on others.
            saved_every: seconds at least between checkpoints; epochs on cached features take less time than writing one.

        Raises:
            TrainingError: a damaged checkpoint, or one of other settings or data.
        """
        self.objective = objective
        self.data = data
        self.settings = settings
        self.fabric = fabric
        self.together = Together(fabric)
        self.folder = folder
        self.on_progress = on_progress if fabric.is_global_zero else silent
        self.on_epoch = on_epoch
        self.state = self.together.by_first(lambda: load_checkpoint(folder.checkpoint, fingerprint)) or TrainingState(fingerprint)
        self.average: WeightAverage | None = None
        self.saved_every = saved_every
        self.saved = (time.monotonic(), self.state.epoch)

    @property
    def finished(self) -> bool:
        """Whether the training has come to the end that its settings set, or was out of patience before."""
        return self.state.finished == self.settings.epochs

    def fit(self) -> TrainingState:
        """Train to the end, or on from the checkpoint; leaves the best weights in the network.

        Raises:
            TrainingError: a loss, of training or validation, or a weight is no longer a number; the checkpoint of the last
                good epoch stays.
        """
        if self.together.world > 1 and self.settings.sync_batch_norm:
            backbone = self.objective.network.backbone  # the head has the whole batch
            backbone.body = synchronise(backbone.body, self.fabric.device)
        try:
            for phase in phases(self.settings):
                if self.finished or self.state.epoch >= phase.stop:
                    continue
                self._run(phase)
        except BaseException:  # Ctrl-C too: what was finished since the last checkpoint is not lost
            if self.state.epoch > self.saved[1]:
                self._write()
            raise
        finally:
            torch.set_flush_denormal(False)
        self.state.finished = self.settings.epochs
        self._write()
        restore_weights(self.objective, self.state.best_weights)
        return self.state

    def _run(self, phase: Phase) -> None:
        settings, network = self.settings, self.objective.network
        if self.state.epoch > 0:
            restore_weights(self.objective, self.state.weights)
        network.set_transfer(phase.transfer)
        network.train()
        device = self.fabric.device
        self.objective.to(device)
        network.backbone.to(memory_format=torch.channels_last)
        batches: Batches
        if can_cache(network, settings):
            batches = self.together.first_of_machine(
                lambda: FeatureBatches(network, self.data, settings, device, self.on_progress)
            )
        else:
            batches = PixelBatches(self.data, settings, device, self.together.rank, self.together.world)
        # The L2 regulariser drives weights behind dead units towards zero, and processors compute ten times slower with numbers
        # too small to be normal. Set here and not earlier: opening an ONNX Runtime session takes it back.
        torch.set_flush_denormal(True)
        groups = parameter_groups(
            network.backbone,
            [m for m in (network.head, network.classifier) if m is not None],
            self.objective.loss,
            settings.optimizer,
            phase.transfer,
        )
        optimizer = build_optimizer(groups, settings.optimizer)
        steps = len(self._epoch_batches(phase.start))
        schedule = build_schedule(optimizer, settings.schedule, steps, phase.stop - phase.start)
        wrapped, ready = self.fabric.setup(self.objective, optimizer)
        if self.state.epoch > phase.start:
            ready.load_state_dict(self.state.optimizer)
            # The rates themselves came back with the optimizer.
            schedule.load_state_dict(schedule.state_dict() | {"last_epoch": self.state.steps})
        self._start_average()
        held_out = self._held_out(batches, phase)
        for epoch in range(self.state.epoch, phase.stop):
            started = time.perf_counter()
            training = self._epoch(wrapped, ready, schedule, batches, epoch)
            self._close_epoch(epoch, training, batches, held_out, ready, schedule, phase, time.perf_counter() - started)
            if self._out_of_patience():
                self.state.finished = self.settings.epochs
                return

    def _epoch(
        self,
        wrapped: nn.Module,
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        batches: Batches,
        epoch: int,
    ) -> float:
        torch.manual_seed(derived_seed(self.settings.seed, epoch, -1))  # dropout
        self.objective.train()
        rows = self._epoch_batches(epoch)
        total, seen = torch.zeros((), device=self.fabric.device), 0
        for step, indices in enumerate(rows):
            inputs, mix = batches.train(indices, epoch, step)
            labels = torch.from_numpy(self.data.train.labels[indices]).to(self.fabric.device)
            loss, penalty = wrapped(inputs, labels, mix, batches.features, self._share(batches, indices, epoch, step))
            if not math.isfinite((loss + penalty).item()):
                raise self._no_number(f"the loss is not a number at epoch {epoch + 1}, step {step + 1}")
            optimizer.zero_grad(set_to_none=True)
            self.fabric.backward(loss + penalty)
            if self.settings.gradient_clip is not None:
                # In half precision gradients overflow now and then, and the step is left out; else the next loss shows it.
                clip = self.settings.gradient_clip
                self.fabric.clip_gradients(wrapped, optimizer, max_norm=clip, error_if_nonfinite=False)
            optimizer.step()
            schedule.step()
            if self.average is not None:
                self.average.update(self.objective, schedule.last_epoch)
            total += loss.detach() * len(indices)
            seen += len(indices)
            if not batches.features:
                self.on_progress(f"epoch {epoch + 1}/{self.settings.epochs}", step + 1, len(rows))
        return float(total) / seen

    def _close_epoch(
        self,
        epoch: int,
        training: float,
        batches: Batches,
        held_out: HeldOut | None,
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        phase: Phase,
        seconds: float,
    ) -> None:
        started = time.perf_counter()
        kept = self.objective if self.average is None else self.average.objective
        if (broken := first_not_finite(self.objective)) is not None:  # no loss has shown what the last step made of them
            raise self._no_number(f"the weights {broken} are not numbers after the last step of epoch {epoch + 1}")
        # One process judges for all: what it finds decides when to stop, and machines may round differently.
        training, validation, precision = self.together.by_first(lambda: (training, *self._judge(held_out, kept, batches)))
        if validation is not None and not math.isfinite(validation):
            raise self._no_number(f"the validation loss is not a number after epoch {epoch + 1}")
        seconds += time.perf_counter() - started
        row = Epoch(epoch + 1, training, validation, float(schedule.get_last_lr()[-1]), seconds, precision)
        state = self.state
        state.history.append(row)
        state.epoch = epoch + 1
        monitor = self.settings.early_stopping.monitor
        best = min(state.history, key=lambda row: row.monitored(monitor))
        better_than_start = precision is None or state.start_precision is None or precision >= state.start_precision
        if (best is row and better_than_start) or not state.best_weights:
            state.best_epoch = row.epoch
            state.best_weights = self._kept(kept, phase)
        state.weights = state.best_weights if best is row and self.average is None else learned_weights(self.objective)
        state.average = learned_weights(self.average.objective) if self.average is not None else {}
        state.optimizer = deepcopy(optimizer.state_dict())
        state.steps = schedule.last_epoch
        if self.fabric.is_global_zero:
            write_history(state.history, self.folder.history)
        if time.monotonic() - self.saved[0] >= self.saved_every or state.epoch == phase.stop:
            self._write()
        if self.on_epoch is not None and self.fabric.is_global_zero:
            self.on_epoch(row)

    def _kept(self, objective: Objective, phase: Phase) -> Weights:
        """The weights that make the network of now, whatever later phases change."""
        weights = learned_weights(objective)
        if phase.transfer != self.settings.backbone.transfer:  # a later phase will change the backbone too
            weights |= {k: v.clone() for k, v in objective.state_dict().items() if "backbone." in k}
        return weights

    def _held_out(self, batches: Batches, phase: Phase) -> HeldOut | None:
        """The search for held-out images, where that is monitored; before the first epoch it judges the start too."""
        if self.settings.early_stopping.monitor != "validation_precision" or self.data.validation is None:
            return None
        held_out, state = HeldOut(self.data), self.state
        if state.epoch == 0:
            state.start_precision = self.together.by_first(lambda: self._precision(held_out, self.objective, batches))
            state.best_weights = self._kept(self.objective, phase)
        return held_out

    def _judge(self, held_out: HeldOut | None, kept: Objective, batches: Batches) -> tuple[float | None, float | None]:
        """The validation loss and the precision of held-out images."""
        validation = self._validate(kept, batches)
        judged = validation is None or math.isfinite(validation)
        return validation, self._precision(held_out, kept, batches) if judged else None

    def _precision(self, held_out: HeldOut | None, objective: Objective, batches: Batches) -> float | None:
        return None if held_out is None else held_out.precision(objective.network, batches, self.fabric)

    @torch.no_grad()
    def _validate(self, objective: Objective, batches: Batches) -> float | None:
        split = self.data.validation
        if split is None:
            return None
        objective.eval()
        total, seen = 0.0, 0
        pairs = self.objective.loss.needs_pairs
        for indices in validation_batches(
            self.settings.sampler, split.labels, self.settings.batch_size, self.settings.seed, pairs
        ):
            labels = torch.from_numpy(split.labels[indices]).to(self.fabric.device)
            with self.fabric.autocast():
                loss, _ = objective(batches.validation(indices), labels, None, batches.features)
            total += float(loss) * len(indices)
            seen += len(indices)
        return total / seen if seen else None

    def _epoch_batches(self, epoch: int) -> list[Indices]:
        settings, least = self.settings, max(2, self.together.world)
        return epoch_batches(settings.sampler, self.data.train.labels, settings.batch_size, settings.seed, epoch, least)

    def _share(self, batches: Batches, indices: Indices, epoch: int, step: int) -> Share | None:
        """What of a batch this process has; None: all, as of features, which every process has and a head is quick on."""
        if batches.features or self.together.world == 1:
            return None
        return Share(len(indices), derived_seed(self.settings.seed, epoch, step, 2 + self.together.rank))

    def _start_average(self) -> None:
        if self.settings.averaging.name == "none" or self.average is not None:
            return
        self.average = WeightAverage(self.objective, self.settings.averaging)
        if self.state.average:
            restore_weights(self.average.objective, self.state.average)

    def _out_of_patience(self) -> bool:
        patience = self.settings.early_stopping.patience
        return patience is not None and self.state.epoch - self.state.best_epoch >= patience

    def _write(self) -> None:
        if self.fabric.is_global_zero:
            save_checkpoint(self.state, self.folder.checkpoint)
        self.saved = (time.monotonic(), self.state.epoch)

    def _no_number(self, what: str) -> TrainingError:
        epoch = self.state.epoch
        kept = f"the weights of epoch {epoch} are kept in {self.folder.checkpoint}" if epoch else "no epoch was finished"
        return TrainingError(f"{what}; {kept}: lower optimizer.lr, or set gradient_clip")
