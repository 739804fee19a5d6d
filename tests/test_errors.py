"""Errors are one line, and say what was meant."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from podoba.errors import MissingExtra, PodobaError, UnreadableImage, did_you_mean, near_paths, require


def test_an_unreadable_image_survives_a_pickle() -> None:
    error = pickle.loads(pickle.dumps(UnreadableImage("/a.png", "cut off")))
    assert (str(error), error.uri, error.reason) == ("/a.png: cut off", "/a.png", "cut off")
    assert isinstance(error, PodobaError)


def test_a_missing_extra_names_its_install_command() -> None:
    assert require("json", "train").loads("1") == 1
    with pytest.raises(MissingExtra, match=r"this needs no_such_module, .*: pip install 'podoba\[train\]'"):
        require("no_such_module", "train")
    with pytest.raises(MissingExtra, match="this needs no_such_module"):
        require("no_such_module.part", "train")


def test_the_nearest_names_are_told() -> None:
    known = ["digits", "cifar10", "cifar100"]
    assert did_you_mean("digit", known) == "did you mean digits?"
    assert did_you_mean("cifar", known, count=2) == "did you mean cifar10 or cifar100?"
    assert did_you_mean("zebra", known, "name a set") == "name a set"
    assert did_you_mean("zebra", known, "name a set", cutoff=0) != "name a set"
    assert did_you_mean("zebra", known, "name a set", also=["./zebras"]) == "did you mean ./zebras?"
    assert did_you_mean("x", []) == ""


def test_files_of_nearly_the_same_name_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("photos", "photo.zip", "unlike"):
        (tmp_path / name).mkdir()
    assert str(tmp_path / "photos") in near_paths(tmp_path / "photoz")
    assert str(tmp_path / "unlike") not in near_paths(tmp_path / "photoz")
    assert near_paths(tmp_path / "photo.zi", lambda path: path.suffix == ".zip") == [str(tmp_path / "photo.zip")]
    assert near_paths(tmp_path / "missing" / "photos") == []
    monkeypatch.chdir(tmp_path)
    assert near_paths(Path("photoz"))[0] == "photos"
