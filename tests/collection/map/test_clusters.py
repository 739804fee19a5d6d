"""Clusters of look-alikes."""

import numpy as np
import pytest

from podoba.collection.map.clusters import common_label, find_clusters, purity
from podoba.collection.map.settings import MapSettings

SETTINGS = MapSettings()


def groups(count: int, kinds: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    kind = rng.integers(0, kinds, count)
    x = (rng.normal(size=(kinds, 24))[kind] + 0.2 * rng.normal(size=(count, 24))).astype(np.float32)
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return x, kind


def test_groups_are_found_the_same_each_time_the_largest_first() -> None:
    x, kind = groups(2000, 6)
    found = find_clusters(x, SETTINGS)
    assert purity(found.of, [str(k) for k in kind]) > 0.98
    assert found.sizes.tolist() == sorted(found.sizes.tolist(), reverse=True)
    assert np.array_equal(np.bincount(found.of), found.sizes)
    assert np.array_equal(find_clusters(x, SETTINGS).of, found.of)


def test_representatives_are_the_nearest_to_the_centre() -> None:
    x, _ = groups(2000, 6)
    found = find_clusters(x, SETTINGS)
    for cluster, rows in enumerate(found.representatives):
        assert (found.of[rows] == cluster).all()
        centre = x[found.of == cluster].mean(axis=0)
        to_centre = np.sort(x[found.of == cluster] @ (centre / np.linalg.norm(centre)))[::-1]
        assert np.allclose(x[rows] @ (centre / np.linalg.norm(centre)), to_centre[: len(rows)], atol=0.02)


@pytest.mark.parametrize("count", [0, 1, 3])
def test_few_items(count: int) -> None:
    x, _ = groups(3, 2)
    found = find_clusters(x[:count], SETTINGS)
    assert found.sizes.sum() == len(found.of) == count
    assert sum(map(len, found.representatives)) == count


def test_the_most_common_label() -> None:
    assert common_label(["cat", "dog", "cat", None]) == ("cat", 0.5)
    assert common_label(["dog", "cat"]) == ("cat", 0.5)
    assert common_label([None]) == (None, 0.0)


def test_purity() -> None:
    assert purity(np.array([0, 0, 0, 1]), ["a", "a", "b", "b"]) == 0.75
