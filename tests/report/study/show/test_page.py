from __future__ import annotations

from importlib.resources import files
from pathlib import Path

from podoba.report.study.show.page import SCRIPTS, render


def test_no_name_ends_a_script_of_the_page() -> None:
    page = render({"title": "</title><script>bad()</script>", "x": "</script><script>bad()</script><!--"})
    assert page.count("<script") == 3
    assert "bad()</script>" not in page.replace("\\u003c", "<<")
    assert "&lt;/title&gt;" in page


def test_what_is_called_as_a_mark_of_the_page_stays_what_it_is() -> None:
    page = render({"title": "/*STYLE*/", "classes": ["/*DATA*/", "/*SCRIPT*/", "{name}", "\\\\1"]})
    assert "<title>/*STYLE*/</title>" in page
    assert '["/*DATA*/","/*SCRIPT*/","{name}","\\\\\\\\1"]' in page
    assert page.count("<script") == 3


def test_the_page_has_every_script_and_no_mark_left() -> None:
    assets = {Path(str(one)).name: one.read_text(encoding="utf-8") for one in (files("podoba.report.study") / "assets").iterdir()}
    page = render({"title": "t"})
    assert set(SCRIPTS) == {name for name in assets if name.endswith(".js")}
    assert all(text in page for name, text in assets.items() if name != "page.html")
    assert not any(mark in page for mark in ("<!--TITLE-->", "/*STYLE*/", "/*TEXTS*/", "/*DATA*/", "/*SCRIPT*/"))
