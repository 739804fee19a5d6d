from __future__ import annotations

import re
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from podoba.report.study.find.axes import compare_along_axes
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.shown import Shown
from podoba.report.study.show import figures


def test_slugs_are_fit_for_files() -> None:
    assert figures.slug("triplet, none, linear + L2") == "triplet-none-linear-l2"
    assert figures.slug("клас / 1.5") == "клас-1.5"
    assert figures.slug("//") == "variant"
    long = [figures.slug(f"{'x' * 300}{i}") for i in range(2)]
    assert len(set(long)) == 2
    assert max(map(len, long)) < 100


def test_the_first_variants_have_styles_of_their_own() -> None:
    styles = [tuple(figures.style(place).values()) for place in range(28)]
    assert len(set(styles)) == 28
    assert figures.style(28) == figures.style(0)


def panels(path: Path) -> int:
    return len(re.findall(r'<g id="axes_\d+">', path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("variants", "rows"), [(slice(None), 2), (slice(0, 3), 1)])
def test_each_of_a_few_losses_has_curves_of_its_own(measured: Measured, tmp_path: Path, variants: slice, rows: int) -> None:
    some = replace(measured, study=replace(measured.study, variants=measured.study.variants[variants]))
    figures.draw_curves(some, tmp_path)
    assert panels(tmp_path / "learning-curves.svg") == 2 * rows
    assert (tmp_path / "learning-curves.png").exists()


def test_scores_and_axes_are_drawn_of_all_variants(measured: Measured, tmp_path: Path) -> None:
    figures.draw_scores(measured, tmp_path)
    figures.draw_along_axes(compare_along_axes(measured), tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {"scores.png", "scores.svg", "axes.png", "axes.svg"}


def test_without_comparisons_no_axes_are_drawn(tmp_path: Path) -> None:
    figures.draw_along_axes([], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_variants_and_classes_of_any_name_are_drawn(measured: Measured, shown: list[Shown], tmp_path: Path) -> None:
    odd = ["_hidden", "$x_$", "$", "long " * 60, "猫 🐈", "two\nlines", "{0} %s", r"\frac{1}{2}", "\udcff\x00"]
    variants = [replace(one, name=f"{odd[i % len(odd)]} {i}") for i, one in enumerate(measured.study.variants)]
    classes = np.array([f"{odd[i % len(odd)]}{i}" for i in range(len(shown[0].results.classes))])
    some = replace(measured, study=replace(measured.study, variants=variants))
    seen = [replace(one, results=replace(one.results, classes=classes)) for one in shown[:2]]
    points = [np.random.default_rng(i).integers(0, 1000, (len(one.rows), 2)) for i, one in enumerate(seen)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figures.draw_curves(some, tmp_path)
        figures.draw_scores(some, tmp_path)
        figures.draw_along_axes(compare_along_axes(some), tmp_path)
        figures.draw_confusions(some, seen, tmp_path)
        figures.draw_maps(some, seen, points, tmp_path)
    for path in tmp_path.glob("*.svg"):
        assert "Oblique" not in path.read_text(encoding="utf-8"), path


def test_a_matrix_and_a_panel_of_the_map_a_variant(measured: Measured, shown: list[Shown], tmp_path: Path) -> None:
    figures.draw_confusions(measured, shown[:2], tmp_path)
    assert sorted(path.name for path in tmp_path.glob("*.svg")) == [
        "confusion-cross-entropy-none-linear-l2.svg", "confusion-cross-entropy-shift-zoom-rotate-linear-l2.svg",
    ]  # fmt: skip
    points = [np.random.default_rng(i).integers(0, 1000, (len(one.rows), 2)) for i, one in enumerate(shown[:2])]
    figures.draw_maps(measured, shown[:2], points, tmp_path)
    assert panels(tmp_path / "maps.svg") == 2
    figures.draw_maps(measured, [], [], tmp_path / "none")
    assert not (tmp_path / "none").exists()
