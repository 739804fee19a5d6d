"""A model evaluated by a ground truth: boxes, junk, and what is missing."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from podoba.errors import SourceError, UnreadableImage
from podoba.images.record import Skipped
from podoba.images.sources.open import open_source
from podoba.metrics.ground_truth import read_ground_truth
from podoba.models.names import open_model
from podoba.report.evaluate_instances import evaluate_instances

Landmarks = dict[str, Path]


def test_boxes_are_respected(landmarks: Landmarks) -> None:
    """Both queries are of one picture: only by their boxes can each have its own images first."""
    source, skipped = open_source(landmarks["images"]), list[Skipped]()
    result = evaluate_instances(open_model("small"), source, source, read_ground_truth(landmarks["revisited"]), skipped=skipped)
    values = result.to_json()
    assert {key: values[key] for key in ("protocol", "queries", "gallery", "dim")} == {
        "protocol": "revisited", "queries": 2, "gallery": 9, "dim": open_model("small").card.dim,
    }  # fmt: skip
    assert [values[f"map_{difficulty}"] for difficulty in ("easy", "medium", "hard")] == [1.0, 1.0, 1.0]
    assert values["mp@1_medium"] == 1.0
    assert skipped == []


def test_without_boxes_one_picture_cannot_answer_both(landmarks: Landmarks, tmp_path: Path) -> None:
    truth = json.loads(landmarks["revisited"].read_text(encoding="utf-8"))
    for row in truth["gnd"]:
        row["bbx"] = [0, 0, 96, 48]
    (tmp_path / "gnd.json").write_text(json.dumps(truth), encoding="utf-8")
    source = open_source(landmarks["images"])
    result = evaluate_instances(open_model("small"), source, source, read_ground_truth(tmp_path / "gnd.json"))
    assert (result.scores["medium"]["map"] or 0) < 1


def test_the_original_protocol_searches_all_images(landmarks: Landmarks) -> None:
    source = open_source(landmarks["images"])
    values = evaluate_instances(open_model("small"), source, source, read_ground_truth(landmarks["original"])).to_json()
    assert (values["protocol"], values["gallery"], values["map"]) == ("original", 10, 1.0)
    assert {"mp@1", "mp@5", "mp@10"} <= values.keys()


@pytest.mark.parametrize(
    ("name", "message"), [("both.png", "1 of the 1 query images"), ("dots_2.png", "1 of the 9 gallery images .* dots_2")]
)
def test_missing_images_are_named_before_anything_is_encoded(
    name: str, message: str, landmarks: Landmarks, tmp_path: Path
) -> None:
    shutil.copytree(landmarks["images"], tmp_path / "images")
    (tmp_path / "images" / name).unlink()
    source, progress = open_source(tmp_path / "images"), list[tuple[str, int, int]]()
    with pytest.raises(SourceError, match=message):
        evaluate_instances(
            open_model("small"), source, source, read_ground_truth(landmarks["revisited"]),
            on_progress=lambda *step: progress.append(step),
        )  # fmt: skip
    assert progress == []


def test_two_images_of_one_name_are_refused(landmarks: Landmarks, tmp_path: Path) -> None:
    shutil.copytree(landmarks["images"], tmp_path / "images" / "a")
    shutil.copytree(landmarks["images"], tmp_path / "images" / "b")
    source = open_source(tmp_path / "images")
    with pytest.raises(SourceError, match="2 images are called both"):
        evaluate_instances(open_model("small"), source, source, read_ground_truth(landmarks["revisited"]))


def test_an_unreadable_image_is_skipped_unless_the_ground_truth_names_it(landmarks: Landmarks, tmp_path: Path) -> None:
    images, skipped = tmp_path / "images", list[Skipped]()
    shutil.copytree(landmarks["images"], images)
    (images / "noise_0.png").write_text("no image")
    source, truth = open_source(images), read_ground_truth(landmarks["revisited"])
    result = evaluate_instances(open_model("small"), source, source, truth, skipped=skipped)
    assert result.gallery == 8
    assert [Path(row.uri).name for row in skipped] == ["noise_0.png"]
    (images / "dots_0.png").write_text("no image")
    with pytest.raises(SourceError, match="1 images of the ground truth cannot be read, the first dots_0"):
        evaluate_instances(open_model("small"), source, source, truth)
    (images / "both.png").write_text("no image")
    with pytest.raises(UnreadableImage, match="both"):
        evaluate_instances(open_model("small"), source, source, truth)


def test_a_box_outside_the_picture_is_refused(landmarks: Landmarks, tmp_path: Path) -> None:
    truth = json.loads(landmarks["revisited"].read_text(encoding="utf-8"))
    truth["gnd"][0]["bbx"] = [500, 0, 600, 40]
    (tmp_path / "gnd.json").write_text(json.dumps(truth), encoding="utf-8")
    source = open_source(landmarks["images"])
    with pytest.raises(SourceError, match="the box lies outside"):
        evaluate_instances(open_model("small"), source, source, read_ground_truth(tmp_path / "gnd.json"))


@pytest.mark.parametrize("protocol", ["original", "revisited"])
def test_a_query_in_its_own_gallery_is_counted_and_junk_under_the_revisited_protocol(
    landmarks: Landmarks, tmp_path: Path, protocol: str
) -> None:
    """A box as large as the image: its own image would come first."""
    if protocol == "revisited":
        truth = json.loads(landmarks["revisited"].read_text(encoding="utf-8"))
        for row, name in zip(truth["gnd"], ("stripes_0", "dots_0"), strict=True):
            row |= {"bbx": [0, 0, 48, 48], "easy": [truth["imlist"].index(name)], "junk": []}
        (tmp_path / "gnd.json").write_text(json.dumps(truth | {"qimlist": ["stripes_0", "dots_0"]}), encoding="utf-8")
    source = open_source(landmarks["images"])
    path = tmp_path / "gnd.json" if protocol == "revisited" else landmarks["original"]
    values = evaluate_instances(open_model("small"), source, source, read_ground_truth(path)).to_json()
    assert values["queries_in_gallery"] == {"images": 2, "by_id": 2, "by_bytes": 2}
    if protocol == "revisited":
        assert values["map_easy"] is None  # there was nothing to find but the query itself
        assert values["map_hard"] is not None
