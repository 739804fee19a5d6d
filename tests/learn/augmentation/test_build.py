"""One contract for every augmentation by name, and what their composition promises."""

from __future__ import annotations

from typing import get_args

import pytest
import torch
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from podoba.errors import SettingsError
from podoba.learn.augmentation.build import GEOMETRIC, PHOTOMETRIC, Augmentation, check_augmentation
from podoba.learn.augmentation.mixup import mixup_batch
from podoba.runs.settings import AugmentationName, AugmentationSettings

NAMES = get_args(AugmentationName)
OF_EACH_IMAGE = [name for name in NAMES if name not in ("none", "mixup")]
STILL = {
    "shift": 0.0,
    "zoom": 0.0,
    "rotate": 0.0,
    "crop": (1.0, 1.0),
    "brightness": 0.0,
    "contrast": 0.0,
    "saturation": 0.0,
    "hue": 0.0,
    "erase_probability": 0.0,
    "downscale_probability": 0.0,
    "magnitude": 0.0,
}
DEVICES = ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here"))]


def settings(name: object, **changes: object) -> AugmentationSettings:
    return AugmentationSettings.model_validate({"name": name, **changes})


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=seeded(5))


def augment(told: AugmentationSettings, images: Tensor, generator: torch.Generator) -> Tensor:
    augmentation = Augmentation(told)
    changed = augmentation(images, generator)
    return changed if augmentation.mixup is None else mixup_batch(changed, generator, augmentation.mixup)[0]


def test_every_name_is_built() -> None:
    assert {*GEOMETRIC, *PHOTOMETRIC, "none", "randaugment", "mixup"} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("shape", [(16, 3, 12, 12), (3, 3, 9, 14), (1, 3, 8, 8)])
def test_shape_type_and_range_are_kept_and_the_images_given_stay(name: str, shape: tuple[int, ...]) -> None:
    images = noise(*shape)
    before = images.clone()
    changed = augment(settings(name), images, seeded())
    assert changed.shape == images.shape
    assert changed.dtype == torch.float32
    assert bool(changed.isfinite().all())
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1 + 1e-6
    assert torch.equal(images, before)


@pytest.mark.parametrize("name", [name for name in NAMES if name != "mixup"])
@pytest.mark.parametrize("size", [8, 12, 20])
def test_images_come_out_at_the_size_asked_for(name: str, size: int) -> None:
    images = noise(5, 3, 12, 12)
    changed = Augmentation(settings(name))(images, seeded(), size)
    assert changed.shape == (5, 3, size, size)
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1 + 1e-6


def test_a_crop_of_the_whole_image_at_another_size_is_the_image_at_that_size() -> None:
    smooth = functional.interpolate(noise(2, 3, 3, 3), (24, 24), mode="bilinear")
    changed = Augmentation(settings("crop", crop=(1.0, 1.0)))(smooth, seeded(), 12)
    expected = functional.interpolate(smooth, (12, 12), mode="bilinear")
    torch.testing.assert_close(changed, expected, atol=0.02, rtol=0)


@pytest.mark.parametrize("name", NAMES)
def test_equal_generators_give_equal_images_and_each_call_new_ones(name: str) -> None:
    images = noise(16, 3, 12, 12)
    generator = seeded(1)
    first, second = (augment(settings(name), images, generator) for _ in range(2))
    assert torch.equal(augment(settings(name), images, seeded(1)), first)
    assert torch.equal(first, second) == (name == "none")


@pytest.mark.parametrize("name", OF_EACH_IMAGE)
def test_each_image_has_parameters_of_its_own(name: str) -> None:
    changed = augment(settings(name), noise(1, 3, 12, 12).repeat(16, 1, 1, 1), seeded())
    kinds = len(torch.unique(changed.flatten(1), dim=0))
    # Mirrored or not; one of four sizes or none; erased in about every second image, the others equal; else (nearly) all differ.
    least = {"flip": 2, "downscale": 4, "random-erasing": 6}.get(name, 14)
    assert kinds >= least
    assert kinds <= {"flip": 2, "downscale": 5}.get(name, 16)


