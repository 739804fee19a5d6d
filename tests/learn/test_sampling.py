from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.errors import TrainingError
from podoba.learn.sampling import epoch_batches, sampler_notes
from podoba.learn.settings import SamplerSettings

SHUFFLED = SamplerSettings(name="shuffled")


@given(st.integers(2, 300), st.integers(2, 64), st.integers(0, 3))
def test_shuffled_uses_every_image_once(n: int, batch_size: int, epoch: int) -> None:
    labels = np.zeros(n, dtype=np.int64)
    batches = epoch_batches(SHUFFLED, labels, batch_size, 0, epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(n))
    assert all(2 <= len(b) <= batch_size + 1 for b in batches)
    again = epoch_batches(SHUFFLED, labels, batch_size, 0, epoch)
    assert all(np.array_equal(a, b) for a, b in zip(batches, again, strict=True))


def test_epochs_and_seeds_differ() -> None:
    labels = np.zeros(100, dtype=np.int64)
    orders = [np.concatenate(epoch_batches(SHUFFLED, labels, 10, s, e)).tolist() for s, e in [(0, 0), (0, 1), (1, 0)]]
    assert orders[0] != orders[1] != orders[2] != orders[0]


@settings(deadline=None)
@given(st.sampled_from(["shuffled", "balanced"]), st.integers(8, 200), st.integers(2, 4))
def test_processes_share_an_epoch_evenly(name: str, n: int, world: int) -> None:
    labels = np.arange(n, dtype=np.int64) % 4
    sampler = SamplerSettings.model_validate({"name": name, "per_class": 2})
    parts = [epoch_batches(sampler, labels, 8, 0, 0, rank, world) for rank in range(world)]
    assert len({len(part) for part in parts}) == 1
    assert len(parts[0]) >= 1
    if name == "shuffled":
        assert set(np.concatenate([b for part in parts for b in part]).tolist()) == set(range(n))


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=8), st.integers(2, 5), st.integers(0, 2))
def test_balanced_batches_are_p_times_k(counts: list[int], per_class: int, epoch: int) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    sampler = SamplerSettings(name="balanced", per_class=per_class)
    batches = epoch_batches(sampler, labels, 4 * per_class, 0, epoch)
    p = min(4, len(counts))
    assert len(batches) == -(-len(labels) // (p * per_class))
    for batch in batches:
        shares = Counter(labels[batch].tolist())
        assert set(shares.values()) == {per_class}
        assert len(shares) == p
        for c, n in enumerate(counts):
            drawn = batch[labels[batch] == c]
            if n >= 2 * per_class and len(batches) == 1:
                assert len(set(drawn.tolist())) == len(drawn)
    turns = Counter(c for batch in batches for c in set(labels[batch].tolist()))
    if len(batches) * p >= len(counts):
        assert set(turns) == set(range(len(counts)))


def test_balanced_needs_two_classes_and_says_which_are_small() -> None:
    with pytest.raises(TrainingError, match="two classes"):
        epoch_batches(SamplerSettings(name="balanced"), np.zeros(9, dtype=np.int64), 8, 0, 0)
    with pytest.raises(TrainingError, match=r"sampler\.classes=5"):
        epoch_batches(SamplerSettings(name="balanced", classes=5), np.array([0, 0, 1, 1]), 8, 0, 0)
    notes = sampler_notes(SamplerSettings(name="balanced", per_class=4), np.array([0] * 9 + [1] * 3), ["big", "small"], 8)
    assert "small (3)" in notes[0]
    assert sampler_notes(SHUFFLED, np.array([0, 1]), ["a", "b"], 8) == []
