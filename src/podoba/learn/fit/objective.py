"""What a training makes small: the loss of the network's descriptors and the penalty on its weights."""

import torch
from torch import Tensor, nn

from podoba.learn.losses.base import Loss
from podoba.learn.networks.network import DescriptorNetwork
from podoba.learn.processes.gather import Share, gather_rows


class Objective(nn.Module):
    """Network and loss as one module, so that losses with weights of their own are trained and averaged alike."""

    def __init__(self, network: DescriptorNetwork, loss: Loss) -> None:
        super().__init__()
        self.network = network
        self.loss = loss

    def forward(
        self,
        inputs: Tensor,
        labels: Tensor,
        mix: tuple[Tensor, float] | None,
        features: bool,
        share: Share | None = None,
    ) -> tuple[Tensor, Tensor]:
        """The loss of a batch and the L2 penalty, two scalars.

        Args:
            inputs: images (B, 3, H, W), float32 in [0, 1], or where `features` features (B, F).
            labels: int64 (B,).
            mix: where images were mixed: permutation (B,) and the share of the first.
            share: where the images are those of one of several processes: all run the head and the loss on the whole batch,
                whose labels and mix these are.
        """
        if share is not None:
            descriptors = self.network.head(gather_rows(self._features(inputs, share.seed), share.whole))
        else:
            descriptors = self.network.head(inputs) if features else self.network(inputs)
        logits = None if self.network.classifier is None else self.network.classifier(descriptors)
        loss = self.loss(descriptors, labels, logits)
        if mix is not None:
            permutation, first = mix
            loss = first * loss + (1 - first) * self.loss(descriptors, labels[permutation], logits)
        return loss, self.network.head.penalty()

    def _features(self, images: Tensor, seed: int) -> Tensor:
        """Features of a share; what is random in the backbone differs between shares, and behind it processes stay in step."""
        with torch.random.fork_rng(devices=[images.device] if images.device.type == "cuda" else []):
            torch.manual_seed(seed)
            features: Tensor = self.network.backbone(images)
            return features
