"""Words as queries: alone, with pictures beside them, unwanted; z-scores against a slow loop; marks; what is refused."""

from __future__ import annotations

import shutil
import statistics
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from podoba.collection.collection import Collection, index_sources, search
from podoba.collection.search.options import SearchOptions
from podoba.collection.search.query import UNWANTED, Part
from podoba.collection.search.search import search as search_index
from podoba.collection.search.settings import SearchSettings
from podoba.collection.search.words import deviations, scale_of
from podoba.collection.search.written import parse_parts
from podoba.errors import CollectionError, ModelError, SourceError
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WriteTower = Callable[..., Path]
COLOURS = {"red": (200, 40, 40), "green": (40, 200, 40), "blue": (40, 40, 200)}
UKRAINIAN = {"червоний": "red", "зелений": "green", "синій": "blue", "об'єкт": "blue"}
APART = 4.0  # how far the descriptors of words lie from those of pictures


@pytest.fixture
def painted(tmp_path: Path) -> Path:
    """Six pictures of each colour, with noise on half of their pixels."""
    rng = np.random.default_rng(0)
    for name, colour in COLOURS.items():
        for i in range(6):
            folder = tmp_path / "painted" / name
            folder.mkdir(parents=True, exist_ok=True)
            pixels = np.array(colour) + rng.integers(-40, 40, (8, 8, 3))
            pixels[:, : 1 + i % 3] = rng.integers(0, 256, (8, 1 + i % 3, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{i}.png")
    return tmp_path / "painted"


@pytest.fixture
def collection(tmp_path: Path, painted: Path, encoder: Encoder, write_tower: WriteTower) -> Collection:
    """The pictures, and a tower that knows their colours in two languages; its descriptors lie far from those of pictures."""
    opened = Collection.open(tmp_path / "painted.podoba", create=True)
    index_sources(opened, [open_source(painted)], encoder)
    plain = {name: encoder.encode(np.full((1, 8, 8, 3), colour, np.uint8))[0] for name, colour in COLOURS.items()}
    known = np.concatenate([opened.store.descriptors.load().matrix, *(row[None] for row in plain.values())]).astype(np.float64)
    drawn = np.random.default_rng(1).standard_normal(known.shape[1])
    gap = drawn - np.linalg.pinv(known) @ (known @ drawn)  # as with real towers, no picture is nearer to it than another
    gap *= APART / np.linalg.norm(gap)
    words = {"?": gap} | {name: row + gap for name, row in plain.items()}
    write_tower(encoder.path, words | {word: words[name] for word, name in UKRAINIAN.items()})
    return opened


def labels(collection: Collection, *wanted: str | Part, k: int = 6, unwanted: str | list[str] = ()) -> list[str | None]:  # type: ignore[assignment]
    return [hit.label for hit in search(collection, list(wanted), unwanted=unwanted, k=k)]


@pytest.mark.parametrize("said", ["red", "червоний", "об’єкт", "  синій"])
def test_words_find_pictures(collection: Collection, said: str) -> None:
    expected = UKRAINIAN.get(said.strip().replace("’", "'"), said)
    assert labels(collection, f"text:{said}") == [expected] * 6


def test_the_tower_is_found_where_an_equal_file_was_opened(collection: Collection, encoder: Encoder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    equal = Encoder(Path(shutil.copy(encoder.path, tmp_path / "elsewhere")), 1)
    assert equal.fingerprint == encoder.fingerprint
    found = search(collection, "text:red", encoder=equal, k=6)
    assert [hit.label for hit in found.hits] == ["red"] * 6


def test_the_score_is_that_of_a_slow_loop(collection: Collection, encoder: Encoder) -> None:
    query = collection.store.models.open_text().encode(["red"])[0].astype(np.float64)
    every = {item.id: float(collection.store.descriptors.get(item.id) @ query) for item in collection.items()}
    mean, deviation = statistics.fmean(every.values()), statistics.pstdev(every.values())
    found = search(collection, "text:red", k=18)
    assert (found.query, found.exact, found.query_uris, found.itself) == ("text:red", True, [], [])
    for hit in found:
        assert hit.similarity == pytest.approx(every[hit.id], abs=1e-6)
        assert hit.score == pytest.approx((every[hit.id] - mean) / deviation, abs=1e-3)
        assert hit.probability is None
    filtered = search(collection, "text:red", where="label != 'red'", k=18)
    assert {hit.id: hit.score for hit in filtered} == {hit.id: hit.score for hit in found if hit.label != "red"}
    high = search(collection, "text:red", k=18, min_score=0.5, encoder=encoder)
    assert high.hits == [hit for hit in found if (hit.score or 0) >= 0.5]
    assert 0 < len(high) < 18


def test_words_and_a_picture_count_alike(collection: Collection, painted: Path) -> None:
    """The order is that of the sum of z-scores, item by item."""
    picture = painted / "green" / "2.png"
    rows = {item.id: collection.store.descriptors.get(item.id).astype(np.float64) for item in collection.items()}
    words = collection.store.models.open_text().encode(["blue"])[0]
    own = next(item.id for item in collection.items() if item.uri == str(picture))

    def z(query: NDArray[np.floating[Any]]) -> dict[str, float]:
        found = {id_: float(row @ query) for id_, row in rows.items()}
        mean, deviation = statistics.fmean(found.values()), statistics.pstdev(found.values())
        return {id_: (value - mean) / deviation for id_, value in found.items()}

    for weight in (1.0, 0.3, 4.0):
        parts = z(rows[own]), z(words)
        together = {id_: parts[0][id_] + weight * parts[1][id_] for id_ in rows}
        expected = sorted((id_ for id_ in rows if id_ != own), key=lambda id_: -together[id_])
        found = search(collection, [picture, Part("text:blue", weight)], k=17)
        assert [hit.id for hit in found] == expected
        assert [name.id for name in found.itself] == [own]
        assert found.query_uris == [str(picture)]
    without = z(words)
    refused = {id_: z(rows[own])[id_] - UNWANTED * without[id_] for id_ in rows}
    found = search(collection, picture, unwanted="text:blue", k=17)
    assert [hit.id for hit in found] == sorted((id_ for id_ in rows if id_ != own), key=lambda id_: -refused[id_])
    assert found.query == f"{picture} - text:blue"
    assert labels(collection, str(picture), Part("text:blue", 4.0), k=3) == ["blue"] * 3


def test_unwanted_words_push_away(collection: Collection) -> None:
    both = labels(collection, "text:red", "text:blue", k=12)
    assert set(both) == {"red", "blue"}
    last = labels(collection, "text:red", "text:blue", unwanted=["text:blue"], k=18)
    assert last[:6] == ["red"] * 6


def test_a_large_collection_is_measured_by_a_sample(collection: Collection) -> None:
    few = search_index(collection.index, "text:red", (), SearchOptions(k=18), settings=SearchSettings(usual=9))
    every = search(collection, "text:red", k=18)
    assert [hit.id for hit in few] == [hit.id for hit in every]
    assert [hit.score for hit in few] != [hit.score for hit in every]


def test_diversity_weighs_words_as_it_weighs_pictures(collection: Collection) -> None:
    """A third of unlikeness still leaves what was asked for in front, though similarities to words are nearly equal."""
    order = search(collection, "text:red", k=6, diversity=0.3)
    assert order.hits[0].id == search(collection, "text:red", k=1).hits[0].id
    assert [hit.label for hit in order][:3] == ["red"] * 3
    assert {hit.label for hit in search(collection, "text:red", k=6, diversity=0.9)} != {"red"}


@pytest.mark.parametrize("rerank", ["exemplar", "whitening", "query-expansion", "database-augmentation", "k-reciprocal"])
def test_reranking_takes_words(collection: Collection, rerank: str) -> None:
    found = search(collection, "text:red", k=6, rerank=rerank)
    assert [hit.label for hit in found] == ["red"] * 6
    assert all(hit.score is not None and hit.probability is None for hit in found)


def test_marks_of_words_serve_the_same_words(collection: Collection) -> None:
    wrong, right = (item.id for item in collection.items("label == 'red'")[:2])
    collection.mark("text: RED ", right=[right])
    collection.mark("text:об’єкт", right=[right], wrong=[wrong])
    assert [mark.query for mark in collection.marks()] == ["text:RED", "text:об'єкт", "text:об'єкт"]
    assert collection.key_of("text:об'єкт") == "text:об'єкт"
    told = search(collection, "text:обʼєкт", k=18, feedback="rocchio")
    assert (told.marks, wrong in {hit.id for hit in told}) == (2, False)
    assert search(collection, "text:red", feedback="rocchio").marks == 0  # however near its words may be
    item = collection.items("label == 'blue'")[0]
    assert search(collection, f"id:{item.id}", feedback="rocchio").marks == 0
    collection.mark(f"id:{item.id}", right=[right])
    assert search(collection, "text:blue", feedback="rocchio").marks == 0
    assert collection.forget("text:об'єкт") == 2


def test_what_cannot_be_asked_with_words(collection: Collection, encoder: Encoder, other_encoder: Encoder, painted: Path) -> None:
    with pytest.raises(CollectionError, match="words have no probability: leave --min-probability out"):
        search(collection, "text:red", min_probability=0.5)
    with pytest.raises(CollectionError, match="words have no probability"):
        search(collection, painted / "red" / "0.png", unwanted="text:red", min_probability=0.5)
    with pytest.raises(CollectionError, match="pictures alone have no score"):
        search(collection, painted / "red" / "0.png", min_score=1)
    with pytest.raises(ValueError, match="a score is a number of standard deviations"):
        search(collection, "text:red", min_score=float("nan"))
    for empty in ("text:", "text:  "):
        with pytest.raises(ValueError, match="needs words"):
            search(collection, empty)
    with pytest.raises(SourceError, match="words have no pixels to draw a box on"):
        search(collection, Part("text:red", box=(0, 0, 4, 4)))
    with pytest.raises(CollectionError, match="is another or has changed since"):
        search(collection, "text:red", encoder=other_encoder)
    encoder.path.with_suffix(".text.onnx").unlink()
    with pytest.raises(ModelError, match="has no text tower"):
        search(collection, "text:red")
    assert len(search(collection, painted / "red" / "0.png")) == 10


def test_words_among_parts() -> None:
    parts = parse_parts(["text:red car@0.5", "a.jpg", "text:a.npy", "b.jpg@2"], ["1,2,3,4"])
    assert parts == [Part("text:red car", 0.5), Part("a.jpg", None, (1, 2, 3, 4)), Part("text:a.npy"), Part("b.jpg", 2.0)]
    assert [str(part) for part in parts[:2]] == ["text:red car@0.5", "a.jpg[1,2,3,4]"]
    assert parse_parts([f"text:{'x' * 5000}@2"]) == [Part(f"text:{'x' * 5000}", 2.0)]
    with pytest.raises(ValueError, match="2 boxes for 1 pictures"):
        parse_parts(["a.jpg", "text:red"], ["1,2,3,4"] * 2)
    with pytest.raises(ValueError, match="needs words"):
        parse_parts(["text: @0.5"])
    with pytest.raises(ValueError, match="a number above zero"):
        parse_parts(["text:red@0"])


def test_a_scale_where_nothing_differs() -> None:
    one = np.array([[1, 0]], dtype=np.float32)
    scale = scale_of(one, one[0])
    assert scale.scores(np.array([1.0, 0.5], dtype=np.float32)).tolist() == [0.0, -0.5]
    assert deviations(np.repeat(one, 3, axis=0), np.eye(2, dtype=np.float32)).tolist() == [1.0, 1.0]
