"""Names, labels and attributes that are meant to break a page are shown as what they are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

# Texts with characters that turn the direction around, outside of an element that ends it: `bdi`, or isolated by style.
LEAKING = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) {
    if (!/[\\u202a-\\u202e\\u2066-\\u2069\\u0590-\\u06ff]/.test(walker.currentNode.data)) continue;
    let node = walker.currentNode.parentElement;
    while (node && !/isolate|plaintext/.test(getComputedStyle(node).unicodeBidi)) node = node.parentElement;
    if (!node && walker.currentNode.parentElement.tagName !== 'SCRIPT') found.push(walker.currentNode.data);
  }
  return found;
}"""
UNLIKE = "() => [...document.querySelectorAll('main iframe[srcdoc], main script, main style, main a[href^=javascript]')].length"


@pytest.mark.thorough  # what names may do is tested by tests/serve/security; this looks at the layout too
def test_a_hostile_name_is_only_a_name(visit: Any, hostile: Any, page_name: str, address_of: Callable[..., str]) -> None:
    (name,) = hostile.served.places
    for width in (360, 1280):
        page = visit(address_of(page_name, hostile, name), at=hostile, width=width)
        page.on("dialog", lambda dialog: visit.faults.append(dialog.message))
        page.locator("h1").first.wait_for()
        page.wait_for_load_state("networkidle")
        assert page.evaluate("window.hostile") is None
        assert page.evaluate(UNLIKE) == 0
        assert page.evaluate(LEAKING) == []
        assert page.evaluate("[document.documentElement.scrollWidth <= innerWidth]") == [True]
        page.context.close()
