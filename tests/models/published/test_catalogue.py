"""The catalogue of published models."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from podoba.errors import ModelError
from podoba.models.published.address import Address
from podoba.models.published.catalogue import FILE, catalogue, entry_of

NAMES = ["dinov2-small", "clip-vit-b32", "siglip2-base", "xlmr-clip-b32", "mobileclip-s0"]


def test_every_entry_says_what_a_person_must_know() -> None:
    assert list(catalogue()) == NAMES
    for name, entry in catalogue().items():
        assert Address.parse(str(entry.address)) == entry.address, name
        assert entry.licence
        assert entry.terms.startswith("https://")
        assert (entry.text is None) == (entry.languages is None)
        assert all(re.fullmatch("[0-9a-f]{64}", digest) for digest in entry.sha256.values())
        assert (entry.revision is None) == (entry.sha256 == {})
        if entry.revision is not None:
            assert {entry.image, *([entry.text] if entry.text else [])} <= set(entry.sha256)
    assert [name for name, entry in catalogue().items() if entry.accept] == ["mobileclip-s0"]


def test_an_entry_is_known_by_its_repository_too() -> None:
    entry = catalogue()["mobileclip-s0"]
    assert entry_of(entry.repository) == entry
    assert entry_of("some/other") is None


def test_a_checksum_is_pinned_at_one_commit() -> None:
    entry = catalogue()["dinov2-small"]
    assert entry.sha256_of(entry.image, entry.revision or "") == entry.sha256[entry.image]
    assert entry.sha256_of(entry.image, "0" * 40) is None
    assert entry.sha256_of("config.json", entry.revision or "") is None


def test_another_catalogue_may_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours = json.loads(FILE.read_text())
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"mine": ours["dinov2-small"]}))
    monkeypatch.setenv("PODOBA_CATALOGUE", str(path))
    assert list(catalogue()) == ["mine"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "no catalogue of models"),
        ("[]", "no catalogue of models"),
        ('{"a": {"repository": "a/b"}}', "image: Field required: no entry of a catalogue"),
        ('{"a": 5}', "no entry of a catalogue"),
    ],
)
def test_a_catalogue_that_is_none_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, says: str) -> None:
    path = tmp_path / "wrong.json"
    path.write_text(text)
    monkeypatch.setenv("PODOBA_CATALOGUE", str(path))
    with pytest.raises(ModelError, match=says):
        catalogue()
    monkeypatch.setenv("PODOBA_CATALOGUE", str(tmp_path / "nowhere.json"))
    with pytest.raises(ModelError, match="or unset PODOBA_CATALOGUE"):
        catalogue()
