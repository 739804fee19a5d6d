from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import torch

from podoba.learn import run, transfer
from podoba.learn.data.load import load_data
from podoba.learn.networks.backbones import build_backbone
from podoba.learn.setup import open_fabric, pixel_rule, resolve
from podoba.learn.transfer import Choice, TrialSettings, choice_without_images, choose_transfer
from podoba.runs.run_folder import RunFolder
from podoba.runs.settings import Settings

Make = Callable[..., Settings]
AUTO = {"name": "small", "transfer": "auto"}


def chosen(settings: Settings, trial: TrialSettings) -> Choice:
    backbone = build_backbone(settings.backbone, settings.input_size)
    before = deepcopy(backbone.state_dict())
    settings = resolve(settings, backbone)
    torch.manual_seed(7)
    random = torch.random.get_rng_state()
    choice = choose_transfer(
        settings, backbone, load_data(settings, pixel_rule(settings, backbone)), open_fabric(settings), trial=trial
    )
    assert torch.equal(torch.random.get_rng_state(), random)
    assert all(torch.equal(value, before[key]) for key, value in backbone.state_dict().items())
    return choice


def test_without_pretrained_weights_everything_learns(small: Make) -> None:
    unknown = choice_without_images(small(backbone={"name": "small-digits"}))
    assert unknown == Choice("scratch", "there are no pretrained weights of small-digits")
    refused = choice_without_images(small(backbone={"name": "small", "pretrained": False}))
    assert refused is not None
    assert refused.transfer == "scratch"
    assert choice_without_images(small(backbone=AUTO)) is None


def test_sizes_of_training_images_are_for_a_backbone_that_learns(small: Make) -> None:
    choice = choice_without_images(small(backbone=AUTO, training_sizes=[32, 64]))
    assert choice == Choice("finetune", "training_sizes are sizes for a backbone that learns")


@pytest.mark.parametrize(("many", "expected"), [(60, "frozen"), (48, "finetune")])
def test_without_held_out_images_the_number_of_images_decides(small: Make, many: int, expected: str) -> None:
    choice = chosen(small(backbone=AUTO), TrialSettings(held_out=13, many=many))
    assert choice == Choice(expected, "there are 48 images of 3 classes, and 12 held-out ones, too few to try it on")


def test_what_would_take_a_processor_long_is_not_tried(small: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = small(backbone=AUTO, epochs=3)
    choice = chosen(settings, TrialSettings(on_processor=48 * 3 - 1))
    assert choice.transfer == "frozen"
    assert choice.reason.startswith("fine-tuning would see 144 images, which takes a processor long (48 images of 3 classes)")
    monkeypatch.setattr(transfer, "_tried", lambda *_: (0.5, 0.25))
    assert "are right after a short fine-tuning" in chosen(settings, TrialSettings(on_processor=48 * 3, held_out=12)).reason


@pytest.mark.parametrize(("gain", "expected"), [pytest.param(2.0, "frozen", marks=pytest.mark.thorough), (-2.0, "finetune")])
def test_a_trial_decides_by_what_fine_tuning_must_bring(small: Make, gain: float, expected: str) -> None:
    settings = small(backbone=AUTO, augmentation={"name": "flip", "views": 2})
    choice = chosen(settings, TrialSettings(images=96, held_out=12, gain=gain))
    assert choice.transfer == expected
    assert choice.reason.endswith("untrained (48 images of 3 classes)")
    assert choice == chosen(settings, TrialSettings(images=96, held_out=12, gain=gain))


def test_a_run_records_its_choice_says_it_and_is_gone_on_with(
    small: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, out, said = small(backbone=AUTO, epochs=1), tmp_path / "run", list[str]()
    monkeypatch.setattr(run, "choose_transfer", lambda *_, **__: Choice("frozen", "so it is"))
    assert run.train(settings, out, on_note=said.append).transfer == "frozen"
    assert "transfer: frozen, since so it is" in said
    assert RunFolder(out).read_settings().backbone.transfer == "frozen"

    def never(*_: object, **__: object) -> Choice:
        raise AssertionError("tried again")

    monkeypatch.setattr(run, "choose_transfer", never)
    RunFolder(out).summary.unlink()
    assert run.train(settings, out, on_note=said.append).transfer == "frozen"
    assert said[-1] == f"transfer: frozen, since {out} was begun so"


def test_of_many_images_a_trial_sees_some(small: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[int, int]] = []

    def tried(settings: Settings, transfer: str, backbone: object, data: object, *_: object) -> tuple[float, float]:
        seen.append((len(data.train), settings.epochs))  # type: ignore[attr-defined]
        return 0.5, 0.25

    monkeypatch.setattr(transfer, "_tried", tried)
    chosen(small(backbone=AUTO), TrialSettings(images=24, held_out=12))
    chosen(small(backbone=AUTO), TrialSettings(images=100, held_out=12))
    assert seen == [(24, 1), (24, 1), (48, 2), (48, 2)]
