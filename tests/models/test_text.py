"""Words as descriptors: what a text is before it is described, and towers that are missing, damaged or of another model."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper

from podoba.errors import MissingExtra, ModelError
from podoba.models.encoder import Encoder
from podoba.models.text import CARD_KEY, TOKENIZER_KEY, TextCard, TextEncoder, open_text, plain_text, save_text_tower, text_path

MakeModel = Callable[..., Path]
WriteTower = Callable[..., Path]
AXES = np.eye(192, dtype=np.float32)
WORDS = {"?": AXES[9], "red": AXES[0], "car": AXES[1], "п'ять": AXES[2], "її": AXES[3]}


@pytest.fixture
def model(make_model: MakeModel) -> Path:
    return make_model()


def test_words_are_described_by_the_tower_beside_the_model(model: Path, write_tower: WriteTower) -> None:
    path = write_tower(model, WORDS)
    assert path == model.with_suffix(".text.onnx")
    encoder = open_text(model, "tiny", Encoder(model).fingerprint)
    found = encoder.encode(["red", "red car", "green"])
    assert found.dtype == np.float32
    assert found.shape == (3, 192)
    np.testing.assert_allclose(found[0], AXES[0], atol=1e-6)
    np.testing.assert_allclose(found[1], (AXES[0] + AXES[1]) / np.sqrt(2), atol=1e-6)
    np.testing.assert_allclose(found[2], AXES[9], atol=1e-6)
    assert encoder.encode([]).shape == (0, 192)
    assert open_text(model, "tiny", Encoder(model).fingerprint) is encoder  # it is kept open


@pytest.mark.parametrize("said", ["п'ять", "п’ять", "пʼять", "п`ять", "  п'ять\n"])
def test_every_apostrophe_is_the_one_the_tower_knows(model: Path, write_tower: WriteTower, said: str) -> None:
    write_tower(model, WORDS)
    np.testing.assert_allclose(TextEncoder(text_path(model)).encode([said])[0], AXES[2], atol=1e-6)
    write_tower(model, {"?": AXES[9], "п’ять": AXES[5]}, apostrophe="’")
    np.testing.assert_allclose(TextEncoder(text_path(model)).encode([said])[0], AXES[5], atol=1e-6)


def test_letters_of_two_characters_are_one(model: Path, write_tower: WriteTower) -> None:
    write_tower(model, WORDS)
    apart = unicodedata.normalize("NFD", "її")
    assert apart != "її"
    np.testing.assert_allclose(TextEncoder(text_path(model)).encode([apart])[0], AXES[3], atol=1e-6)


def test_small_letters_where_the_tower_learned_from_them(model: Path, write_tower: WriteTower) -> None:
    write_tower(model, WORDS)
    np.testing.assert_allclose(TextEncoder(text_path(model)).encode(["RED"])[0], AXES[9], atol=1e-6)
    write_tower(model, WORDS, lower_case=True)
    np.testing.assert_allclose(TextEncoder(text_path(model)).encode(["Red"])[0], AXES[0], atol=1e-6)


def test_a_long_text_is_cut_and_that_is_said(model: Path, write_tower: WriteTower, caplog: pytest.LogCaptureFixture) -> None:
    write_tower(model, WORDS, length=3)
    encoder = TextEncoder(text_path(model))
    short, long = encoder.encode(["red red car", "red red car car car"])
    np.testing.assert_array_equal(short, long)
    assert caplog.messages == ["'red red car car car': more than the 3 tokens that the model takes: the rest does not count"]


def test_a_tower_that_knows_one_length_gets_texts_filled_up(model: Path, write_tower: WriteTower) -> None:
    write_tower(model, WORDS, length=5, whole_length=True, padding=1)
    encoder, seen = TextEncoder(text_path(model)), list[Any]()
    session = encoder._session

    class Noted:
        def run(self, names: list[str], inputs: dict[str, Any]) -> Any:
            seen.append(inputs)
            return session.run(names, inputs)

    encoder._session = Noted()
    np.testing.assert_allclose(encoder.encode(["car"])[0], AXES[1], atol=1e-6)
    assert (seen[0]["tokens"].tolist(), seen[0]["mask"].tolist()) == ([[2, 1, 1, 1, 1]], [[1, 0, 0, 0, 0]])


@given(st.text())
def test_a_plain_text_is_plain_already(text: str) -> None:
    try:
        plain = plain_text(text)
    except ValueError:
        return
    assert plain_text(plain) == plain
    assert plain_text(unicodedata.normalize("NFD", f" {text}\t")) == plain


@pytest.mark.parametrize(("text", "reason"), [("", "needs words"), (" \n", "needs words"), ("a\udcff", "UTF-8")])
def test_no_words_are_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        plain_text(text)


def test_a_model_without_a_tower_and_one_of_another_model(make_model: MakeModel, write_tower: WriteTower) -> None:
    model, other = make_model(), make_model("other.onnx", grey=90.0)
    with pytest.raises(ModelError, match=r"model 'tiny' has no text tower \(.*model\.text\.onnx\)"):
        open_text(model, "tiny", "0" * 16)
    write_tower(other, WORDS).rename(text_path(model))
    with pytest.raises(ModelError, match=f"the text tower of 'tiny' .*and not of 'mine' \\({Encoder(model).fingerprint}\\)"):
        open_text(model, "mine", Encoder(model).fingerprint)


def test_damaged_and_foreign_towers_are_named(model: Path, write_tower: WriteTower) -> None:
    path = write_tower(model, WORDS)
    whole = onnx.load(str(path))

    def refused(reason: str, **metadata: str) -> None:
        changed = onnx.ModelProto()
        changed.CopyFrom(whole)
        known = {entry.key: entry.value for entry in whole.metadata_props} | metadata
        del changed.metadata_props[:]
        for key, value in known.items():
            if value:
                changed.metadata_props.add(key=key, value=value)
        onnx.save(changed, str(path))
        with pytest.raises(ModelError, match=reason):
            TextEncoder(path)

    refused("not a text tower", **{CARD_KEY: ""})
    refused("not a text tower", **{CARD_KEY: '{"dim": 0}'})
    card = {"model": "tiny", "fingerprint": "0", "dim": 192, "length": 8}
    refused("format 2, which a newer podoba wrote", **{CARD_KEY: TextCard(**card, format=2).model_dump_json()})
    refused("without its tokenizer", **{TOKENIZER_KEY: ""})
    refused("its tokenizer cannot be read", **{TOKENIZER_KEY: "{}"})
    path.write_bytes(b"x")
    with pytest.raises(ModelError, match="damaged, or not an ONNX model"):
        TextEncoder(path)
    with pytest.raises(ModelError, match="not a text tower"):
        TextEncoder(model)


@pytest.mark.parametrize(("operator", "dim"), [("Identity", 2), ("LpNormalization", 3), ("Log", 2)])
def test_what_is_no_descriptor_is_an_error(tmp_path: Path, model: Path, write_tower: WriteTower, operator: str, dim: int) -> None:
    tokenizer = {entry.key: entry.value for entry in onnx.load(str(write_tower(model, WORDS))).metadata_props}[TOKENIZER_KEY]
    nodes = [
        helper.make_node("Cast", ["tokens"], ["real"], to=TensorProto.FLOAT),
        helper.make_node(operator, ["real"], ["descriptors"]),
    ]
    graph = helper.make_graph(
        nodes,
        "wrong",
        [helper.make_tensor_value_info("tokens", TensorProto.INT64, ("batch", "length"))],
        [helper.make_tensor_value_info("descriptors", TensorProto.FLOAT, ("batch", "length"))],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    path = tmp_path / "wrong.text.onnx"
    save_text_tower(made, TextCard(model="m", fingerprint="0", dim=dim, length=8), tokenizer, path)
    with pytest.raises(ModelError, match="gives no descriptor"):
        TextEncoder(path).encode(["red car"])


def test_without_tokenizers_the_extra_is_named(model: Path, write_tower: WriteTower, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tower(model, WORDS)
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(MissingExtra, match=r"pip install 'podoba\[text\]'"):
        TextEncoder(text_path(model))
