"""Whatever classes and variants are called, every figure is drawn, without a formula, a warning or a missing entry."""

from __future__ import annotations

import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from podoba.report.figures import maps, theme
from podoba.report.figures.confusion import confusion_figure
from podoba.report.figures.curves import learning_curves
from podoba.report.figures.maps import umap_figure
from podoba.report.figures.sheet import Tile, result_sheet
from podoba.runs.history import Epoch, write_history
from podoba.runs.run_folder import RunFolder

ODD = [
    "$x_$", "$x^2$", "_hidden", "__", "$", "$$", r"\frac{a}{b}", "100%", "{0}", "%s", "", " ", "two\nlines", "tab\there",
    "\x00", "\x1b[31m", "long " * 100, "x" * 500, "קטגוריה", "صنف", "猫", "кіт", "🐈", "é", "e\u0301", "\udcff", "\u202egnp",
    "</svg>", "&amp;", "\ufffe",
]  # fmt: skip
names = st.lists(st.one_of(st.sampled_from(ODD), st.text(max_size=30)), min_size=2, max_size=6, unique=True)
drawing = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(st.text(), st.integers(3, 60))
def test_a_plain_name_is_one_printable_line(name: str, most: int) -> None:
    text = theme.plain(name, most)
    assert text.isprintable()
    assert len(text) <= most
    if name.isprintable() and name == " ".join(name.split()) and len(name) <= most:
        assert text == name


def test_of_a_long_name_both_ends_are_left() -> None:
    assert theme.plain("abcdefghijklmnopqrstuvwxyz", 10) == "abcdefg…yz"


@drawing
@given(names)
@example(ODD)
def test_every_name_has_its_entry_in_a_legend(names: list[str]) -> None:
    _, axes = theme.figure(4, 3)
    theme.legend(axes, [axes.scatter([i], [i]) for i in range(len(names))], names)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [theme.plain(name) for name in names]


@drawing
@given(names)
@example(ODD)
def test_figures_are_drawn_of_any_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, names: list[str]) -> None:
    """A formula would be set in an oblique font."""
    monkeypatch.setattr(maps, "umap_points", lambda descriptors, seed: descriptors[:, :2])
    run = RunFolder(tmp_path)
    write_history([Epoch(1, 1.0, 0.5, 0.1, 1.0), Epoch(2, 0.5, 0.7, 0.1, 1.0)], run.history)
    n = len(names)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        confusion_figure(np.eye(n), names, tmp_path / "confusion.svg", tmp_path / "confusion.png")
        umap_figure(np.eye(n, 2, dtype=np.float32), list(names), tmp_path / "map.svg")
        learning_curves(run, "".join(names))
        result_sheet([(Tile(None, name, name), [Tile(Image.new("RGB", (9, 9)), name)]) for name in names], tmp_path / "sheet.png")
    for path in (tmp_path / "confusion.svg", tmp_path / "map.svg"):
        assert "Oblique" not in path.read_text(encoding="utf-8")
