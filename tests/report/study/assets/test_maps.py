"""Maps: chosen, and read by pointer and keys."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

OpenPage = Callable[..., Any]


def test_maps_are_chosen_and_show_the_image_pointed_at(visit: OpenPage) -> None:
    page = visit()
    assert page.locator("#maps canvas[data-variant]").count() == 4
    page.click('#maps [data-map="5"]')
    assert page.locator("#maps canvas[data-variant]").count() == 5
    canvas = page.locator('#maps canvas[data-variant="5"]')
    canvas.focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#tip img").count() == 1
    first = page.locator("#tip img").get_attribute("src")
    page.keyboard.press("ArrowRight")
    assert page.locator("#tip img").get_attribute("src") != first
    page.keyboard.press("Escape")
    assert page.locator("#tip").is_hidden()
    place = page.evaluate("""() => {
      const map = DATA.maps.maps.find((one) => one.variant === 5);
      return [map.points[0] / 1000, 1 - map.points[1] / 1000];
    }""")
    box = canvas.bounding_box()
    edge = 14 / 560
    page.mouse.move(
        *(box[k] + box[s] * (edge + p * (1 - 2 * edge)) for k, s, p in zip("xy", ("width", "height"), place, strict=True))
    )
    assert page.locator("#tip").is_visible()
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    page.click('#maps [data-class="3"]')
    assert canvas.evaluate("canvas => canvas.toDataURL()") != before
