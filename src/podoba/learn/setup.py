"""What settings describe, built: settings without open ends, the network, the device."""

import timm
from lightning_fabric import Fabric
from lightning_fabric.plugins.environments import LightningEnvironment, TorchElasticEnvironment

from podoba.errors import SettingsError
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_part
from podoba.learn.augmentation.build import check_augmentation
from podoba.learn.losses.registry import needs_logits, needs_pairs
from podoba.learn.networks.backbones import ALIASES, Backbone, build_backbone, has_weights
from podoba.learn.networks.layer_table import Row, layer_table
from podoba.learn.networks.network import DescriptorNetwork
from podoba.learn.processes.launcher import launch_of
from podoba.models.foreign.processors import timm_processor
from podoba.runs.settings import Settings


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
        classifies = needs_logits(settings.loss)
        sampler = sampler.model_copy(update={"name": "balanced" if pairs and not classifies else "shuffled"})
    if pairs and sampler.name == "shuffled" and settings.batch_size < 4:
        raise SettingsError("batch_size: a loss on pairs needs batches of 4 or more")
    head = settings.head.model_copy(update={"dim": settings.head.width(backbone.feature_dim)})
    return settings.model_copy(
        update={
            "sampler": sampler,
            "head": head,
            "input_size": backbone.input_size,
        }
    )


def pixel_rule(settings: Settings, backbone: Backbone) -> PixelRule:
    """How pictures become the pixels that are learned from: as the settings say, else as the backbone's weights were learned.

    Raises:
        ModelError: published weights of timm whose rule is not understood.
    """
    if settings.resize is not None:
        return PixelRule(backbone.input_size, settings.resize)
    published = ALIASES.get(backbone.name, backbone.name.removeprefix("timm/"))
    if has_weights(settings.backbone) and (facts := timm.get_pretrained_cfg(published)) is not None:
        return timm_processor(facts.to_dict(), backbone.name, backbone.input_size).rule
    return backbone.rule


def build_network(settings: Settings, backbone: Backbone, classes: int) -> DescriptorNetwork:
    """The network that settings describe, ready to learn what its transfer strategy lets learn (`auto`: all that it may)."""
    network = DescriptorNetwork(backbone, settings.head, classes if needs_logits(settings.loss) else None)
    transfer = settings.backbone.transfer
    network.set_transfer({"frozen-then-finetune": "frozen", "auto": "finetune"}.get(transfer, transfer))
    return network


def open_fabric(settings: Settings) -> Fabric:
    """Lightning Fabric for the settings' device, processes and precision.

    Raises:
        SettingsError: a device that is not here, a precision that it does not compute in, or processes that are not those which
            torchrun started.
    """
    launch = launch_of(settings)
    try:
        return Fabric(
            accelerator=settings.device,
            devices=launch.devices,
            num_nodes=launch.nodes,
            strategy="ddp" if launch.processes > 1 else "auto",
            precision=settings.precision,
            plugins=TorchElasticEnvironment() if launch.external else LightningEnvironment(),
        )
    except (RuntimeError, ValueError) as error:
        raise SettingsError(
            f"device={settings.device}, devices={launch.devices}: {' '.join(str(error).split())[:160]}"
        ) from error


def layers_of(settings: Settings, classes: int | None = None) -> list[Row]:
    """Rows (layer, output shape, parameters, of them trainable) of the network that `train` would build; no weights are fetched.

    Args:
        classes: number of classes; None: those of the training images, which are then listed.
    """
    backbone_settings = settings.backbone
    if backbone_settings.pretrained is True:  # the table is of shapes and counts
        backbone_settings = backbone_settings.model_copy(update={"pretrained": False})
    backbone = build_backbone(backbone_settings, settings.input_size)
    count = classes or max(2, len(open_part(settings.train, "train").classes))
    return layer_table(build_network(resolve(settings, backbone), backbone, count))
