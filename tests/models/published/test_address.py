"""Addresses of published models."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from podoba.errors import ModelError
from podoba.models.published.address import Address, is_inside


def test_an_address_has_a_repository_a_revision_and_a_file() -> None:
    assert Address.parse("hf:someone/some-model.v1") == Address("someone/some-model.v1", "main", None)
    assert Address.parse("hf:a/b@v1.0:onnx/vision_model.onnx") == Address("a/b", "v1.0", "onnx/vision_model.onnx")
    assert Address.parse("hf:a/b@refs/pr/1").revision == "refs/pr/1"
    assert Address.parse("hf:a/b:x y.onnx").file == "x y.onnx"
    for name in ("hf:a/b", "hf:a/b@v1", "hf:a/b:c.onnx", "hf:a/b@v1:c/d.onnx"):
        assert str(Address.parse(name)) == name


@pytest.mark.parametrize(
    "name",
    [
        "hf:", "hf:x", "hf:a/b/c", "hf:../x", "hf:a/..", "hf:a/b?c", "hf:a/b@", "hf:a/b@../x", "hf:a/b@x?y", "hf:a/b:",
        "hf:a/b:../x.onnx", "hf:a/b:/x.onnx", "hf:a/b:x.bin", "hf:a/b:c:d.onnx", "hf:a/b:c\\d.onnx", "hf:a/b:c//d.onnx",
    ],
)  # fmt: skip
def test_what_is_written_otherwise_is_answered_with_the_form(name: str) -> None:
    with pytest.raises(ModelError, match=r"write it as hf:<owner>/<repo>"):
        Address.parse(name)


@given(st.text(alphabet="ab./\\:\0~ ", max_size=12))
def test_a_path_that_stays_inside_has_no_part_that_leads_out(path: str) -> None:
    if is_inside(path):
        assert all(part not in ("", ".", "..") for part in path.split("/"))
        assert not set(path) & set("\\:\0")
