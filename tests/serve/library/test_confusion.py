from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection
from podoba.serve.library.confusion import NONE, Confusions, confused
from podoba.serve.library.pair import Side
from podoba.serve.library.settings import LibrarySettings
from podoba.serve.problems import Problem
from podoba.serve.queries.queries import Queries
from podoba.serve.served import Served

PAIR = ("shapes", "shapes-photo")


def test_the_matrices_equal_a_slow_loop(queries: Queries) -> None:
    a, b = (Side.of(queries.opened_file(name)) for name in PAIR)
    confusion = confused(a, b, 3, 1000)
    assert (confusion.common, confusion.labelled, len(confusion.labels)) == (34, 34, 34)
    for found, name in zip(confusion.found, PAIR, strict=True):
        collection = queries.opened_file(name).collection
        items, vectors = collection.items(), collection.vectors().matrix
        counts = np.zeros((3, 3))
        shared = {one.content for one in queries.opened_file("shapes-photo").collection.items()}
        for row, one in enumerate(items):
            if one.content not in shared:
                continue
            order = [other for other in np.argsort(-(vectors @ vectors[row]), kind="stable") if other != row][:3]
            for other in order:
                counts[confusion.classes.index(str(one.label)), confusion.classes.index(str(items[other].label))] += 1
        assert found.matrix == pytest.approx(counts / counts.sum(axis=1, keepdims=True))


def test_a_query_does_not_find_itself_nor_its_copies(shapes: Path, shapes_collection: Path, tmp_path: Path) -> None:
    shutil.copytree(shapes, tmp_path / "twice" / "one")
    shutil.copytree(shapes, tmp_path / "twice" / "two")
    with Collection.open(tmp_path / "twice.podoba", create=True) as opened:
        opened.update([tmp_path / "twice"], "photo")
    served = Served([shapes_collection, tmp_path / "twice.podoba"])
    a, b = (Side.of(served.queries.opened_file(name)) for name in ("shapes", "twice"))
    found = confused(a, b, 4, 1000).found[1]
    served.close()
    for row, neighbours in zip(found.rows, found.neighbours, strict=True):
        assert b.keys[row] not in b.keys[neighbours]
    assert (found.neighbours != NONE).all()


def test_of_many_pictures_a_sample_is_taken_always_the_same(queries: Queries) -> None:
    a, b = (Side.of(queries.opened_file(name)) for name in PAIR)
    first, again = confused(a, b, 3, 10), confused(a, b, 3, 10)
    assert (len(first.labels), first.labelled) == (10, 34)
    assert first.found[0].rows.tolist() == again.found[0].rows.tolist()
    for found in first.found:
        assert np.all(np.diff(found.rows) != 0)
    assert [a.columns.names[row] for row in first.found[0].rows] == [b.columns.names[row] for row in first.found[1].rows]


def test_what_is_described_names_the_entries_on_which_the_models_differ_most(queries: Queries) -> None:
    told = Confusions(queries).described(*PAIR, 3)
    assert (told["classes"], told["all_classes"], told["sampled"]) == (["circle", "square", "triangle"], 3, 34)
    first, second = (np.array(told[side]["shares"]).reshape(3, 3) for side in ("a", "b"))
    gaps = [abs((first - second)[told["classes"].index(e["query"]), told["classes"].index(e["found"])]) for e in told["worst"]]
    assert np.all(np.diff(gaps) < 1e-3)  # the largest first; the shares are rounded
    off = np.abs(first - second)[~np.eye(3, dtype=bool)]
    assert gaps[0] == pytest.approx(off.max())
    assert (told["a"]["model"], told["b"]["model"]) == ("small", "photo")
    for side, matrix in (("a", first), ("b", second)):
        counts = np.array([10, 12, 12])  # queries of each class
        assert told[side]["precision"] == pytest.approx((np.diag(matrix) * counts).sum() / 34, abs=1e-3)


def test_of_many_classes_those_that_are_confused_most_are_shown(queries: Queries) -> None:
    told = Confusions(queries, LibrarySettings(classes=2)).described(*PAIR, 3)
    assert (len(told["classes"]), told["all_classes"], len(told["a"]["shares"])) == (2, 3, 4)
    assert {name for one in told["worst"] for name in one.values()} <= set(told["classes"])


def test_an_entry_lists_its_queries_and_what_either_model_found(queries: Queries) -> None:
    confusions = Confusions(queries)
    told = confusions.described(*PAIR, 3)
    pair = told["worst"][0]
    entry = confusions.entry(*PAIR, 3, pair["query"], pair["found"], show_paths=False)
    assert 0 < len(entry["queries"]) <= entry["of"]
    totals = [one["a"]["count"] + one["b"]["count"] for one in entry["queries"]]
    assert totals == sorted(totals, reverse=True)
    for one in entry["queries"]:
        assert one["item"]["label"] == pair["query"]
        for side in ("a", "b"):
            assert {item["label"] for item in one[side]["items"]} <= {pair["found"]}
            assert len(one[side]["items"]) == one[side]["count"]
            assert all(item["uri"] is None for item in one[side]["items"])


def test_an_entry_of_a_class_that_is_not_there(queries: Queries) -> None:
    with pytest.raises(Problem) as unknown:
        Confusions(queries).entry(*PAIR, 3, "circle", "hexagon", show_paths=False)
    assert unknown.value.code == "unknown_class"


def test_it_is_computed_once_for_each_state_of_the_collections(
    shapes_collection: Path, photo_collection: Path, tmp_path: Path
) -> None:
    place = Path(shutil.copy(shapes_collection, tmp_path / "shapes.podoba"))
    served = Served([place, photo_collection])
    confusions = served.confusions
    first = confusions.of(*PAIR, 3)
    assert confusions.of(*PAIR, 3) is first
    assert confusions.of(*PAIR, 2) is not first
    served.collection("shapes").remove([served.collection("shapes").items()[0].id])
    changed = confusions.of(*PAIR, 3)
    assert (first.common, changed.common) == (34, 33)
    served.close()


def test_collections_that_share_no_labelled_picture_have_no_confusion(
    scenes_collection: Path, shapes: Path, shapes_collection: Path, tmp_path: Path
) -> None:
    (tmp_path / "flat").mkdir()
    for path in shapes.rglob("*.jpg"):
        shutil.copy(path, tmp_path / "flat")
    with Collection.open(tmp_path / "flat.podoba", create=True) as opened:
        opened.update([tmp_path / "flat"], "small")
    served = Served([shapes_collection, scenes_collection, tmp_path / "flat.podoba"])
    apart, flat = (served.confusions.described(*pair, 3) for pair in (("shapes", "scenes"), ("flat", "shapes")))
    with pytest.raises(Problem):
        served.confusions.entry("shapes", "scenes", 3, "circle", "square", show_paths=False)
    served.close()
    assert (apart["common"], apart["labelled"], apart["classes"], apart["a"]) == (0, 0, [], None)
    assert (flat["common"], flat["labelled"], flat["classes"]) == (36, 0, [])
