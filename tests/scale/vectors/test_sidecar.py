"""What is kept on this machine of a collection in a vector database."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.collection.storage.marks import QueryRecord
from podoba.collection.transfer.importer import ForeignModel
from podoba.errors import CollectionError
from podoba.scale.vectors.address import parse_address
from podoba.scale.vectors.sidecar import MilvusModels, data_folder, open_sidecar, sidecar_path
from tests.scale.vectors.conftest import make_item, make_model, unit

ADDRESS = parse_address("milvus://db.local/photos")


def facts_of(model: ForeignModel) -> dict[str, str]:
    return {"model": model.card.name, "path": str(model.path), "fingerprint": model.fingerprint, "card": model.card.to_json()}


def test_a_file_for_each_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert sidecar_path(ADDRESS).parent == data_folder() / "vectors" == tmp_path / "data" / "vectors"
    assert sidecar_path(parse_address("milvus://me:secret@db.local/photos")) == sidecar_path(ADDRESS)
    assert sidecar_path(parse_address("milvus://other.local/photos")) != sidecar_path(ADDRESS)
    monkeypatch.delenv("PODOBA_DATA")
    assert data_folder().name == "podoba"


def test_the_model_is_the_server_s_and_marks_outlive_another_one() -> None:
    model, other = make_model(), make_model(notes="another")
    store = open_sidecar(ADDRESS, facts_of(model))
    item = make_item(1)
    store.put([item], unit(1))
    store.marks.put(QueryRecord("q", "a.jpg", unit(1)[0], model.fingerprint), {store.items.number(item.id): True})
    store.database.close()
    again = open_sidecar(ADDRESS, facts_of(model))
    assert len(again.items) == 1
    again.database.close()
    changed = open_sidecar(ADDRESS, facts_of(other))
    assert changed.models.fingerprint == other.fingerprint
    assert [mark.item for mark in changed.marks.select()] == [item.content]
    changed.database.close()


def test_another_encoder_is_refused_by_the_address() -> None:
    store = open_sidecar(ADDRESS, facts_of(make_model()))
    with pytest.raises(CollectionError, match=r"milvus://db.local:19530/photos: its descriptors are of model 'tiny'"):
        MilvusModels(ADDRESS, store).check(make_model(notes="another"))  # type: ignore[arg-type]
    store.database.close()


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PODOBA_DATA", str(tmp_path / "file"))
    with pytest.raises(CollectionError, match="name another folder in PODOBA_DATA"):
        open_sidecar(ADDRESS, facts_of(make_model()))