@pytest.mark.parametrize("name", [name for name in OF_EACH_IMAGE if "flip" not in name])
def test_nothing_changes_where_no_range_is_left(name: str) -> None:
    images = noise(16, 3, 12, 12)
    torch.testing.assert_close(augment(settings(name, **STILL), images, seeded()), images, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", ["flip", "shift-zoom-rotate-flip"])
def test_flip_mirrors_about_half_of_the_images_exactly(name: str) -> None:
    images = noise(200, 3, 5, 6)
    changed = augment(settings(name, **STILL), images, seeded())
    mirrored = (changed == images.flip(3)).flatten(1).all(1)
    same = (changed == images).flatten(1).all(1)
    assert bool((mirrored ^ same).all())
    assert 70 < int(mirrored.sum()) < 130


@pytest.mark.parametrize("name", NAMES)
def test_the_memory_format_does_not_matter_and_is_kept(name: str) -> None:
    images = noise(16, 3, 12, 12)
    last = torch.channels_last
    changed = Augmentation(settings(name))(images.contiguous(memory_format=last), seeded())
    torch.testing.assert_close(changed, Augmentation(settings(name))(images, seeded()), rtol=0, atol=1e-5)
    assert changed.is_contiguous(memory_format=last)


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("name", [*NAMES, list(NAMES)])
def test_every_device_gives_the_same(name: object, device: str) -> None:
    images = noise(16, 3, 12, 12)
    there = augment(settings(name), images.to(device), seeded(3))
    assert there.device.type == device
    assert_nearly_equal(there.cpu(), augment(settings(name), images, seeded(3)))


def assert_nearly_equal(changed: Tensor, expected: Tensor) -> None:
    """Solarise and posterise jump: a rounding may put a value on the other side, so a few pixels may differ."""
    assert ((changed - expected).abs() > 1e-4).float().mean() < 2e-3


@pytest.mark.parametrize("fill", ["reflect", "edge", "zero"])
def test_all_that_is_geometric_is_one_interpolation(fill: str, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    real = functional.grid_sample

    def counted(*args: object, **options: object) -> Tensor:
        calls.append(options)
        return real(*args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(functional, "grid_sample", counted)
    augment(settings(list(NAMES), fill=fill), noise(8, 3, 12, 12), seeded())
    assert len(calls) == 1


def test_only_mirroring_interpolates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(functional, "grid_sample")
    augment(settings(["flip", "colour-jitter", "random-erasing"]), noise(8, 3, 12, 12), seeded())


def test_a_part_that_two_names_bring_acts_once() -> None:
    images = noise(8, 3, 12, 12)
    both = augment(settings(["shift-zoom-rotate", "shift-zoom-rotate-flip", "flip"]), images, seeded())
    assert torch.equal(both, augment(settings("shift-zoom-rotate-flip"), images, seeded()))


@hypothesis_settings(max_examples=40, deadline=None)
@given(
    names=st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True),
    height=st.integers(2, 17),
    width=st.integers(2, 17),
    shift=st.floats(0, 0.99),
    zoom=st.floats(0, 0.99),
    rotate=st.floats(0, 180),
    magnitude=st.floats(0, 30),
    crop=st.floats(0.01, 1),
    value=st.sampled_from([0.0, 0.5, 1.0]),
    seed=st.integers(0, 2**31),
)
def test_any_settings_keep_a_flat_image_finite_and_in_range(
    names: list[str],
    height: int,
    width: int,
    shift: float,
    zoom: float,
    rotate: float,
    magnitude: float,
    crop: float,
    value: float,
    seed: int,
) -> None:
    told = settings(names, shift=shift, zoom=zoom, rotate=rotate, magnitude=magnitude, crop=(crop, 1.0))
    changed = augment(told, torch.full((4, 3, height, width), value), seeded(seed))
    assert bool(changed.isfinite().all())
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1


def test_mixup_is_refused_under_a_loss_without_classes() -> None:
    check_augmentation(settings(["flip", "mixup"]), needs_logits=True)
    check_augmentation(settings("flip"), needs_logits=False)
    with pytest.raises(SettingsError, match=r"mixup.*cross-entropy"):
        check_augmentation(settings(["flip", "mixup"]), needs_logits=False)


@pytest.mark.parametrize("area", [(0.0, 0.5), (0.6, 0.5), (0.5, 1.5), (-1.0, 0.5)])
@pytest.mark.parametrize("name", ["crop", "erase_area"])
def test_an_area_that_is_no_range_is_refused(name: str, area: tuple[float, float]) -> None:
    told = settings("crop", **{name: area})
    with pytest.raises(SettingsError, match=f"augmentation.{name}"):
        check_augmentation(told, needs_logits=True)
    with pytest.raises(SettingsError, match=f"augmentation.{name}"):
        Augmentation(told)
