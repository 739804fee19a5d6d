"""`podoba map`."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Command = Callable[..., Any]


def test_clusters_as_a_table_and_as_json(command: Command, collection: Path) -> None:
    plain = command("map", collection)
    assert plain.code == 0
    assert plain.err.startswith("36 images by their principal components (PCA)")
    assert plain.out.splitlines()[0].split() == ["cluster", "images", "mostly", "share", "most", "typical"]
    told = command("map", collection, "--json").json
    assert (told["layout"], told["points"], sum(cluster["size"] for cluster in told["clusters"])) == ("pca", 36, 36)
    assert not collection.with_name(f"{collection.name}.cache").exists()


def test_places_as_csv_and_the_map_as_a_page(command: Command, collection: Path, tmp_path: Path) -> None:
    assert f"written: {tmp_path / 'places.csv'}" in command("map", collection, "--csv", tmp_path / "places.csv").err
    written = (tmp_path / "places.csv").read_text(encoding="utf-8")
    assert command("map", collection, "--csv", "-").out == written
    assert len(list(csv.DictReader(io.StringIO(written)))) == 36
    command("map", collection, "--html", tmp_path / "map.html")
    assert "<img" in (tmp_path / "map.html").read_text(encoding="utf-8")


@pytest.mark.slow
def test_the_map_by_neighbours_is_made_once_and_kept(command: Command, collection: Path) -> None:
    first = command("map", collection, "--layout", "umap", "--json")
    kept = collection.with_name(f"{collection.name}.cache") / "map-umap"
    written = kept.stat().st_mtime_ns
    second = command("map", collection, "--layout", "umap", "--json")
    assert second.json == first.json
    assert kept.stat().st_mtime_ns == written
    command("map", collection, "--layout", "umap", "--again")
    assert kept.stat().st_mtime_ns > written


def test_a_missing_extra_is_one_line(command: Command, collection: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    outcome = command("map", collection, "--layout", "umap")
    assert outcome.code == 1
    assert outcome.err == "error: this needs umap, which is not installed: pip install 'podoba[map]'\n"


@pytest.mark.parametrize(
    "options", [["--html", "a.html", "--csv", "a.csv"], ["--json", "--csv", "-"], ["--again"], ["--layout", "tsne"]]
)
def test_options_that_do_not_go_together(command: Command, collection: Path, options: list[str]) -> None:
    assert command("map", collection, *options).code == 2
