from __future__ import annotations

from pathlib import Path

import pytest

from podoba.errors import SettingsError
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


def test_options_of_the_default_loss_need_no_name() -> None:
    assert load_settings(None, ["loss.label_smoothing=0.2"], train="x").loss.model_dump()["label_smoothing"] == 0.2


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
