"""Classes and splits by the folders that pictures lie in."""

from __future__ import annotations

import pytest

from podoba.images.sources.classes import find_classes

TREES: dict[str, tuple[list[str], dict[str, tuple[str | None, str | None]]]] = {
    "classes": (["cat", "dog"], {"cat": ("cat", None), "dog": ("dog", None)}),
    "deeper": (["cat/old/er", "dog"], {"cat/old/er": ("cat", None)}),
    "loose pictures": (["", "cat"], {"": (None, None), "cat": ("cat", None)}),
    "one folder around": (["all/cat", "all/dog"], {"all/cat": ("cat", None), "all/dog": ("dog", None)}),
    "two around": (["a/b/cat", "a/b/dog"], {"a/b/dog": ("dog", None)}),
    "one class": (["cat"], {"cat": ("cat", None)}),
    "one folder with pictures of its own": (["all", "all/cat"], {"all": ("all", None), "all/cat": ("all", None)}),
    "pictures beside the one folder": (["", "all/cat", "all/dog"], {"all/cat": ("all", None)}),
    "splits": (["train/cat", "train/dog", "test/cat"], {"train/cat": ("cat", "train"), "test/cat": ("cat", "test")}),
    "splits below one folder": (
        ["set/Train/cat", "set/VAL/cat"],
        {"set/Train/cat": ("cat", "train"), "set/VAL/cat": ("cat", "validation")},
    ),
    "splits without classes": (["train", "test"], {"train": (None, "train"), "test": (None, "test")}),
    "all names of splits": (
        ["training/a", "valid/a", "validation/b", "testing/a", "dev/a"],
        {"valid/a": ("a", "validation"), "validation/b": ("b", "validation"), "testing/a": ("a", "test"),
         "dev/a": ("a", "validation")},
    ),
    "deep in a split": (["train/cat/2024", "test/cat"], {"train/cat/2024": ("cat", "train")}),
    "one split": (["train/cat", "train/dog"], {"train/cat": ("cat", "train")}),
    "loose pictures beside splits": (["", "train/cat", "test/cat"], {"": (None, None), "test/cat": ("cat", "test")}),
    "a class beside them": (["train/red", "car", "test"], {"train/red": ("train", None), "test": ("test", None)}),
    "nothing": ([], {"": (None, None)}),
}  # fmt: skip


@pytest.mark.parametrize("tree", TREES)
def test_classes_and_splits(tree: str) -> None:
    folders, expected = TREES[tree]
    classes = find_classes(folders)
    assert {folder: classes.of(folder) for folder in expected} == expected


def test_an_empty_folder_stands_beside_the_others_so_that_a_disk_that_goes_changes_no_class() -> None:
    whole = find_classes(["cat/old", "cat/new", "usb/a"])
    without = find_classes(["cat/old", "cat/new"], empty=["usb"])
    assert whole == without
    assert without.of("cat/old") == ("cat", None)
    assert find_classes(["cat/old", "cat/new"]).of("cat/old") == ("old", None)


def test_splits_are_spoken_of() -> None:
    note = find_classes(["set/val/cat", "set/train/cat"]).note("/photos")
    assert note == "/photos: train, val: splits, not classes; the class is the folder below (/photos:train names one of them)"
    assert find_classes(["cat", "dog"]).note("/photos") is None
