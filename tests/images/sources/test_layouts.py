"""Layouts of published sets, each on a small folder of the same form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.errors import SourceError, UnreadableImage
from podoba.images.decode import decode
from podoba.images.sources.layouts import read_by_folder, read_cifar100, read_digits, read_flat, read_food101


@pytest.fixture
def cifar(tmp_path: Path) -> Path:
    root = tmp_path / "cifar-100-binary"
    root.mkdir()
    (root / "fine_label_names.txt").write_text("apple\nbear\n")
    rng = np.random.default_rng(0)
    for split in ("train", "test"):
        rows = rng.integers(0, 256, (3, 2 + 3072), dtype=np.uint8)
        rows[:, :2] = [[9, 1], [9, 0], [9, 1]]
        rows.tofile(root / f"{split}.bin")
    return tmp_path


def test_cifar_is_read_plane_by_plane(cifar: Path) -> None:
    records = read_cifar100(cifar)
    assert [(record.label, record.split) for record in records] == [
        (label, split) for split in ("train", "test") for label in ("bear", "apple", "bear")
    ]
    raw = np.fromfile(cifar / "cifar-100-binary" / "test.bin", dtype=np.uint8).reshape(3, -1)[1, 2:]
    pixels = np.asarray(decode(records[4].open(), records[4].uri))
    for colour in range(3):
        assert np.array_equal(pixels[..., colour], raw.reshape(3, 32, 32)[colour])


def test_cifar_that_is_cut_off_is_named(cifar: Path) -> None:
    path = cifar / "cifar-100-binary" / "test.bin"
    records = read_cifar100(cifar)
    data = path.read_bytes()
    path.write_bytes(data[:-1])
    with pytest.raises(UnreadableImage, match=r"test\.bin!/2: the file is cut off"):
        records[5].open()
    with pytest.raises(SourceError, match=r"test\.bin is damaged: remove the folder"):
        read_cifar100(cifar)
    path.unlink()
    with pytest.raises(SourceError, match=r"test\.bin is missing .*: remove the folder"):
        read_cifar100(cifar)


def test_food_lists_its_splits(tmp_path: Path, png: Callable[..., bytes]) -> None:
    root = tmp_path / "food-101"
    (root / "meta").mkdir(parents=True)
    (root / "images" / "pie").mkdir(parents=True)
    (root / "images" / "pie" / "1.jpg").write_bytes(png())
    (root / "meta" / "train.txt").write_text("pie/1\n")
    (root / "meta" / "test.txt").write_text("pie/2\n")
    train, test = read_food101(tmp_path)
    assert (train.label, train.split, train.open()) == ("pie", "train", png())
    assert (test.split, test.stamp) == ("test", None)
    (root / "meta" / "test.txt").unlink()
    with pytest.raises(SourceError, match=r"test\.txt is missing"):
        read_food101(tmp_path)


def test_folders_with_and_without_classes(folder: Path, tmp_path: Path) -> None:
    assert [record.label for record in read_by_folder(folder)] == ["cat"] * 3 + ["dog"] * 3
    assert [record.label for record in read_by_folder(tmp_path)] == ["cat"] * 3 + ["dog"] * 3  # below one that holds them all
    assert {record.label for record in read_flat(folder)} == {None}


def test_every_fifth_digit_is_a_test_image() -> None:
    records = read_digits(Path("digits"))
    assert [record.split for record in records[:5]] == ["train"] * 4 + ["test"]
    assert decode(records[0].open(), "x").size == (8, 8)
