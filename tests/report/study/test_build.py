"""A report drawn whole: what lies in the folder, also of studies that are not finished or have lost their pictures."""

from __future__ import annotations

import csv
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from podoba.errors import MissingExtra, PodobaError
from podoba.images.sources.open import open_source
from podoba.report.study.build import build_report, draw_report
from podoba.report.study.find.maps import Projection
from podoba.study.folder import Study

MakeStudy = Callable[..., Study]


def data_of(page: Path) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="data">(.*?)</script>', page.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    values: dict[str, Any] = json.loads(found[1])
    return values


def test_a_report_has_every_table_and_figure(make_study: MakeStudy, flat: Projection, tmp_path: Path) -> None:
    steps: list[str] = []
    study = make_study(tmp_path / "study", only=(0, 1, 2, 3, 6), seeds=(0, 1))
    made = draw_report(study, lambda name, done, total: steps.append(name), project=flat)
    assert (made.cells, made.finished, made.missing, made.left_out) == (10, 10, {}, [])
    assert list(dict.fromkeys(steps)) == ["measuring", "maps", "reading small images", "drawing"]
    tables = {path.stem for path in (tmp_path / "study" / "tables").iterdir()}
    assert tables == {
        "results", "paper-form-cross-entropy", "paper-form-triplet", "overfitting", "separation", "findings", "axes",
        "without-duplicates", "learning-curves",
    }  # fmt: skip
    figures = {path.name for path in (tmp_path / "study" / "figures").iterdir()}
    for name in ("learning-curves", "scores", "axes", "maps", "confusion-triplet-none-linear-l2"):
        assert {f"{name}.png", f"{name}.svg"} <= figures
    for name in (
        "results-random-triplet-none-linear-l2",
        "results-hardest-cross-entropy-none-relu",
        "augmentation-shift-zoom-rotate",
    ):
        assert f"{name}.png" in figures
    data = data_of(made.page)
    assert len(data["samples"]) == 2
    assert {f"q-{row}" for row in data["maps"]["rows"]} <= set(data["pictures"])
    with (tmp_path / "study" / "tables" / "results.csv").open(encoding="utf-8") as file:
        scores = [float(row["knn_score"]) for row in csv.DictReader(file)]
    shown = [row[2]["m"] for row in data["tables"]["results"]["rows"]]
    assert scores == shown


@pytest.mark.thorough
def test_a_redraw_is_the_same(make_study: MakeStudy, flat: Projection, tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", only=(0, 4), seeds=(0,))
    first = draw_report(study, project=flat).page.read_bytes()
    assert draw_report(study, project=flat).page.read_bytes() == first


@pytest.mark.thorough
def test_files_of_former_variants_are_removed_and_others_stay(make_study: MakeStudy, flat: Projection, tmp_path: Path) -> None:
    draw_report(make_study(tmp_path / "study", only=(0, 3), seeds=(0,), pending=[(1, 0)]), project=flat)
    figures, tables = tmp_path / "study" / "figures", tmp_path / "study" / "tables"
    (figures / "confusion-of-old.png").touch()
    (figures / "mine.png").touch()
    assert (tables / "unfinished.csv").exists()
    draw_report(replace(make_study(tmp_path / "other", only=(0,), seeds=(0,)), folder=tmp_path / "study"), project=flat)
    assert not (figures / "confusion-of-old.png").exists()
    assert not (tables / "unfinished.csv").exists()
    assert (figures / "mine.png").exists()


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """The test and training digits as files, so that they can be lost."""
    for record in open_source("digits"):
        path = tmp_path / "photos" / str(record.split) / str(record.label) / f"{int(record.uri.rpartition('/')[2]):04}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(record.open())
    return tmp_path / "photos"


def test_without_its_pictures_a_report_is_made_and_says_so(
    make_study: MakeStudy, flat: Projection, photos: Path, tmp_path: Path
) -> None:
    study = make_study(tmp_path / "study", only=(0, 4), seeds=(0,), source=str(photos))
    shutil.rmtree(photos)
    made = draw_report(study, project=flat)
    data = data_of(made.page)
    assert list(made.missing) == list(data["missing"]) == [str(photos)]
    assert data["pictures"] == {}
    assert data["samples"] == []
    assert data["caveats"]["overlap"] == {"known": False}
    assert data["tables"]["results"]["rows"]
    assert not list((tmp_path / "study" / "figures").glob("results-*"))


def test_nothing_finished_is_a_report_of_what_is_missing(make_study: MakeStudy, flat: Projection, tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", only=(0, 1, 3), seeds=(0,), failed=[(0, 0)], pending=[(1, 0), (2, 0)])
    made = draw_report(study, project=flat)
    data = data_of(made.page)
    assert (made.cells, made.finished) == (3, 0)
    assert len(data["tables"]["unfinished"]["rows"]) == 3
    assert data["maps"]["maps"] == []
    assert {claim["outcome"] for claim in data["findings"]} == {"untested"}


def test_a_folder_that_cannot_be_written_is_an_error_of_one_line(make_study: MakeStudy, flat: Projection, tmp_path: Path) -> None:
    study = make_study(tmp_path / "study", only=(0,), seeds=(0,))
    (tmp_path / "study" / "tables").write_text("a file in the place of the folder")
    with pytest.raises(PodobaError, match="the report cannot be written"):
        draw_report(study, project=flat)


WITHOUT_TORCH = """
import sys
from importlib.machinery import PathFinder
from pathlib import Path


class Without(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] == "torch" else super().find_spec(name, path, target)


sys.meta_path = [Without if finder is PathFinder else finder for finder in sys.meta_path]
from podoba.report.study.build import draw_report
from podoba.study.folder import load_study

report = draw_report(load_study(Path(sys.argv[1])), project=lambda descriptors: descriptors[:, 20:22])
print(*report.left_out)
"""


@pytest.mark.thorough
def test_without_torch_a_report_lacks_nothing_but_samples_of_augmentations(make_study: MakeStudy, tmp_path: Path) -> None:
    make_study(tmp_path / "study", only=(1, 4), seeds=(0,))
    command = [sys.executable, "-c", WITHOUT_TORCH, str(tmp_path / "study")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert done.stdout.startswith("The samples of augmentations are left out: torch")
    data = data_of(tmp_path / "study" / "report.html")
    assert (data["samples"], data["samples_drawn"]) == ([], False)
    assert data["sheets"]["random"]
    assert not list((tmp_path / "study" / "figures").glob("augmentation-*"))


def test_reading_a_study_loads_no_torch(make_study: MakeStudy, tmp_path: Path) -> None:
    make_study(tmp_path / "study", only=(0,), seeds=(0,))
    code = (
        "import sys; from pathlib import Path; import podoba.report.study.build; from podoba.study.folder import load_study; "
        "load_study(Path(sys.argv[1])); print('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path / "study")], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_a_library_that_is_missing_is_named_before_any_work(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "umap", None)
    with pytest.raises(MissingExtra, match="umap"):
        build_report(tmp_path / "no study")
