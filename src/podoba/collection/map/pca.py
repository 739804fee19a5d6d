"""A quick view of descriptors: their first two principal components."""

import numpy as np

from podoba.arrays import Floats


class Projection:
    """Onto the two directions in which a sample of descriptors differs most (Pearson, 1901)."""

    def __init__(self, sample: Floats) -> None:
        """Take the components of descriptors (n, dim), float32."""
        self._mean = sample.mean(axis=0, dtype=np.float64) if len(sample) else np.zeros(sample.shape[1])
        centred = sample - self._mean
        values, vectors = np.linalg.eigh(centred.T @ centred)
        chosen = vectors[:, ::-1][:, :2]
        largest = np.abs(chosen).argmax(axis=0)
        self._axes = chosen * np.sign(chosen[largest, np.arange(chosen.shape[1])])  # else the sign is the library's choice
        total = float(values.clip(0).sum())
        self.explained = float(values[::-1][:2].clip(0).sum()) / total if total else 1.0

    explained: float
    """Share of the sample's variance that lies in the two directions, from 0 to 1."""

    def of(self, descriptors: Floats) -> Floats:
        """Places (n, 2), float32, of descriptors (n, dim)."""
        points = np.zeros((len(descriptors), 2), dtype=np.float32)
        points[:, : self._axes.shape[1]] = (descriptors - self._mean.astype(np.float32)) @ self._axes.astype(np.float32)
        return points
