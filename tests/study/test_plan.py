from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from podoba.errors import SettingsError
from podoba.runs.settings_file import write_yaml
from podoba.study.plan import check_plan, load_plan, varied


@pytest.mark.parametrize(
    ("values", "part"),
    [
        ({"axis": {}}, "unknown key 'axis': did you mean axes?"),
        ({"axes": {"optimizer.rate": [1]}}, "unknown setting 'optimizer.rate', did you mean optimizer."),
        ({"zip": [["epoch"]]}, "zip: there is no axis 'epoch': give it under axes"),
        ({"axes": {"optimizer.lr": []}}, "axes.optimizer.lr has no value"),
        ({"axes": {"optimizer.lr": [1, 1]}}, "a value is there twice"),
        ({"axes": {"x": [{"name": "a", "set": {"los.name": "triplet"}}]}}, "did you mean loss.name?"),
        ({"axes": {"optimizer.lr": [1, {"name": "a", "set": {}}]}}, "plain values, or name and set"),
        ({"axes": {"optimizer.lr": [1, 2], "epochs": [1]}, "zip": [["optimizer.lr", "epochs"]]}, "as many values each"),
        ({"zip": [["epoch"]], "axes": {"epochs": [1]}}, "did you mean epochs?"),
        ({"cells": [{"name": "a", "set": {"heads.dim": 3}}]}, "cells.a: unknown setting 'heads.dim'"),
        ({"cells": [{"name": "a", "sets": {}}]}, "did you mean set?"),
        ({"cells": [{"name": "a"}, {"name": "a", "set": {"head.dim": 3}}]}, "two are called 'a'"),
        ({"search": {"ranges": {"loss.margin": {"low": 0, "high": 1}}}}, "set objective: validation_knn_score"),
        ({"seeds": [1, 1]}, "seeds"),
        ({"seeds": []}, "seeds"),
        ({"search": {"ranges": {"optimizer.lr": {"low": 2, "high": 1}}}}, "the smaller first"),
        ({"search": {"ranges": {"optimizer.lr": {"low": 0, "high": 1, "log": True}}}}, "log needs a low over 0"),
        ({"search": {"ranges": {"epochs": {"choices": [1]}}}, "axes": {"epochs": [1]}}, "search stands instead of axes"),
    ],
)
def test_mistakes_are_explained_in_one_line(values: dict[str, object], part: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_plan({"title": "t", **values}, "plan.yaml")
    assert part in str(caught.value)
    assert str(caught.value).startswith("plan.yaml: ")
    assert "\n" not in str(caught.value)


def test_overrides_change_the_base_and_written_plans_read_back_equal(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(yaml.safe_dump({"base": {"head": {"dim": 8}, "train": "a"}, "axes": {"epochs": [1, 2]}}), encoding="utf-8")
    plan = load_plan(path, ["head.hidden=16", "loss.name=triplet"], train="b", test=None)
    assert plan.title == "mine"
    assert plan.base == {"head": {"dim": 8, "hidden": 16}, "train": "b", "loss": {"name": "triplet"}}
    write_yaml(plan, tmp_path / "again.yaml")
    assert load_plan(tmp_path / "again.yaml") == plan


def test_what_the_plan_varies_itself(tmp_path: Path) -> None:
    axes = {"optimizer.lr": [1, 2], "kind": [{"name": "x", "set": {"loss.name": "triplet"}}]}
    plan = check_plan({"base": {"epochs": 3}, "axes": axes, "cells": [{"name": "y", "set": {"head.dim": 8}}]}, "plan")
    assert varied(plan) == {"optimizer.lr", "loss.name", "head.dim"}
    search = check_plan({"search": {"ranges": {"head.dim": {"low": 4, "high": 8}}}}, "plan")
    assert varied(search) == {"head.dim"}


@pytest.mark.parametrize(
    ("text", "overrides", "part"),
    [
        ("base: 3\n", [], "base is no"),
        ("base: {}\n", ["epochs"], "has no value"),
        ("base: {}\n", ["epochs=[1"], "not valid YAML"),
    ],
)
def test_a_base_or_an_override_that_says_nothing(text: str, overrides: list[str], part: str, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=part):
        load_plan(tmp_path / "plan.yaml", overrides)


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="no text in UTF-8"):
        load_plan(tmp_path / "plan.yaml")


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", ""])
def test_a_file_that_is_no_plan(text: str, tmp_path: Path) -> None:
    (tmp_path / "plan.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r"plan\.yaml"):
        load_plan(tmp_path / "plan.yaml")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_plan(tmp_path / "missing.yaml")
