from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.errors import TrainingError
from podoba.learn.data.sampling import epoch_batches, of_paired_classes, sampler_notes
from podoba.runs.settings import SamplerSettings

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
@given(st.sampled_from(["shuffled", "balanced"]), st.integers(2, 120), st.integers(2, 12), st.integers(2, 5))
def test_a_batch_has_an_image_for_each_process(name: str, n: int, batch_size: int, least: int) -> None:
    labels = np.arange(n, dtype=np.int64) % 4
    sampler = SamplerSettings.model_validate({"name": name, "per_class": 2})
    try:
        batches = epoch_batches(sampler, labels, batch_size, 0, 0, least)
    except TrainingError:
        assert n < least or min(batch_size, n) < least or name == "balanced"
        return
    assert all(len(batch) >= least for batch in batches)
    if name == "shuffled":
        assert sorted(np.concatenate(batches).tolist()) == list(range(n))
        alone = epoch_batches(sampler, labels, batch_size, 0, 0)
        assert all(map(np.array_equal, batches[:-1], alone))  # but the last are those of one process


@settings(deadline=None)
@given(st.lists(st.integers(1, 40), min_size=2, max_size=8), st.integers(2, 5), st.integers(2, 6), st.integers(0, 2))
def test_balanced_batches_are_p_times_k(counts: list[int], per_class: int, classes: int, epoch: int) -> None:
    labels = np.repeat(np.arange(len(counts)), counts)
    sampler = SamplerSettings(name="balanced", per_class=per_class)
    batches = epoch_batches(sampler, labels, classes * per_class, 0, epoch)
    p = min(classes, len(counts))
    assert len(batches) == -(-len(labels) // (p * per_class))
    turns = Counter(dict.fromkeys(range(len(counts)), 0))
    drawn = Counter(dict.fromkeys(range(len(labels)), 0))
    for batch in batches:
        shares = Counter(labels[batch].tolist())
        assert set(shares.values()) == {per_class}
        assert len(shares) == p
        turns.update(shares.keys())
        drawn.update(batch.tolist())
        for c in shares:  # an image comes twice only where the class has too few
            times = Counter(batch[labels[batch] == c].tolist())
            assert max(times.values()) <= -(-per_class // counts[c])
    # Classes come round equally often, and so do the images of a class: none comes again before all came.
    assert max(turns.values()) - min(turns.values()) <= 1
    for c in range(len(counts)):
        uses = [drawn[i] for i in np.flatnonzero(labels == c).tolist()]
        assert max(uses) - min(uses) <= 1


def test_unknown_labels_are_in_no_balanced_batch() -> None:
    labels = np.array([-1] * 20 + [0] * 6 + [1] * 6)
    batches = epoch_batches(SamplerSettings(name="balanced", per_class=3), labels, 6, 0, 0)
    assert len(batches) == 2
    assert sorted(np.concatenate(batches).tolist()) == list(range(20, 32))


@pytest.mark.parametrize("name", ["shuffled", "balanced"])
@pytest.mark.parametrize("n", [0, 1])
def test_one_image_makes_no_batch(name: str, n: int) -> None:
    with pytest.raises(TrainingError, match="2 images"):
        epoch_batches(SamplerSettings.model_validate({"name": name}), np.zeros(n, dtype=np.int64), 8, 0, 0)


def test_balanced_needs_two_classes() -> None:
    with pytest.raises(TrainingError, match="two classes"):
        epoch_batches(SamplerSettings(name="balanced"), np.zeros(9, dtype=np.int64), 8, 0, 0)
    with pytest.raises(TrainingError, match=r"sampler\.classes=5"):
        epoch_batches(SamplerSettings(name="balanced", classes=5), np.array([0, 0, 1, 1]), 8, 0, 0)


def test_notes_name_what_is_too_small() -> None:
    sampler = SamplerSettings(name="balanced", per_class=4)
    labels = np.array([0] * 9 + [1] * 3 + [2] + [-1])
    small, single = sampler_notes(sampler, labels, ["big", "small", "lonely", "absent"], 12)
    assert small == "1 class has fewer than 4 images, so that some repeat in a batch: small (3)"
    assert single == "1 class has a single image, which is its own only positive: lonely"
    many = sampler_notes(sampler, np.repeat(np.arange(7), 2), [f"c{i}" for i in range(7)], 8)
    assert many == [
        "7 classes have fewer than 4 images, so that some repeat in a batch: c0 (2), c1 (2), c2 (2), c3 (2), c4 (2) ..."
    ]
    assert sampler_notes(SHUFFLED, np.array([0, 1]), ["a", "b"], 8) == []


def test_notes_say_when_batches_have_another_size() -> None:
    labels = np.repeat(np.arange(10), 50)
    names = [str(i) for i in range(10)]
    assert sampler_notes(SamplerSettings(name="balanced", per_class=8), labels, names, 128) == [
        "a batch holds 10 classes x 8 images = 80, not batch_size=128"
    ]
    assert sampler_notes(SamplerSettings(name="balanced", per_class=8), labels, names, 64) == []
    assert sampler_notes(SamplerSettings(name="balanced", per_class=8, classes=4), labels, names, 128) == []


def test_notes_say_when_what_is_held_out_makes_no_pairs() -> None:
    labels, names = np.repeat(np.arange(4), 8), ["a", "b", "c", "d"]
    sampler = SamplerSettings(name="balanced", per_class=4)
    (note,) = sampler_notes(sampler, labels, names, 16, np.arange(4))
    assert "no pairs" in note
    assert sampler_notes(sampler, labels, names, 16, np.array([0, 0, 1, 1])) == []


@given(st.lists(st.integers(-1, 5), max_size=20))
def test_only_classes_of_two_images_or_more_make_pairs(drawn: list[int]) -> None:
    labels = np.array(drawn, dtype=np.int64)
    kept = [label if label >= 0 and drawn.count(label) > 1 else -1 for label in drawn]
    if len(set(kept) - {-1}) < 2:
        kept = [-1] * len(kept)
    assert of_paired_classes(labels).tolist() == kept
