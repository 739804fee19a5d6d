"""The built documentation: complete, and nothing on it is loaded from another host."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
LOADED = re.compile(r"<(?:link|script|img|iframe|source)\b[^>]*?(?:href|src)=[\"']?(?:https?:)?//[^>]*>")


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages, built as `make site` does: a broken link or a wrong docstring is an error."""
    if shutil.which("mkdocs", path=str(Path(sys.executable).parent)) is None:
        pytest.skip("MkDocs is not installed: pip install 'podoba[docs]'")
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site)))
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def test_no_page_names_a_file_of_another_host(site: Path) -> None:
    pages = list(site.rglob("*.html"))
    assert len(pages) > 30
    assert {page.name: found for page in pages if (found := LOADED.findall(page.read_text(encoding="utf-8")))} == {}
    styles = [path.read_text(encoding="utf-8") for path in site.rglob("*.css")]
    assert styles
    assert [found for style in styles for found in re.findall(r"url\([\"']?(?:https?:)?//[^)]*\)|@import[^;]*//", style)] == []


def test_a_visit_asks_this_host_alone_and_the_search_finds(address: str, browser: Any) -> None:
    page = browser.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: errors.append(str(error)))
    for name in ("", "tutorial/first-steps/", "reference/python/collection/", "explanation/architecture/"):
        page.goto(address + name)
        assert page.locator("h1").count() == 1
    page.locator("[data-md-component=search-query]").click()
    page.locator("[data-md-component=search-query]").press_sequentially("semi-hard")
    page.locator(".md-search-result__item").first.wait_for()
    assert "losses" in page.locator(".md-search-result__list").inner_html()
    assert errors == []
    assert [url for url in requests if not url.startswith((address, "data:", "blob:"))] == []
    page.close()


def test_the_palette_switches_to_dark_and_the_picture_with_it(address: str, browser: Any) -> None:
    page = browser.new_page(color_scheme="light")
    page.goto(address + "explanation/architecture/")
    for _ in range(2):  # follow the system, light, dark
        page.locator("form[data-md-component=palette] label:not([hidden])").first.click()
    assert page.evaluate("document.body.getAttribute('data-md-color-scheme')") == "slate"
    assert page.evaluate("getComputedStyle(document.body).colorScheme") == "dark"
    assert page.locator(".picture img").evaluate("image => image.complete && image.naturalWidth > 0")
    page.close()


def test_a_narrow_page_does_not_scroll_sideways(address: str, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 700})
    for name in ("", "reference/commands/", "reference/settings/", "explanation/architecture/", "explanation/benchmarks/"):
        page.goto(address + name)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), name
    page.close()
