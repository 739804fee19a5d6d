"""What a training makes small: the loss of the network's descriptors and the penalty on its weights."""

from torch import Tensor, nn

from podoba.learn.losses.base import Loss
from podoba.learn.networks.network import DescriptorNetwork


class Objective(nn.Module):
    """Network and loss as one module, so that losses with weights of their own are trained and averaged alike."""

    def __init__(self, network: DescriptorNetwork, loss: Loss) -> None:
        super().__init__()
        self.network = network
        self.loss = loss

    def forward(self, inputs: Tensor, labels: Tensor, mix: tuple[Tensor, float] | None, features: bool) -> tuple[Tensor, Tensor]:
        """The loss of a batch and the L2 penalty, two scalars.

        Args:
            inputs: images (B, 3, H, W), float32 in [0, 1], or where `features` features (B, F).
            labels: int64 (B,).
            mix: where images were mixed: permutation (B,) and the share of the first.
        """
        descriptors = self.network.head(inputs) if features else self.network(inputs)
        logits = None if self.network.classifier is None else self.network.classifier(descriptors)
        loss = self.loss(descriptors, labels, logits)
        if mix is not None:
            permutation, share = mix
            loss = share * loss + (1 - share) * self.loss(descriptors, labels[permutation], logits)
        return loss, self.network.head.penalty()
