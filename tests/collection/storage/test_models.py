"""The model that a collection remembers, and the one that is to come."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hub_stand_in import HubStandIn
from podoba.collection.collection import Collection
from podoba.errors import CollectionError, ModelError
from podoba.models.encoder import Encoder
from podoba.models.hub.pull import pull
from podoba.models.names import open_model
from podoba.models.published.address import Address
from podoba.models.sessions import DeviceError
from published_layouts import layouts


def test_a_collection_without_items_takes_any_model(tmp_path: Path, encoder: Encoder, other_encoder: Encoder) -> None:
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        models = collection.store.models
        assert (models.name, models.fingerprint, models.card, models.dim, models.next_name) == (None, None, None, 0, None)
        with pytest.raises(CollectionError, match="the collection is empty"):
            models.open_encoder()
        models.claim(other_encoder, "other")
        models.claim(encoder, "tiny")
        assert (models.name, models.fingerprint, models.dim) == ("tiny", encoder.fingerprint, 192)
        assert models.facts()["path"] == str(encoder.path)
        assert models.card is models.card  # parsed once


def test_a_collection_with_items_refuses_another_model(filled: Collection, encoder: Encoder, other_encoder: Encoder) -> None:
    filled.store.models.claim(encoder, "tiny")
    filled.store.models.check(encoder)
    with pytest.raises(CollectionError, match="cannot be compared"):
        filled.store.models.claim(other_encoder, "other")
    with pytest.raises(CollectionError, match="has changed since"):
        filled.store.models.check(other_encoder)


def test_the_encoder_is_found_by_name_else_by_path(filled: Collection, encoder: Encoder) -> None:
    assert filled.store.models.open_encoder(1).fingerprint == encoder.fingerprint
    encoder.path.rename(encoder.path.with_name("moved.onnx"))
    with pytest.raises(ModelError):
        filled.store.models.open_encoder()


def test_the_next_model_takes_the_place_of_the_present_one(filled: Collection, other_encoder: Encoder) -> None:
    models, ids = filled.store.models, [item.id for item in filled.items()]
    models.stage_next(other_encoder, "other")
    assert (models.next_name, models.name, len(models.without_next())) == ("other", "tiny", 60)
    eye = np.eye(192, dtype=np.float32)
    models.put_next([(id_, eye[place]) for place, id_ in enumerate(ids[:58])])
    assert models.without_next() == ids[58:]
    filled.put(filled.items()[:1], eye[5:6])  # whose descriptor of the next model no longer holds
    assert models.without_next() == [ids[0], *ids[58:]]
    models.switch_to_next()
    assert (models.next_name, models.name, models.fingerprint) == (None, "other", other_encoder.fingerprint)
    assert [item.id for item in filled.items()] == ids[1:58]
    np.testing.assert_array_equal(filled.vectors().matrix, eye[1:58])
    models.stage_next(other_encoder, "third")
    models.note_device("cpu", of_next=True)
    models.give_up_next()
    assert (models.next_name, models.name) == (None, "other")


def test_what_computed_the_descriptors_is_remembered(filled: Collection, encoder: Encoder, other_encoder: Encoder) -> None:
    models = filled.store.models
    assert (models.devices, filled.info()["devices"]) == ([], None)
    for device in ("cuda", "cpu", "cuda"):
        models.note_device(device)
    assert (models.devices, filled.info()["devices"]) == (["cuda", "cpu"], ["cuda", "cpu"])
    models.stage_next(other_encoder, "other")
    models.note_device("openvino", of_next=True)
    assert models.devices == ["cuda", "cpu"]
    models.switch_to_next()
    assert models.devices == ["openvino"]
    assert filled.check() == []
    models.claim(encoder, "tiny")  # nothing has a descriptor of the next model, so nothing is left
    assert models.devices == []


def test_the_encoder_is_opened_on_the_device_of_the_collection(filled: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODOBA_DEVICE", "openvino")
    with Collection.open(filled.path, device="coreml") as elsewhere, pytest.raises(DeviceError, match="coreml cannot be used"):
        elsewhere.store.models.open_encoder()
    with pytest.raises(DeviceError, match="openvino cannot be used"):
        filled.store.models.open_encoder()
    with Collection.open(filled.path, device="cpu") as on_processor:
        assert on_processor.store.models.open_encoder().device == "cpu"


def test_words_bring_the_text_tower_of_a_published_model(
    tmp_path: Path, hub: HubStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))
    hub.add("a/b", layouts()["Xenova/clip-vit-base-patch32"])
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        models = collection.store.models
        models.claim(open_model("hf:a/b", 1), "hf:a/b")
        assert not hub.asked(end="text_model.onnx")
        assert models.open_text().encode(["red"]).shape == (1, models.dim)
        assert len(hub.asked("files", end="text_model.onnx")) == 1
        hub.requests.clear()
        models.open_text()
        assert hub.requests == []


def test_a_model_that_a_file_names_is_not_fetched(tmp_path: Path, hub: HubStandIn, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))
    hub.add("a/b", layouts()["onnx-community/dinov2-small"])
    path = pull(Address("a/b"))
    with Collection.open(tmp_path / "x.podoba", create=True) as collection:
        collection.store.models.claim(open_model("hf:a/b", 1), "hf:a/b")
        path.unlink()
        hub.requests.clear()
        with pytest.raises(ModelError, match="hf:a/b: not in the cache: run `podoba models pull hf:a/b`"):
            collection.store.models.open_encoder(1)
        assert hub.requests == []
