"""Folders laid out as published repositories."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.models.hub.local_folder import import_local, is_published
from podoba.models.names import find_model, open_model
from published_layouts import layouts

MakeModel = Callable[..., Path]


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository as a clone of it lies here."""
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))
    for name, content in layouts()["onnx-community/dinov2-small"].items():
        path = tmp_path / "dinov2" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    (tmp_path / "dinov2" / ".git").mkdir()
    return tmp_path / "dinov2"


def test_a_folder_of_a_repository_is_a_model(clone: Path) -> None:
    assert is_published(clone)
    path = find_model(str(clone))
    assert path == import_local(clone)
    assert open_model(str(clone), threads=1).card.name == "dinov2"
    (clone / ".git" / "HEAD").write_text("ref")
    assert find_model(str(clone)) == path


def test_it_is_imported_again_where_a_file_has_changed(clone: Path) -> None:
    old = import_local(clone)
    text = (clone / "preprocessor_config.json").read_text()
    (clone / "preprocessor_config.json").write_text(text.replace("256", "288"))
    new = import_local(clone)
    assert open_model(str(clone), threads=1).card.shortest == 288
    assert [path for path in (old, new) if path.exists()] == [new]


def test_the_folder_of_a_run_is_none(tmp_path: Path, make_model: MakeModel, clone: Path) -> None:
    make_model("run/model.onnx")
    assert not is_published(tmp_path / "run")
    assert not is_published(tmp_path)
    (tmp_path / "run" / "config.json").write_text("{}")
    assert is_published(tmp_path / "run")
