from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from podoba.collection.collection import Collection
from podoba.models.card import TrainingData
from podoba.models.card_file import read_card
from podoba.models.names import find_model as file_of
from podoba.serve.library.models import Model, curve, described, find_model, models_here
from podoba.serve.library.settings import LibrarySettings
from podoba.serve.problems import Problem


@pytest.fixture
def collection(shapes_collection: Path, tmp_path: Path) -> Collection:
    """A copy of the shapes."""
    shutil.copy(shapes_collection, tmp_path / "shapes.podoba")
    return Collection.open(tmp_path / "shapes.podoba")


def test_bundled_models_are_there_once_and_those_in_use_come_first(collection: Collection) -> None:
    here = models_here({"shapes": collection})
    assert [model.name for model in here] == ["small", "photo"]
    assert [model.collections for model in here] == [["shapes"], []]
    assert {model.name for model in models_here({})} == {"small", "photo"}


def test_a_model_of_its_own_has_a_name_of_its_own(collection: Collection) -> None:
    changed = read_card(file_of("small")).model_copy(update={"notes": "trained further"})
    with collection.store.database.transaction():
        collection.store.database.execute("UPDATE facts SET value = ? WHERE key = 'card'", [changed.to_json()])
    first, *others = models_here({"shapes": collection})
    assert (first.name, first.collections) == ("small (shapes)", ["shapes"])
    assert {model.name for model in others} == {"small", "photo"}
    assert described(first, show_paths=False)["origin"] == "own"


def test_a_model_whose_file_is_gone_is_still_described(collection: Collection) -> None:
    with collection.store.database.transaction():
        database = collection.store.database
        changed = read_card(file_of("small")).model_copy(update={"name": "gone"})
        for key, value in (("card", changed.to_json()), ("model", "/nowhere/gone.onnx"), ("path", "/nowhere/gone.onnx")):
            database.execute("UPDATE facts SET value = ? WHERE key = ?", [value, key])
    told = described(find_model({"shapes": collection}, "gone"), show_paths=True)
    assert (told["here"], told["bytes"], told["path"]) == (False, None, None)


def test_an_empty_collection_has_no_model(tmp_path: Path) -> None:
    with Collection.open(tmp_path / "empty.podoba", create=True) as empty:
        assert all(model.collections == [] for model in models_here({"empty": empty}))


def test_an_unknown_model_is_a_problem() -> None:
    with pytest.raises(Problem) as unknown:
        find_model({}, "none")
    assert (unknown.value.status, unknown.value.code) == (404, "unknown_model")


def test_a_card_says_what_the_model_is() -> None:
    told = described(find_model({}, "small"), show_paths=False)
    assert (told["origin"], told["dim"], told["pixels"]["size"], told["here"]) == ("bundled", 256, 80, True)
    assert told["bytes"] == file_of("small").stat().st_size
    assert told["training_data"][0]["images"] == 93100
    flowers = next(metric for metric in told["metrics"] if metric["name"] == "KNN score on flowers")
    assert flowers["low"] < flowers["value"] < flowers["high"]
    assert told["licence"].startswith("Tiny ImageNet")  # of the data, since the card states none of the weights
    assert told["path"] is None
    assert described(find_model({}, "small"), show_paths=True)["path"] == str(file_of("small"))


def test_a_card_names_no_place(tmp_path: Path) -> None:
    data = [TrainingData(name=str(tmp_path / "photos"))]
    changes = {"training_data": data, "backbone": str(tmp_path / "net"), "notes": f"from {tmp_path}/weights.onnx"}
    model = Model("own", read_card(file_of("small")).model_copy(update=changes), None)
    told = described(model, show_paths=False)
    assert (told["training_data"][0]["name"], told["backbone"], told["notes"]) == ("photos", "net", "")
    assert str(tmp_path) not in str(told)


def test_the_curve_rises_from_unlikely_to_likely() -> None:
    calibration = read_card(file_of("small")).calibration
    assert calibration is not None
    points = curve(calibration, LibrarySettings(curve_points=5))
    assert [x for x, _ in points] == [0, 0.25, 0.5, 0.75, 1]
    chances = [y for _, y in points]
    assert chances == sorted(chances)
    assert chances[0] < 0.1
    assert chances[-1] > 0.9


def test_a_model_that_was_never_calibrated_has_no_curve() -> None:
    card = read_card(file_of("small")).model_copy(update={"calibration": None})
    assert described(Model("own", card, None), show_paths=False)["curve"] is None
