from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from podoba.models.bundled import bundled_folder
from podoba.runs.settings import AugmentationSettings, BackboneSettings, Model, OptimizerSettings, ScheduleSettings, Settings


def test_warm_up_is_of_every_schedule_but_one_cycle_and_says_so() -> None:
    for name in ("constant", "step", "cosine"):
        assert ScheduleSettings.model_validate({"name": name, "warmup": 2}).warmup == 2
    with pytest.raises(ValidationError, match=r"set schedule\.rise instead"):
        ScheduleSettings(name="one-cycle", warmup=2)
    assert "not with one-cycle" in (ScheduleSettings.model_fields["warmup"].description or "")


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, bundled_folder() / "weights.safetensors"),
        ({"transfer": "scratch"}, None),
        ({"pretrained": False}, None),
        ({"name": "resnet18"}, None),
        ({"name": "resnet18", "pretrained": "w.pth"}, Path("w.pth")),
    ],
)
def test_the_file_a_backbone_starts_from(options: dict[str, object], expected: Path | None) -> None:
    assert BackboneSettings.model_validate(options).weights_file() == expected


@pytest.mark.parametrize(
    ("group", "values", "said"),
    [
        (
            OptimizerSettings,
            {"name": "adam", "momentum": 0.5},
            r"momentum does nothing with optimizer\.name=adam: choose",
        ),
        (OptimizerSettings, {"name": "sgd", "betas": (0.5, 0.9)}, "betas does nothing.*choose adam or adamw"),
        (ScheduleSettings, {"name": "constant", "final": 0.5}, "final does nothing.*choose cosine or one-cycle"),
        (ScheduleSettings, {"name": "cosine", "gamma": 0.5}, "gamma does nothing.*choose step"),
    ],
)
def test_an_option_that_does_nothing_is_refused(group: type[Model], values: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        group.model_validate(values)
    name = values["name"]
    assert group.model_validate(group.model_validate({"name": name}).model_dump()) == group.model_validate({"name": name})


def test_names_of_augmentations_are_without_none() -> None:
    assert AugmentationSettings(name="none").names == ()
    assert AugmentationSettings(name=["flip", "none", "crop"]).names == ("flip", "crop")
    with pytest.raises(ValidationError, match="views must be at least 1"):
        AugmentationSettings(views=0)


def test_settings_cannot_change_once_checked() -> None:
    settings = Settings(train="photos")
    with pytest.raises(ValidationError, match="frozen"):
        settings.epochs = 3  # type: ignore[misc]
