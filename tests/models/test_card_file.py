"""Cards read without opening the model."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podoba.errors import ModelError
from podoba.models.bundled import bundled_folder
from podoba.models.card_file import read_card
from podoba.models.encoder import Encoder

MakeModel = Callable[..., Path]


def test_the_card_is_the_one_that_the_model_has(make_model: MakeModel) -> None:
    path = make_model()
    assert read_card(path) == Encoder(path, 1).card
    small = bundled_folder("small") / "model.onnx"
    assert read_card(small) == Encoder(small, 1).card


def test_what_is_no_model_of_ours_is_refused(make_model: MakeModel, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="without a podoba card"):
        read_card(make_model("foreign.onnx", card=None))
    with pytest.raises(ModelError, match="card is damaged"):
        read_card(make_model("damaged.onnx", card="{}"))
    for number, content in enumerate((b"", b"damaged", make_model().read_bytes()[:-40])):
        path = tmp_path / f"{number}.onnx"
        path.write_bytes(content)
        with pytest.raises(ModelError, match="damaged, or not an ONNX model"):
            read_card(path)
    with pytest.raises(ModelError, match="damaged, or not an ONNX model"):
        read_card(tmp_path / "nowhere.onnx")


@given(st.binary(max_size=200))
def test_any_bytes_are_answered_by_the_same_error(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.onnx"
    path.write_bytes(content)
    with pytest.raises(ModelError):
        read_card(path)
