"""`podoba evaluate`."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.errors import PodobaError
from podoba.images.sources.open import open_source
from podoba.models.names import open_model
from podoba.report.evaluate import encode_source

Command = Callable[..., Any]
KEYS = {
    "model", "queries", "gallery", "dim", "knn_score", "recall@1", "recall@10", "precision@10", "r_precision", "map@r",
    "map", "mrr", "intervals", "most_confused",
}  # fmt: skip


def test_scores_as_json(command: Command, pictures: Path, trained: Path) -> None:
    done = command("evaluate", trained, pictures / "test", "--gallery", pictures / "train", "--json")
    assert done.code == 0
    assert set(done.json) >= KEYS
    assert (done.json["queries"], done.json["gallery"], done.json["dim"]) == (9, 36, 8)
    low, high = done.json["intervals"]["recall@1"]
    assert low <= done.json["recall@1"] <= high


def test_without_a_gallery_each_image_searches_the_others(command: Command, pictures: Path, trained: Path) -> None:
    done = command("evaluate", trained, pictures / "test")
    assert done.code == 0
    assert "knn_score" in done.out
    assert "95% interval" in done.out


def test_splits_follow_one_rule_for_queries_and_gallery(command: Command, pictures: Path, trained: Path, tmp_path: Path) -> None:
    rows = [f"{path},{path.parent.name},{path.parent.parent.name}" for path in sorted(pictures.glob("*/*/*.png"))]
    (tmp_path / "all.csv").write_text("\n".join(["path,label,split", *rows]))
    (pictures / "train" / "red" / "clip.mov").touch()
    for place in (pictures, tmp_path / "all.csv"):
        whole = command("evaluate", trained, place, "--gallery", place)
        named = command("evaluate", trained, f"{place}:test", "--gallery", f"{place}:train")
        other = command("evaluate", trained, f"{place}:train", "--gallery", f"{place}:test", "--json").json
        assert whole.out == named.out
        assert (other["queries"], other["gallery"]) == (36, 9)
        assert f"note: {place}: only its split test, 9 of 45 images" in whole.err
        assert f"note: {place}: only its split train, 36 of 45 images" in whole.err
        assert "only its split" not in named.err
    assert "note: passed over: 1 video (save frames of it as pictures)" in command("evaluate", trained, pictures / "train").err
    (pictures / "train" / "red" / "clip.mov").unlink()


def test_without_labels_scores_are_null(command: Command, pictures: Path, trained: Path) -> None:
    done = command("evaluate", trained, pictures / "test" / "red", "--json")
    assert done.json["knn_score"] is None
    assert done.json["most_confused"] == []
    assert "label" in command("evaluate", trained, pictures / "test" / "red").err


def test_figures_of_chosen_queries(
    command: Command, pictures: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # UMAP compiles itself for many seconds; the README's commands, which are tested too, draw the real map.
    monkeypatch.setattr("podoba.report.figures.evaluation.umap_figure", lambda descriptors, labels, path: path.touch())
    ids = [record.id for record in open_source(pictures / "test").records[:2]]
    figures = tmp_path / "figures"
    done = command("evaluate", trained, pictures / "test", "--figures", figures, "--queries", ",".join(ids))
    assert done.code == 0
    assert {path.name for path in figures.iterdir()} == {"confusion.png", "results.png", "umap.png"}


@pytest.fixture
def instances(pictures: Path, tmp_path: Path) -> Path:
    """A folder of `images`, and of a ground truth in both forms: `original`, and `gnd.json` with one query."""
    (tmp_path / "images").mkdir()
    for name in ("red", "green"):
        for path in sorted((pictures / "test" / name).iterdir()):
            shutil.copyfile(path, tmp_path / "images" / f"{name}_{path.stem}.png")
    names = sorted(path.stem for path in (tmp_path / "images").iterdir())
    original = tmp_path / "original"
    original.mkdir()
    query, *others = [name for name in names if name.startswith("red")]
    (original / "red_1_query.txt").write_text(f"oxc1_{query} 0 0 12 12\n")
    for kind, content in {"good": others[:1], "ok": others[1:], "junk": [query]}.items():
        (original / f"red_1_{kind}.txt").write_text("\n".join(content) + "\n")
    numbers = [names.index(name) for name in others]
    truth = {"bbx": [0, 0, 12, 12], "easy": numbers[:1], "hard": numbers[1:], "junk": [names.index(query)]}
    (tmp_path / "gnd.json").write_text(json.dumps({"imlist": names, "qimlist": [query], "gnd": [truth]}))
    return tmp_path


def test_scores_by_a_revisited_ground_truth(command: Command, trained: Path, instances: Path) -> None:
    (instances / "images" / "another.png").write_text("no image")  # in no list: neither searched nor missed
    command_line = (
        "evaluate",
        trained,
        instances / "images",
        "--protocol",
        "revisited",
        "--ground-truth",
        instances / "gnd.json",
    )
    done = command(*command_line, "--json")
    assert done.code == 0
    metrics = {f"{name}_{part}" for name in ("map", "mp@1", "mp@5", "mp@10") for part in ("easy", "medium", "hard")}
    assert set(done.json) == {"model", "protocol", "queries", "gallery", "dim", "queries_in_gallery", "skipped", *metrics}
    assert done.json["queries_in_gallery"] == {"images": 1, "by_id": 1, "by_bytes": 1}
    assert (done.json["protocol"], done.json["queries"], done.json["gallery"]) == ("revisited", 1, 6)
    assert all(0 <= done.json[name] <= 1 for name in metrics)
    shown = command(*command_line)
    printed = shown.out
    assert "note: 1 of 1 queries are in the gallery too (1 by their name, 1 by their content): each is junk" in shown.err
    assert [line.split()[0] for line in printed.splitlines()[2:5]] == ["easy", "medium", "hard"]
    assert f"{done.json['map_hard']:.4f}" in printed
    assert "revisited protocol, 1 queries among 6 images" in printed


def test_scores_by_an_original_ground_truth_name_what_was_skipped(command: Command, trained: Path, instances: Path) -> None:
    (instances / "gallery").mkdir()
    for path in (instances / "images").iterdir():
        shutil.copyfile(path, instances / "gallery" / path.name)
    (instances / "gallery" / "another.png").write_text("no image")
    done = command(
        "evaluate", trained, instances / "images", "--gallery", instances / "gallery", "--protocol", "revisited",
        "--ground-truth", instances / "original", "--json",
    )  # fmt: skip
    assert (done.json["protocol"], done.json["gallery"]) == ("original", 6)
    assert {"map", "mp@1", "mp@5", "mp@10"} <= set(done.json)
    assert [Path(row["uri"]).name for row in done.json["skipped"]] == ["another.png"]
    assert "another.png" in done.err


def test_what_a_ground_truth_lacks_is_one_line(command: Command, pictures: Path, trained: Path, instances: Path) -> None:
    by = ("evaluate", trained, pictures / "test", "--protocol", "revisited", "--ground-truth")
    missing = command(*by, instances / "gone.json")
    assert (missing.code, missing.out) == (1, "")
    assert missing.err.startswith("error: ")
    assert "no ground truth can be read here (No such file or directory)" in missing.err
    elsewhere = command(*by, instances / "gnd.json")
    assert (elsewhere.code, elsewhere.out) == (1, "")
    assert "query images of the ground truth are not there" in elsewhere.err


@pytest.mark.parametrize(
    "arguments",
    [("--protocol", "revisited"), ("--ground-truth", "gnd.json"),
     ("--protocol", "revisited", "--ground-truth", "gnd.json", "--figures", "figures"), ("--protocol", "oxford")],
)  # fmt: skip
def test_options_that_do_not_go_together(command: Command, pictures: Path, trained: Path, arguments: tuple[str, ...]) -> None:
    assert command("evaluate", trained, pictures / "test", *arguments).code == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--figures", "figures", "--queries", "cat"), "no image of id 'cat'"),
        (("--gallery", "nothing"), "nothing"),
    ],
)
def test_what_is_wrong_is_one_line(
    command: Command, pictures: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...], message: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    done = command("evaluate", trained, pictures / "test", *arguments)
    assert (done.code, done.out) == (1, "")
    assert message in done.err
    assert done.err.startswith("error: ")


def test_too_few_images(command: Command, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "few").mkdir()
    (tmp_path / "few" / "bad.png").write_text("nothing")
    done = command("evaluate", trained, tmp_path / "few")
    assert done.code == 1
    assert done.err.startswith("skipped: ")
    assert "error: " in done.err
    assert "too few" in done.err


def test_queries_that_are_in_the_gallery_are_left_out_of_their_own_ranking(
    command: Command, pictures: Path, trained: Path, photos: Path
) -> None:
    alone = command("evaluate", trained, pictures / "test", "--json").json
    for gallery, by_id in ((pictures / "test", 9), (photos, 0)):
        done = command("evaluate", trained, pictures / "test", "--gallery", gallery, "--json")
        assert done.json.pop("queries_in_gallery") == {"images": 9, "by_id": by_id, "by_bytes": 9}
        assert done.json["knn_score"] == alone["knn_score"]
        assert done.json["intervals"] == alone["intervals"]
        shown = command("evaluate", trained, pictures / "test", "--gallery", gallery).err
        assert f"note: 9 of 9 queries are in the gallery too ({by_id} by their name, 9 by their content): each is left" in shown
    assert alone["queries_in_gallery"] is None
    shutil.copyfile(photos / "red" / "12.png", photos / "red" / "again.png")
    assert "note: 2 of the images have copies among the others" in command("evaluate", trained, photos).err


def test_scores_are_printed_before_anything_is_drawn(
    command: Command, pictures: Path, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise PodobaError("the figures cannot be drawn")

    monkeypatch.setattr("podoba.report.figures.evaluation.evaluation_figures", fails)
    drawn = command("evaluate", trained, pictures / "test", "--figures", tmp_path / "figures")
    assert drawn.code == 1
    assert drawn.err.splitlines()[-1] == "error: the figures cannot be drawn"
    assert drawn.out == command("evaluate", trained, pictures / "test").out


def test_names_of_classes_as_queries(
    command: Command, pictures: Path, trained: Path, tmp_path: Path, write_tower: Callable[..., Path]
) -> None:
    model = Path(shutil.copy(trained / "model.onnx", tmp_path / "copied.onnx"))
    images = encode_source(open_model(str(model)), open_source(pictures / "train"))
    rows = {
        name: images.descriptors[[label == name for label in images.labels]].mean(axis=0) for name in ("red", "green", "blue")
    }
    write_tower(model, {"?": images.descriptors.mean(axis=0) / 100, **rows})
    found = command("evaluate", model, pictures / "test", "--zero-shot", "--prompt", "a {}", "--prompt", "{}", "--json").json
    assert set(found) == {
        "model", "images", "classes", "top1", "top5", "intervals", "precision_at_10", "chance", "worst", "skipped",
    }  # fmt: skip
    assert (found["images"], found["classes"], found["top1"], found["top5"]) == (9, 3, 1.0, None)
    table = command("evaluate", model, pictures / "test", "--zero-shot").out
    assert "nearest name is right" in table
    assert "9 images of 3 classes; known worst: blue 1.00, green 1.00, red 1.00\n" in table
    for arguments, reason in (
        (("--zero-shot", "--gallery", pictures), "leave --gallery, --protocol and --figures out"),
        (("--prompt", "a {}"), "--prompt is of --zero-shot"),
        (("--zero-shot", "--prompt", "photo"), "a prompt has {} where"),
    ):
        done = command("evaluate", model, pictures / "test", *arguments)
        assert (done.code, done.out) == (2, "")
        assert reason in " ".join(done.err.replace("│", " ").split())
    done = command("evaluate", trained, pictures / "test", "--zero-shot")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "has no text tower" in done.err
