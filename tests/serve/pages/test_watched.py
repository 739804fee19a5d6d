"""The watch over pages finds what it is there for: without this, its silence would say nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

BROKEN = """() => {
  const text = document.createElement("p");
  text.textContent = "pale";
  text.style.color = "#ddd";
  text.style.background = "#fff";
  document.getElementById("main").replaceChildren(document.createElement("img"), document.createElement("button"), text);
}"""
WIDE = "const line = document.createElement('hr'); line.style.width = '3000px'; document.getElementById('main').append(line)"


def test_axe_sees_a_picture_without_text_a_button_without_name_and_pale_text(
    visit: Any, violations: Callable[..., list[str]]
) -> None:
    page = visit("/")
    page.locator("h1").wait_for()
    page.evaluate(BROKEN)
    assert {found.split(":")[0] for found in violations(page)} >= {"image-alt", "button-name", "color-contrast"}


@pytest.mark.parametrize(
    "script",
    [
        "console.error('wrong')",
        "setTimeout(() => { throw new Error('wrong') })",
        "fetch('http://127.0.0.1:9/').catch(() => null)",
        WIDE,
        "document.getElementById('main').append(String(undefined))",
    ],
    ids=["console", "exception", "another host", "too wide", "unfilled"],
)
def test_a_visit_notes_what_went_wrong(visit: Any, script: str) -> None:
    page = visit("/")
    page.locator("h1").wait_for()
    visit.inspect()
    assert visit.faults == []
    page.evaluate(f"() => {{ {script} }}")
    page.wait_for_timeout(100)
    visit.inspect()
    assert visit.faults
    for context in visit.contexts:
        context.close()
    visit.contexts.clear()
    visit.faults.clear()
