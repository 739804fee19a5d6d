"""The training loop: epochs that are pure functions of (weights, seed, epoch number)."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor, nn

from podoba.arrays import Indices
from podoba.errors import TrainingError
from podoba.learn.data.batches import FeatureFeed, Feed, PixelFeed, can_cache, derived_seed
from podoba.learn.data.load import Data
from podoba.learn.data.sampling import epoch_batches, of_paired_classes
from podoba.learn.fit.checkpoint import Progress, learned_state, load_checkpoint, restore_state, save_checkpoint
from podoba.learn.fit.optim import build_optimizer, build_schedule, parameter_groups
from podoba.learn.losses.base import Loss
from podoba.learn.networks.network import DescriptorNetwork
from podoba.progress import OnProgress
from podoba.runs.history import Epoch, write_history
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings

SAVED_EVERY = 2.0  # seconds at least between checkpoints: epochs on cached features take less time than writing one
OnEpoch = Callable[[Epoch], None]


@dataclass(frozen=True)
class Phase:
    """Epochs start..stop-1 under one transfer strategy, with an optimizer of its own."""

    start: int
    stop: int
    transfer: str


class Objective(nn.Module):
    """Network and loss as one module, so that losses with weights of their own are trained and averaged alike."""

    def __init__(self, network: DescriptorNetwork, loss: Loss) -> None:
        super().__init__()
        self.network = network
        self.loss = loss

    def forward(self, inputs: Tensor, labels: Tensor, mix: tuple[Tensor, float] | None, features: bool) -> tuple[Tensor, Tensor]:
        """The loss of a batch and the L2 penalty, two scalars."""
        descriptors = self.network.head(inputs) if features else self.network(inputs)
        logits = None if self.network.classifier is None else self.network.classifier(descriptors)
        loss = self.loss(descriptors, labels, logits)
        if mix is not None:
            permutation, share = mix
            loss = share * loss + (1 - share) * self.loss(descriptors, labels[permutation], logits)
        return loss, self.network.head.penalty()


def phases(settings: Settings) -> list[Phase]:
    """The phases of a training: two where the backbone thaws after `frozen_epochs`, else one."""
    transfer, epochs = settings.backbone.transfer, settings.epochs
    if transfer != "frozen-then-finetune":
        return [Phase(0, epochs, transfer)]
    thaw = min(settings.backbone.frozen_epochs, epochs)
    return [phase for phase in (Phase(0, thaw, "frozen"), Phase(thaw, epochs, "finetune")) if phase.start < phase.stop]


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
        on_progress: OnProgress | None = None,
        on_epoch: OnEpoch | None = None,
    ) -> None:
        self.objective = objective
        self.data = data
        self.settings = settings
        self.fabric = fabric
        self.folder = folder
        self.on_progress = on_progress if fabric.is_global_zero else None
        self.on_epoch = on_epoch
        self.progress = load_checkpoint(folder.checkpoint, fingerprint) or Progress(fingerprint)
        self.average: Objective | None = None
        self.saved = (time.monotonic(), self.progress.epoch)

    def fit(self) -> Progress:
        """Train to the end, or on from the checkpoint; leaves the best weights in the network.

        Raises:
            TrainingError: the loss is no longer a number; the checkpoint of the last good epoch stays.
        """
        try:
            for phase in phases(self.settings):
                if self.progress.finished or self.progress.epoch >= phase.stop:
                    continue
                self._run(phase)
        except BaseException:  # Ctrl-C too: what was finished since the last checkpoint is not lost
            if self.progress.epoch > self.saved[1]:
                self._write()
            raise
        finally:
            torch.set_flush_denormal(False)
        self.progress.finished = True
        self._save()
        restore_state(self.objective, self.progress.best_state)
        return self.progress

    def _run(self, phase: Phase) -> None:
        settings, network = self.settings, self.objective.network
        if self.progress.epoch > 0:
            restore_state(self.objective, self.progress.state)
        network.set_transfer(phase.transfer)
        network.train()
        device = self.fabric.device
        self.objective.to(device)
        network.backbone.to(memory_format=torch.channels_last)
        feed: Feed
        if can_cache(network, settings):
            feed = FeatureFeed(network, self.data, settings, device, self.on_progress)
        else:
            feed = PixelFeed(self.data, settings, device, self.fabric.global_rank)
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
        batches = self._batches(phase.start)
        schedule = build_schedule(optimizer, settings.schedule, len(batches), phase.stop - phase.start)
        wrapped, ready = self.fabric.setup(self.objective, optimizer)
        if self.progress.epoch > phase.start:
            ready.load_state_dict(self.progress.optimizer)
            # The rates themselves came back with the optimizer.
            schedule.load_state_dict(schedule.state_dict() | {"last_epoch": self.progress.steps})
        self._start_average()
        for epoch in range(self.progress.epoch, phase.stop):
            started = time.perf_counter()
            training = self._epoch(wrapped, ready, schedule, feed, epoch)
            self._close_epoch(epoch, training, feed, ready, schedule, phase, time.perf_counter() - started)
            if self._out_of_patience():
                self.progress.finished = True
                return

    def _epoch(
        self,
        wrapped: nn.Module,
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        feed: Feed,
        epoch: int,
    ) -> float:
        torch.manual_seed(derived_seed(self.settings.seed, epoch, -1))  # dropout
        self.objective.train()
        batches = self._batches(epoch)
        total, seen = torch.zeros((), device=self.fabric.device), 0
        for step, indices in enumerate(batches):
            inputs, mix = feed.train(indices, epoch, step)
            labels = torch.from_numpy(self.data.train.labels[indices]).to(self.fabric.device)
            loss, penalty = wrapped(inputs, labels, mix, feed.features)
            if not math.isfinite(loss.item()):
                raise TrainingError(self._nan(epoch, step))
            optimizer.zero_grad(set_to_none=True)
            self.fabric.backward(loss + penalty)
            if self.settings.gradient_clip is not None:
                self.fabric.clip_gradients(wrapped, optimizer, max_norm=self.settings.gradient_clip)
            optimizer.step()
            schedule.step()
            self._update_average(schedule.last_epoch)
            total += loss.detach() * len(indices)
            seen += len(indices)
            if self.on_progress is not None and not feed.features:
                self.on_progress(f"epoch {epoch + 1}/{self.settings.epochs}", step + 1, len(batches))
        sums = torch.stack([total.float(), torch.tensor(float(seen), device=total.device)])
        gathered = self.fabric.all_reduce(sums, reduce_op="sum")
        assert isinstance(gathered, Tensor)
        return float(gathered[0] / gathered[1])

    def _close_epoch(
        self,
        epoch: int,
        training: float,
        feed: Feed,
        optimizer: torch.optim.Optimizer,
        schedule: torch.optim.lr_scheduler.LRScheduler,
        phase: Phase,
        seconds: float,
    ) -> None:
        started = time.perf_counter()
        judged = self.average or self.objective
        validation = self._validate(judged, feed)
        seconds += time.perf_counter() - started
        row = Epoch(epoch + 1, training, validation, float(schedule.get_last_lr()[-1]), seconds)
        progress = self.progress
        progress.history.append(row)
        progress.epoch = epoch + 1
        monitor = self.settings.early_stopping.monitor
        best = min(progress.history, key=lambda row: row.monitored(monitor))
        if best is row or not progress.best_state:
            progress.best_epoch = row.epoch
            progress.best_state = learned_state(judged)
            if phase.transfer != self.settings.backbone.transfer:  # a later phase will change the backbone too
                progress.best_state |= {k: v.clone() for k, v in judged.state_dict().items() if "backbone." in k}
        progress.state = progress.best_state if best is row and self.average is None else learned_state(self.objective)
        progress.average = learned_state(self.average) if self.average is not None else {}
        progress.optimizer = deepcopy(optimizer.state_dict())
        progress.steps = schedule.last_epoch
        if self.fabric.is_global_zero:
            write_history(progress.history, self.folder.history)
        if time.monotonic() - self.saved[0] >= SAVED_EVERY or progress.epoch == phase.stop:
            self._save()
        if self.on_epoch is not None and self.fabric.is_global_zero:
            self.on_epoch(row)

    @torch.no_grad()
    def _validate(self, objective: Objective, feed: Feed) -> float | None:
        part = self.data.validation
        if part is None:
            return None
        objective.eval()
        total, seen = 0.0, 0
        for indices in self._validation_batches(part.labels):
            labels = torch.from_numpy(part.labels[indices]).to(self.fabric.device)
            with self.fabric.autocast():
                loss, _ = objective(feed.validation(indices), labels, None, feed.features)
            total += float(loss) * len(indices)
            seen += len(indices)
        return total / seen if seen else None

    def _batches(self, epoch: int) -> list[Indices]:
        return epoch_batches(
            self.settings.sampler,
            self.data.train.labels,
            self.settings.batch_size,
            self.settings.seed,
            epoch,
            self.fabric.global_rank,
            self.fabric.world_size,
        )

    def _validation_batches(self, labels: Indices) -> list[Indices]:
        """Always the same batches: of pairs as in training where the loss lives on pairs (none without pairs), else in order."""
        sampler = self.settings.sampler
        if sampler.name == "balanced" and self.objective.loss.needs_pairs:
            paired = of_paired_classes(labels)
            present = len(np.unique(paired[paired >= 0]))
            # A rare class may have too few images held out: then a batch has fewer classes than in training.
            fewer = sampler.model_copy(update={"classes": min(sampler.classes, present)}) if sampler.classes else sampler
            return epoch_batches(fewer, paired, self.settings.batch_size, self.settings.seed, 0) if present else []
        size = max(self.settings.batch_size, 256)
        return [np.arange(start, min(start + size, len(labels))) for start in range(0, len(labels), size)]

    def _start_average(self) -> None:
        if self.settings.averaging.name == "none":
            return
        fresh = self.average is None
        self.average = self.average or deepcopy(self.objective)
        if fresh and self.progress.average:
            restore_state(self.average, self.progress.average)

    def _update_average(self, step: int) -> None:
        """Exponential moving average of weights and batch statistics, with the usual faster start."""
        if self.average is None:
            return
        keep = min(self.settings.averaging.decay, (1 + step) / (10 + step))
        with torch.no_grad():
            ours, theirs = self.average.state_dict(), self.objective.state_dict()
            smooth = [key for key, value in ours.items() if value.is_floating_point()]
            torch._foreach_lerp_([ours[key] for key in smooth], [theirs[key] for key in smooth], 1 - keep)
            for key in ours.keys() - set(smooth):
                ours[key].copy_(theirs[key])

    def _out_of_patience(self) -> bool:
        patience = self.settings.early_stopping.patience
        return patience is not None and self.progress.epoch - self.progress.best_epoch >= patience

    def _save(self) -> None:
        self._write()
        self.fabric.barrier()

    def _write(self) -> None:
        if self.fabric.is_global_zero:
            save_checkpoint(self.progress, self.folder.checkpoint)
        self.saved = (time.monotonic(), self.progress.epoch)

    def _nan(self, epoch: int, step: int) -> str:
        kept = f"the weights of epoch {epoch} are kept in {self.folder.checkpoint}" if epoch else "no epoch was finished"
        return f"the loss is not a number at epoch {epoch + 1}, step {step + 1}; {kept}: lower optimizer.lr, or set gradient_clip"
