"""Every page at an address where it shows something, a collection of hostile names, and how one waits for a page."""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from invented_study import write_study
from podoba.collection.collection import Collection
from podoba.serve.routes.pages import PAGES
from scenes import KINDS, scene

Until = Callable[..., None]

SCRIPT = "window.hostile = true"
HOSTILE = (
    f"<script>{SCRIPT}</script>",
    f"<img src=x onerror='{SCRIPT}'>",
    f'"><svg onload="{SCRIPT}">',
    f"'-{SCRIPT}-'",
    f"javascript:{SCRIPT}",
    f"</script><script>{SCRIPT}",
    f"${{{SCRIPT}}}",
    f"{{{{constructor.constructor('{SCRIPT}')()}}}}",
    f"<iframe srcdoc='<script>parent.{SCRIPT}</script>'>",
    f"<a href=javascript:{SCRIPT}>click</a>",
    f"<style onload='{SCRIPT}'>*{{display:none}}</style>",
    "<!-- <plaintext>",
    "</title></textarea></bdi>",
    "&lt;b&gt;&amp;&#x27;&quot;",
    "photo\u202egpj.exe",
    "\u202e\u202e\u202d\u2066reversed twice",
    "شعر عربي طويل قليلا",
    "תמונה 12 של חוף",
    "mixed עברית and English (1)",
    "null",
    "undefined",
    "NaN",
    "None",
    "true",
    "0",
    "-1",
    "1e999",
    "[object Object]",
    "__proto__",
    "constructor",
    "{n} {name} {0} %s %d %n",
    " leading and trailing ",
    "   ",
    "tab\tand\nline\r\nbreaks",
    "bell\x07 escape\x1b[31m delete\x7f",
    "zero\u200bwidth\u200djoiner\ufeff",
    "a" * 200,
    "very long name " * 12,
    "Ї" * 90,
    "漢字仮名交じり文の長い名前" * 6,
    "👩‍👩‍👧‍👦🏳️‍🌈🧑🏽‍🚀" * 5,
    "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘!",
    "single ' double \" back ` quotes",
    "back\\slash and 100% #hash ?query&a=b;c",
    "../../../../etc/passwd",
    "C:\\Windows\\System32\\con",
    "'; DROP TABLE items; --",
    "label == 'x' or id != null",
    "п’ятий ґанок — «лапки»",
    "İıſKÅ ﬃ ½ ①",
)


SURFACE = {"language", "theme", "width"}  # parameters of a test that change how a page looks, and not what it does
FLOWS = 2  # of a page that are tested every day: those that stand first in its file
WHOLE = {"test_map_modules.py", "test_modules.py", "test_plural_texts.py", "test_watched.py"}  # many small tests on one page


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the mark `thorough` to the further flows of a page, and to a flow in a further language, theme or width."""
    flows: dict[Path, list[str]] = {}
    surfaces: Counter[str] = Counter()
    for item in items:
        path = item.path
        if not path.is_relative_to(Path(__file__).parent) or path.name in WHOLE or not isinstance(item, pytest.Function):
            continue
        name = item.name.partition("[")[0]
        if name not in flows.setdefault(path, []):
            flows[path].append(name)
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        flow = f"{path}::{name}{ {key: value for key, value in parameters.items() if key not in SURFACE} }"
        surfaces[flow] += 1
        in_turn = 1 + (  # which of its surfaces: that every page can be used is tested on wide and on narrow ones
            list(surfaces).index(flow) % 2 if path.name == "test_every_page.py" else 0
        )
        if flows[path].index(name) >= FLOWS or surfaces[flow] != in_turn:
            item.add_marker("thorough")


@pytest.fixture(scope="session", params=sorted(set(PAGES) - {"study"}))  # a study has to be made first: tests of its own
def page_name(request: pytest.FixtureRequest) -> str:
    """Each page in turn."""
    return str(request.param)


@pytest.fixture(scope="session")
def address_of() -> Callable[[str, Any, str], str]:
    """The address of a page at which a collection is shown: name of the page, site, name of the collection."""

    def find(page: str, site: Any, collection: str) -> str:
        with Collection.open(site.served.places[collection], read_only=True) as opened:
            ids = [item.id for item in opened.items()]
        queries = {
            "search": f"?q=id:{ids[0]}&p=0",
            "compare": f"?left={ids[0]}&right={ids[1]}",
            "two_models": f"?q=id:{ids[0]}",
        }
        name = next(iter(site.served.studies)) if page == "study" else collection
        return PAGES[page].path.replace("{name}", quote(name, safe="")) + queries.get(page, "")

    return find


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory, serve: Callable[..., AbstractContextManager[Any]]) -> Iterator[Any]:
    """A server of a collection and a study whose own names, files, labels, attributes, variants and values are hostile."""
    assert len(HOSTILE) == len(set(HOSTILE)) == 50
    folder = tmp_path_factory.mktemp("hostile")
    kinds = sorted(KINDS)
    with (folder / "names.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", HOSTILE[1], "note"])
        for number, name in enumerate(HOSTILE):
            path = folder / f"{number} {name.replace('/', '∕').encode()[:180].decode(errors='ignore')}.jpg"
            scene(kinds[number % len(kinds)], number).resize((120, 90)).save(path)
            rows.writerow([path.name, name, HOSTILE[-1 - number], number])
    place = folder / f"{HOSTILE[1]}\u202e.podoba"
    with Collection.open(place, create=True) as opened:
        opened.update([folder / "names.csv"], "small")
        assert len(opened) == 50
    reasons = {(number, 0): name for number, name in enumerate(HOSTILE[:20])}
    study = write_study(folder / HOSTILE[2], HOSTILE, [0], title=HOSTILE[0], description=HOSTILE[14], failed=reasons)
    with serve([place], [study]) as site:
        yield site


@pytest.fixture(scope="session")
def until() -> Until:
    """Waits until an expression is true on a page, or a function here; fails where it never is, and says what it was.

    The policy of the pages lets Playwright evaluate nothing inside of them by itself.
    """

    def wait(page: Any, condition: str | Callable[[], bool], seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not (page.evaluate(condition) if isinstance(condition, str) else condition()):
            assert time.monotonic() < end, f"never true: {condition}"
            page.wait_for_timeout(20)

    return wait
