from __future__ import annotations

import string
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from podoba.errors import SettingsError
from podoba.runs.loss_settings import LossSettings, known_losses
from podoba.runs.settings_file import check_settings, dotted, load_settings, valid_keys, write_yaml


def test_overrides_change_what_the_file_says(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("train: photos\nloss: {name: triplet, margin: 0.5}\noptimizer: {lr: 0.1}\n")
    settings = load_settings(path, ["optimizer.lr=0.01", "loss.mining=hard"], test="more")
    assert settings.optimizer.lr == 0.01
    assert settings.loss.model_dump() == {"name": "triplet", "mining": "hard", "margin": 0.5, "distance": "euclidean"}
    assert (settings.train, settings.test) == ("photos", "more")


def test_written_settings_read_back_equal(tmp_path: Path) -> None:
    settings = check_settings({"train": "фото", "augmentation": {"name": ["flip", "colour-jitter"]}, "loss": {"name": "arcface"}})
    write_yaml(settings, tmp_path / "s.yaml")
    assert load_settings(tmp_path / "s.yaml") == settings


@pytest.mark.parametrize(
    ("override", "part"),
    [
        ("optimiser.lr=1", "did you mean 'optimizer"),
        ("optimizer.rate=1", "unknown setting 'optimizer.rate'"),
        ("loss.margn=1", "did you mean 'loss.margin'"),
        ("loss.scal=1", "did you mean 'loss.scale'? It is a setting of cross-entropy, arcface, cosface: choose one of these as"),
        ("lr=1", "did you mean 'optimizer.lr'?"),
        ("sampler.mining=hard", "did you mean 'loss.mining'?"),
        ("optimizer.lr=.inf", "optimizer.lr = inf: Input should be a finite number"),
        ("loss.name=tripple", "loss.name"),
        ("epochs=0", "epochs = 0"),
        ("epochs", "has no value"),
        ("head.dim=many", "head.dim"),
        ("backbone.transfer=last:0", "backbone.transfer"),
        ("head=[", "not valid YAML"),
        ("schedule={name: one-cycle, warmup: 1}", "schedule: warmup does not go with one-cycle"),
    ],
)
def test_mistakes_are_explained_in_one_line(override: str, part: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings(None, ["loss.name=triplet", override], train="x")
    assert part in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("chosen", known_losses())
@pytest.mark.parametrize("in_a_part", [False, True])
def test_a_setting_of_another_loss_names_the_losses_that_have_it(chosen: str, in_a_part: bool) -> None:
    if in_a_part and chosen == "combined":
        return  # it is no part of another
    parts = {loss.model_fields["name"].default: loss for loss in get_args(LossSettings)}
    if in_a_part:
        del parts["combined"]
    for field in {field for loss in parts.values() for field in loss.model_fields} - set(parts[chosen].model_fields):
        loss: dict[str, object] = {"name": chosen, field: 1}
        if in_a_part:
            loss = {"name": "combined", "parts": [{"name": "supcon"}, loss]}
        with pytest.raises(SettingsError) as caught:
            check_settings({"train": "x", "loss": loss})
        key = f"loss.parts.1.{field}" if in_a_part else f"loss.{field}"
        owners = ", ".join(name for name, options in parts.items() if field in options.model_fields)
        assert str(caught.value).startswith(f"{key!r} is not a setting of the loss {chosen}: it is a setting of {owners}: ")
        assert "did you mean" not in str(caught.value)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(valid_keys()), st.text(string.ascii_lowercase + "_", max_size=3), st.sampled_from(["", "loss.", "head."]))
def test_no_setting_is_suggested_for_itself(key: str, more: str, group: str) -> None:
    for tried in (key, key + more, group + key.rpartition(".")[2], more + key):
        if tried not in valid_keys():
            with pytest.raises(SettingsError) as caught:
                load_settings(None, [f"{tried}=1"], train="x")
            assert f"did you mean {tried!r}" not in str(caught.value)


def test_options_of_cross_entropy_and_of_a_combination_need_no_name() -> None:
    assert load_settings(None, ["loss.label_smoothing=0.2"], train="x").loss.model_dump()["label_smoothing"] == 0.2
    assert load_settings(None, ["loss.weights=[1, 0.5]"], train="x").loss.model_dump()["weights"] == [1.0, 0.5]


def test_missing_source_is_named() -> None:
    with pytest.raises(SettingsError, match="'train' is missing"):
        load_settings(None)


def test_every_valid_key_is_accepted_somewhere() -> None:
    keys = valid_keys()
    assert {"optimizer.lr", "loss.margin", "loss.label_smoothing", "backbone.transfer", "augmentation.views"} <= set(keys)


@pytest.mark.parametrize("text", ["- a\n- b\n", "a: [\n"])
def test_a_file_that_is_no_settings(tmp_path: Path, text: str) -> None:
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(SettingsError, match=r"s\.yaml"):
        load_settings(tmp_path / "s.yaml")


def test_settings_by_dotted_key() -> None:
    assert dotted({"a": {"b": {"c": 1}, "d": [2]}, "e": None}) == {"a.b.c": 1, "a.d": [2], "e": None}
