"""Text towers that are fetched with the first words."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from hub_stand_in import HubStandIn
from podoba.errors import MissingExtra
from podoba.models.bundled import bundled_folder
from podoba.models.encoder import Encoder
from podoba.models.hub.pull import pull
from podoba.models.hub.store import recall
from podoba.models.hub.text_tower import fetch_text_tower, open_text_tower
from podoba.models.names import find_model
from podoba.models.published.address import Address
from podoba.models.text import TextEncoder, text_path

Files = dict[str, bytes]


def test_it_is_fetched_once_from_the_commit_of_its_model(hub: HubStandIn, cache: Path, clip: Files, dinov2: Files) -> None:
    commit = hub.add("a/b", clip)
    model = pull(Address("a/b"))
    assert not hub.asked(end="text_model.onnx")  # not before somebody wants it
    hub.add("a/b", dinov2)
    tower = fetch_text_tower(model)
    assert tower == text_path(model)
    TextEncoder(tower, 1).check(Encoder(model, 1).fingerprint, "a/b")
    assert all(commit in request.path for request in hub.asked("files"))
    pulled = recall(Address("a/b"))
    assert pulled is not None
    assert {"onnx/vision_model.onnx", "onnx/text_model.onnx", "tokenizer.json"} <= set(pulled.sha256)
    assert list((cache / "downloads").iterdir()) == []
    hub.requests.clear()
    assert fetch_text_tower(model) == tower
    assert hub.requests == []


def test_nothing_is_fetched_that_nothing_could_read(hub: HubStandIn, clip: Files, monkeypatch: pytest.MonkeyPatch) -> None:
    hub.add("a/b", clip)
    model = pull(Address("a/b"))
    hub.requests.clear()
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "tokenizers", None)
        with pytest.raises(MissingExtra, match=r"pip install 'podoba\[text\]'"):
            open_text_tower(model, "a/b", Encoder(model, 1).fingerprint)
    assert hub.requests == []
    assert open_text_tower(model, "a/b", Encoder(model, 1).fingerprint).encode(["red"]).shape == (1, Encoder(model, 1).card.dim)


def test_models_without_one_are_told_apart(hub: HubStandIn, dinov2: Files, tmp_path: Path) -> None:
    hub.add("a/b", dinov2)
    assert fetch_text_tower(pull(Address("a/b"))) is None
    hub.requests.clear()
    assert fetch_text_tower(bundled_folder("small") / "model.onnx") is None
    assert fetch_text_tower(tmp_path / "some.onnx") is None
    assert hub.requests == []


def test_a_folder_of_a_repository_brings_its_own(tmp_path: Path, clip: Files, dinov2: Files, hub: HubStandIn) -> None:
    for name, files in (("clip", clip), ("dinov2", dinov2)):
        for path, content in files.items():
            (tmp_path / name / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / path).write_bytes(content)
    model = find_model(str(tmp_path / "clip"))
    tower = fetch_text_tower(model)
    assert tower is not None
    assert TextEncoder(tower, 1).encode(["red"]).shape == (1, Encoder(model, 1).card.dim)
    assert fetch_text_tower(find_model(str(tmp_path / "dinov2"))) is None
    assert hub.requests == []
