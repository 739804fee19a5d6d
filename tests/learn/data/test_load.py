from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from podoba.errors import TrainingError
from podoba.images import reading
from podoba.images.decode import load_pixels
from podoba.images.record import ImageRecord
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source
from podoba.images.split import balanced_subset
from podoba.learn.data.load import load_data, with_own_validation
from podoba.runs.settings import Settings

Make = Callable[..., Settings]


def test_the_validation_part_is_never_of_the_test_images(small: Make, tmp_path: Path, coloured: Path) -> None:
    other = tmp_path / "other"
    for name in ("blue", "unseen"):
        (other / name).mkdir(parents=True)
        for i in range(6):
            Image.new("RGB", (16, 16), (0, 0, 40 * i)).save(other / name / f"{i}.png")
    data = load_data(small(test=str(other), limit_train=30), PixelRule(16))
    assert data.validation is not None
    assert data.test is not None
    assert data.validation.store.key == data.train.store.key != data.test.store.key
    assert not set(data.validation.rows) & set(data.train.rows)
    assert len(data.train) + len(data.validation) == 30
    assert (data.test.labels == -1).sum() == 6
    assert any("unseen" in note for note in data.notes)


def test_labels_are_places_in_the_sorted_names_of_the_classes(small: Make) -> None:
    data = load_data(small(validation=0.0), PixelRule(16))
    assert data.classes == ["blue", "green", "red"]
    assert [data.classes[label] for label in data.train.labels] == data.train.names
    assert data.class_counts == [20, 20, 20]
    assert data.validation is None
    assert data.test is None


def test_features_are_computed_for_all_splits_of_the_same_images_at_once(small: Make) -> None:
    pools = {seed: load_data(small(seed=seed), PixelRule(16)) for seed in (0, 1)}
    for data in pools.values():
        assert data.validation is not None
        np.testing.assert_array_equal(data.train.pool, np.arange(60))
        np.testing.assert_array_equal(data.validation.pool, np.arange(60))
    assert set(pools[0].train.rows) != set(pools[1].train.rows)


def test_validation_images_of_a_source_of_their_own(small: Make, coloured: Path, tmp_path: Path) -> None:
    for name in ("blue", "green", "yellow"):
        (tmp_path / "held" / name).mkdir(parents=True)
        Image.new("RGB", (16, 16), (9, 9, 9)).save(tmp_path / "held" / name / "one.png")
    data = load_data(small(validation=str(tmp_path / "held")), PixelRule(16))
    assert len(data.train) == 60
    assert data.validation is not None
    assert data.validation.names == ["blue", "green"]
    assert any("not trained on; left out" in note for note in data.notes)


def test_classes_can_be_thinned_out(small: Make) -> None:
    data = load_data(small(validation=0.0, imbalance=4.0), PixelRule(16))
    assert max(data.class_counts) == 20
    assert min(data.class_counts) == 5


def test_progress_names_the_work(small: Make) -> None:
    seen: list[tuple[str, int, int]] = []
    load_data(small(), PixelRule(16), lambda *said: seen.append(said))
    assert seen[-1] == ("decoding", 60, 60)


@pytest.mark.parametrize("form", ["folder", "csv"])
def test_splits_of_the_source_are_learned_from_and_validated_on(small: Make, tmp_path: Path, form: str) -> None:
    rows = ["path,label,split"]
    for split, name, count in (("train", "a", 4), ("train", "b", 4), ("val", "a", 2), ("test", "b", 3)):
        for i in range(count):
            place = tmp_path / "set" / split / name / f"{i}.png"
            place.parent.mkdir(parents=True, exist_ok=True)
            Image.new("RGB", (16, 16), (i * 40, 0, 0)).save(place)
            rows.append(f"{place},{name},{split}")
    (tmp_path / "set.csv").write_text("\n".join(rows))
    spec = str(tmp_path / ("set" if form == "folder" else "set.csv"))
    settings = with_own_validation(small(train=spec, test=spec), {})
    assert settings.validation == f"{spec}:validation"
    data = load_data(settings, PixelRule(16))
    assert (data.classes, len(data.train)) == (["a", "b"], 8)
    assert data.validation is not None
    assert data.test is not None
    assert (data.validation.names, data.test.names) == (["a", "a"], ["b", "b", "b"])
    assert any("splits, not classes" in note for note in data.notes) is (form == "folder")
    assert with_own_validation(small(train=spec, validation=0.0), {}).validation == 0
    assert with_own_validation(small(train=f"{spec}:train"), {}).validation == 0.2


def test_one_class_is_too_few(small: Make, coloured: Path) -> None:
    with pytest.raises(TrainingError, match="two or more"):
        load_data(small(train=str(coloured / "red")), PixelRule(16))


@pytest.mark.parametrize("part", ["test", "validation"])
def test_images_of_another_part_that_are_learned_from_too_are_counted_at_once(
    small: Make, coloured: Path, tmp_path: Path, part: str
) -> None:
    data = load_data(small(**{"validation": 0.0, part: str(coloured)}), PixelRule(16))
    assert any(f"60 of 60 {part} images are among the training images (60 by their name, 60 by" in note for note in data.notes)
    copied = tmp_path / "copied" / "red"
    copied.mkdir(parents=True)
    for i in range(3):
        shutil.copyfile(coloured / "red" / f"{i:02}.png", copied / f"{i}.png")
        Image.new("RGB", (16, 16), (9, i, 9)).save(copied / f"new-{i}.png")
    data = load_data(small(**{"validation": 0.0, part: str(tmp_path / "copied")}), PixelRule(16))
    assert [note for note in data.notes if f"3 of 6 {part} images" in note and "(0 by their name, 3 by" in note] != []
    assert load_data(small(), PixelRule(16)).notes == []


def test_copies_that_were_held_out_are_counted(small: Make, coloured: Path) -> None:
    for path in sorted((coloured / "red").iterdir())[1:]:
        shutil.copyfile(coloured / "red" / "00.png", path)
    data = load_data(small(validation=0.2), PixelRule(16))
    assert data.validation is not None
    count = data.validation.names.count("red")
    assert any(note.startswith(f"{count} of {len(data.validation)} validation images are among") for note in data.notes)


def test_a_limit_limits_what_is_decoded_too(small: Make, coloured: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[str] = []

    def counting(record: ImageRecord, *arguments: Any) -> Any:
        decoded.append(record.id)
        return load_pixels(record, *arguments)

    monkeypatch.setattr(reading, "load_pixels", counting)
    data = load_data(small(limit_train=12, limit_test=6, test=str(coloured)), PixelRule(16))
    assert len(decoded) == 18
    assert sorted(data.class_counts) == [3, 3, 4]
    assert data.test is not None
    assert len(data.test) == 6
    labels = open_source(coloured).labels
    expected = balanced_subset(labels, 12, 0)
    assert data.validation is not None
    rows = np.concatenate([split.store.source_rows[split.rows] for split in (data.train, data.validation)])
    np.testing.assert_array_equal(np.sort(rows), expected)
