"""What is remembered of published models."""

from __future__ import annotations

from pathlib import Path

import pytest

from podoba.errors import ModelError
from podoba.models.hub.store import Pulled, all_pulled, model_path, pulled_as, recall, remember
from podoba.models.published.address import Address

COMMIT = "c" * 40


def test_addresses_of_one_repository_are_remembered_beside_each_other(cache: Path) -> None:
    main, named = Address("a/b"), Address("a/b", "refs/pr/1", "onnx/x.onnx")
    assert recall(main) is None
    first = Pulled(commit=COMMIT, graph="model.onnx", licence="MIT", sha256={"model.onnx": "0" * 64})
    second = Pulled(commit="d" * 40, graph="onnx/x.onnx")
    remember(main, first)
    remember(named, second)
    assert recall(main) == first
    assert recall(named) == second
    assert list(all_pulled()) == []  # no model is there yet
    for pulled in (first, second):
        path = model_path("a/b", pulled)
        path.parent.mkdir(parents=True)
        path.write_bytes(b"model")
    assert dict(all_pulled()) == {main: model_path("a/b", first), named: model_path("a/b", second)}
    assert pulled_as(model_path("a/b", second)) == (named, second)
    assert pulled_as(cache / "other.onnx") is None


@pytest.mark.parametrize("text", ["", "[]", "{", '{"main:": {"commit": 1}}', '{"main:": 5}'])
def test_a_damaged_record_says_what_to_do(cache: Path, text: str) -> None:
    path = cache / "models/hf/a/b/pulled.json"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    with pytest.raises(ModelError, match=r"pulled\.json: damaged: remove it, and run `podoba models pull` again"):
        recall(Address("a/b"))
    assert list(all_pulled()) == []
