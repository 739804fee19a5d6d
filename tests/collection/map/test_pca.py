"""The quick view."""

import numpy as np

from podoba.collection.map.pca import Projection


def test_it_equals_the_decomposition_of_all_descriptors() -> None:
    rng = np.random.default_rng(0)
    x = (rng.normal(size=(300, 12)) * np.arange(12, 0, -1)).astype(np.float32)
    projection = Projection(x)
    centred = x - x.mean(axis=0)
    left, sizes, right = np.linalg.svd(centred, full_matrices=False)
    expected = left[:, :2] * sizes[:2] * np.sign(right[np.arange(2), np.abs(right[:2]).argmax(axis=1)])
    assert np.allclose(projection.of(x), expected, atol=1e-3)
    assert np.isclose(projection.explained, (sizes[:2] ** 2).sum() / (sizes**2).sum())


def test_a_sample_shows_nearly_the_same() -> None:
    rng = np.random.default_rng(1)
    x = (rng.normal(size=(4000, 32)) * 0.8 ** np.arange(32)).astype(np.float32)
    whole, part = Projection(x).of(x), Projection(x[::10]).of(x)
    for axis in (0, 1):
        assert np.corrcoef(whole[:, axis], part[:, axis])[0, 1] > 0.98


def test_few_descriptors_and_few_numbers() -> None:
    assert Projection(np.ones((1, 4), dtype=np.float32)).of(np.ones((1, 4), dtype=np.float32)).tolist() == [[0, 0]]
    assert Projection(np.empty((0, 4), dtype=np.float32)).of(np.empty((0, 4), dtype=np.float32)).shape == (0, 2)
    line = np.array([[1.0], [-1.0]], dtype=np.float32)
    assert np.abs(Projection(line).of(line)).tolist() == [[1, 0], [1, 0]]
