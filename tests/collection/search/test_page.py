"""HTML with images inside, whatever their names are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from podoba.collection.search.page import Figure, figures_html, whole_page


def test_names_and_lines_are_text_and_never_html(tmp_path: Path, picture: Callable[..., Path]) -> None:
    path = picture(tmp_path / "<b>.png", 1)
    fragment = figures_html([Figure(str(path), ["<i>", "two"], marked=True), Figure("/gone/\udcff.png", [])], "nothing <else>")
    assert (fragment.count("<figure"), fragment.count('class="query"'), fragment.count("data:image/jpeg;base64,")) == (2, 1, 1)
    assert "<b>" not in fragment
    place = str(path).replace("<b>", "&lt;b&gt;")
    assert f'&lt;i&gt;<br>two<span class="place">{place}</span>' in fragment  # where it lies, as text
    assert "cannot be read" in fragment
    assert r"\udcff.png" in fragment
    assert "<p>nothing &lt;else&gt;</p>" in fragment


def test_a_page_needs_no_other_file() -> None:
    page = whole_page("<title>", "<p>body</p>")
    assert page.startswith("<!doctype html>")
    assert "<h1>&lt;title&gt;</h1><p>body</p>" in page
    assert "src=" not in page
    assert "href=" not in page
