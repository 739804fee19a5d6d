"""Words as queries of a served collection."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.models.names import find_model
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.problems import Problem
from podoba.serve.queries.bodies import SearchBody
from podoba.serve.queries.opened import OpenedFile
from podoba.serve.queries.queries import Queries
from podoba.serve.served import Served

pytestmark = pytest.mark.slow
Knowing = tuple[Queries, OpenedFile]


@pytest.fixture
def knowing(shapes: Path, decoders: Decoders, tmp_path: Path, write_tower: Callable[..., Path]) -> Iterator[Knowing]:
    """The shapes by a model that knows their names in two languages."""
    pytest.importorskip("tokenizers")
    model = tmp_path / "model.onnx"
    shutil.copy(find_model("small"), model)
    with Collection.open(tmp_path / "shapes.podoba", create=True) as collection:
        collection.update([shapes], str(model))
        vectors = {label: collection.vectors(f"label == '{label}'").matrix.mean(0) for label in ("circle", "square", "triangle")}
    apart = 3 * np.random.default_rng(0).standard_normal(256)
    words = {"?": apart} | {word: vectors[label] + apart for word, label in (("circle", "circle"), ("коло", "circle"))}
    write_tower(model, words)
    served = Served([tmp_path / "shapes.podoba"])
    queries = Queries(served.collection, decoders=decoders)
    yield queries, queries.opened_file("shapes")
    served.close()


@pytest.mark.parametrize("word", ["circle", "коло"])
def test_words_have_scores_and_no_probability(knowing: Knowing, word: str) -> None:
    queries, opened = knowing
    found = queries.searches.search(opened, SearchBody.model_validate({"query": [{"text": word}], "k": 10, "min_score": 0.1}))
    expected = opened.collection.search(f"text:{word}", k=10, min_score=0.1)
    assert (found["words"], found["calibrated"]) == (True, True)
    (told,) = found["query"]
    assert (told["kind"], told["text"], told["name"], told["descriptor"]) == ("text", word, None, None)
    assert [(hit["id"], hit["score"], hit["probability"]) for hit in found["hits"]] == [
        (hit.id, hit.score, None) for hit in expected.hits
    ]
    assert found["hits"]


def test_of_words_no_probability_can_be_asked(knowing: Knowing) -> None:
    queries, opened = knowing
    with pytest.raises(Problem) as raised:
        queries.searches.search(opened, SearchBody.model_validate({"query": [{"text": "circle"}], "min_probability": 0.5}))
    assert raised.value.code == "no_probability"
