from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.errors import SettingsError
from podoba.study.grid import points, tasks
from podoba.study.plan import Plan

Make = Callable[..., Plan]


def test_a_grid_is_every_combination_in_order_then_the_named_cells(make: Make) -> None:
    plan = make(cells=[{"name": "wide", "set": {"head.dim": 32}}], seeds=[0, 5])
    names = [point.name for point in points(plan)]
    pairs = itertools.product(["cross-entropy", "proxy-anchor"], ["lr 0.001", "lr 0.01"])
    assert names == [f"{loss}, {rate}" for loss, rate in pairs] + ["wide"]
    found = tasks(plan)
    assert [task.seed for task in found] == [0, 5] * 5
    assert len({task.key for task in found}) == 10
    assert found[-1].settings.head.dim == 32
    assert found[-1].settings.head.hidden == 16  # the rest of the group stays


def test_axes_vary_together_and_named_values_change_several_settings(make: Make) -> None:
    axes = {
        "optimizer.lr": [0.1, 0.2],
        "epochs": [4, 5],
        "kind": [{"name": "a", "set": {"loss.name": "triplet", "loss.margin": 0.3}}, {"name": "b", "set": {}}],
    }
    found = points(make(axes=axes, zip=[["optimizer.lr", "epochs"]]))
    assert [point.values for point in found] == [
        {"optimizer.lr": rate, "epochs": epochs, "kind": kind} for (rate, epochs) in ((0.1, 4), (0.2, 5)) for kind in "ab"
    ]
    assert found[0].changes == {"optimizer.lr": 0.1, "epochs": 4, "loss.name": "triplet", "loss.margin": 0.3}


def test_a_key_depends_on_settings_and_images_but_not_on_names(make: Make) -> None:
    def key(**changes: object) -> str:
        return tasks(make(axes={}, **changes))[0].key

    assert key() == key(title="another") == key(base={"loggers": ["tensorboard"]})
    assert key(cells=[{"name": "x", "set": {}}]) == key()
    others = [key(seeds=[1]), key(base={"epochs": 4}), key(base={"train": "digits:test"}), key(base={"head": {"dim": 9}})]
    assert len({key(), *others}) == 5


def test_a_key_depends_on_the_weights_that_the_training_starts_from(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def key(**backbone: object) -> str:
        return tasks(make(axes={}, base={"backbone": backbone}))[0].key

    weights = tmp_path / "weights.safetensors"
    starts: list[dict[str, object]] = [
        {"name": "small", "transfer": "frozen"},
        {"name": "small-digits", "pretrained": str(weights), "transfer": "finetune"},
    ]
    monkeypatch.setattr("podoba.runs.settings.bundled_folder", lambda name: tmp_path)
    for start in starts:
        weights.write_bytes(b"one")
        before = key(**start)
        assert key(**start) == before
        weights.write_bytes(b"another")
        assert key(**start) != before
    scratch = {"name": "small", "transfer": "scratch"}
    before = key(**scratch)
    weights.write_bytes(b"a third")
    assert key(**scratch) == before


def test_wrong_settings_name_the_variant(make: Make) -> None:
    with pytest.raises(SettingsError, match=r"cross-entropy, lr -1: optimizer\.lr"):
        tasks(make(axes={"loss.name": ["cross-entropy"], "optimizer.lr": [-1]}))


def test_what_is_wrong_with_the_base_blames_no_variant(make: Make) -> None:
    with pytest.raises(SettingsError, match=r"^unknown setting 'epoch'"):
        tasks(make(base={"epoch": 3}))
    plan = make()
    del plan.base["train"]
    with pytest.raises(SettingsError, match="add --train SOURCE"):
        tasks(plan)


def test_names_of_variants_are_as_in_the_plan_and_each_is_there_once(make: Make) -> None:
    axes = {"early_stopping.patience": [None, 5], "backbone.pretrained": [False]}
    assert [point.name for point in points(make(axes=axes))] == [
        "patience null, pretrained false", "patience 5, pretrained false",
    ]  # fmt: skip
    with pytest.raises(SettingsError, match="the name of a variant of the axes"):
        points(make(axes={"loss.name": ["triplet"]}, cells=[{"name": "triplet", "set": {"head.dim": 3}}]))


def test_a_cell_that_repeats_a_variant_is_trained_once(make: Make) -> None:
    plan = make(axes={"epochs": [2]}, cells=[{"name": "same", "set": {"epochs": 2}}])
    assert len(tasks(plan)) == 1
