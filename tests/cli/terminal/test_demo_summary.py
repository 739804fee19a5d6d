"""What a demo made, for a person."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from podoba.cli.terminal.demo_summary import print_demo
from podoba.collection.search.results import Hit, SearchResult
from podoba.demo import Demo
from podoba.files import write_json
from podoba.runs.run_folder import RunFolder
from podoba.runs.summary import RunSummary


def test_both_trainings_stand_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first = RunSummary(
        str(tmp_path),
        str(tmp_path / "model.onnx"),
        "cross-entropy",
        12,
        5,
        0.25,
        5,
        0.125,
        12,
        0.5,
        6.0,
        0.875,
        None,
        "frozen",
        None,
        10,
        10,
        "test",
        [],
    )
    second = replace(
        first,
        loss="triplet",
        knn_score=None,
        min_validation_loss=None,
        min_validation_epoch=None,
    )
    write_json(RunFolder(tmp_path).evaluation, {"most_confused": [{"query": "3", "retrieved": "8", "share": 0.125}]})
    hits = [Hit(1, "a", "/a.png", "3", 0.9, None), Hit(2, "b", "/b.png", None, 0.8, None)]
    result = SearchResult("query.png", hits, True, 0.1)
    runs = {"cross-entropy": first, "triplet": second}
    demo = Demo(runs, first, tmp_path / "demo.podoba", tmp_path / "query.png", "3", result, tmp_path / "search.png")
    print_demo(demo)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["cross-entropy", "triplet"]
    assert lines[2].split() == ["KNN", "score", "0.8750", "unknown"]
    assert lines[3].split() == ["min", "validation", "loss", "0.2500", "at", "epoch", "5", "unknown"]
    assert "hardest: with cross-entropy, a query of 3 retrieves 8 in 12.5% of the cases" in lines
    assert any(line.endswith("a test image of class 3, finds classes 3, ?") for line in lines)
    assert "podoba demo --data FOLDER" in lines[-2]
    print_demo(demo, "my photos")
    lines = capsys.readouterr().out.splitlines()
    assert lines[-2] == f"next, search for another picture: podoba search {tmp_path / 'demo.podoba'} PICTURE"
    assert "podoba train 'my photos' --set epochs=30" in lines[-1]
