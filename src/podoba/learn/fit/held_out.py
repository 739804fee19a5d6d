"""What a network finds for held-out images while it is trained."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from lightning_fabric import Fabric
from torch import Tensor

from podoba.arrays import Floats, Indices
from podoba.images.contents import image_numbers
from podoba.images.split import balanced_subset
from podoba.learn.data.batches import Batches
from podoba.learn.data.load import Data
from podoba.learn.networks.network import DescriptorNetwork
from podoba.metrics.knn import K
from podoba.ranking.exact import nearest


@dataclass(frozen=True)
class HeldOutSettings:
    """How held-out images are searched for.

    Attributes:
        gallery: training images at most that they are searched among, balanced by class; all are described after every epoch.
        batch_size: images described at a time.
    """

    gallery: int = 2_000
    batch_size: int = 128


class HeldOut:
    """The held-out images as queries among the training images."""

    def __init__(self, data: Data, settings: HeldOutSettings = HeldOutSettings()) -> None:
        """Choose the gallery.

        Args:
            data: with held-out images.
        """
        assert data.validation is not None
        self.batch_size = settings.batch_size
        self.rows: Indices = balanced_subset(data.train.names, settings.gallery, 0)
        self.labels = data.train.labels[self.rows]
        self.queries = data.validation.labels
        contents = data.train.known.contents
        self.images = image_numbers(data.validation.known.contents, [contents[row] for row in self.rows])

    def precision(self, network: DescriptorNetwork, batches: Batches, fabric: Fabric) -> float:
        """Share of the K = 5 nearest training images that are of the held-out image's class; mean over the held-out images.

        As the KNN score looks at the same five, but in finer steps. No image finds a copy of itself.
        """
        network.eval()
        queries = self._describe(network, np.arange(len(self.queries)), batches.validation, batches.features, fabric)
        gallery = self._describe(network, self.rows, batches.plain, batches.features, fabric)
        numbers, gallery_numbers = self.images
        found = nearest(queries, gallery, min(K, len(gallery)), images=(numbers, gallery_numbers)).indices
        return float(((self.labels[found] == self.queries[:, None]) & (found >= 0)).mean())

    @torch.no_grad()
    def _describe(
        self, network: DescriptorNetwork, rows: Indices, inputs_of: Callable[[Indices], Tensor], features: bool, fabric: Fabric
    ) -> Floats:
        parts = []
        for start in range(0, len(rows), self.batch_size):
            inputs = inputs_of(rows[start : start + self.batch_size])
            with fabric.autocast():
                descriptors = network.head(inputs) if features else network(inputs)
            parts.append(descriptors.float().cpu().numpy())
        described: Floats = np.concatenate(parts)
        return described
