from __future__ import annotations

import json
from pathlib import Path

import pytest

from podoba.errors import SourceError
from podoba.metrics.ground_truth import Query, read_ground_truth

NAMES = [f"image_{i:03}" for i in range(4)]


def test_original_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "hall_1_query.txt").write_text("oxc1_image_000 1.5 2 30 40\n")
    for kind, content in {"good": "image_001\n", "ok": "image_002\nimage_003\n", "junk": ""}.items():
        (tmp_path / f"hall_1_{kind}.txt").write_text(content)
    truth = read_ground_truth(tmp_path)
    assert (truth.protocol, truth.gallery) == ("original", None)
    assert truth.queries == [
        Query("image_000", (1.5, 2, 30, 40), {"good": ["image_001"], "ok": ["image_002", "image_003"], "junk": []})
    ]


def test_revisited_files_are_read(tmp_path: Path) -> None:
    truth = {"bbx": [1, 2, 3, 4], "easy": [0], "hard": [1, 2], "junk": []}
    path = tmp_path / "gnd.json"
    path.write_text(json.dumps({"imlist": NAMES[:3], "qimlist": ["q"], "gnd": [truth]}))
    read = read_ground_truth(path)
    assert read.queries[0].lists == {"easy": NAMES[:1], "hard": NAMES[1:3], "junk": []}
    assert (read.protocol, read.gallery) == ("revisited", NAMES[:3])
    assert read.queries[0].box == (1, 2, 3, 4)


TWICE = {"imlist": NAMES, "qimlist": ["q"], "gnd": [{"bbx": [1, 2, 3, 4], "easy": [0], "hard": [0], "junk": []}]}


@pytest.mark.parametrize(
    "content",
    ["{}", "[1]", "nothing", '{"imlist": [], "qimlist": ["q"], "gnd": []}', '{"imlist": [], "qimlist": [], "gnd": []}',
     json.dumps(TWICE)],
)  # fmt: skip
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "gnd.json").write_text(content)
    with pytest.raises(SourceError, match="ground truth"):
        read_ground_truth(tmp_path / "gnd.json")
    (tmp_path / "empty").mkdir()
    with pytest.raises(SourceError, match=r"_query\.txt"):
        read_ground_truth(tmp_path / "empty")
    with pytest.raises(SourceError, match="No such file"):
        read_ground_truth(tmp_path / "missing.json")


def test_a_folder_that_lacks_a_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "hall_1_query.txt").write_text("oxc1_image_000 1.5 2 30 40\n")
    with pytest.raises(SourceError, match="ground truth"):
        read_ground_truth(tmp_path)
