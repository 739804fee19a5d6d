"""For tests of the search: the page with its answer, and what is shown on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest

from podoba.collection.collection import Collection

Open = Callable[..., Any]
CELLS = ".search-page > .finder [role=gridcell]"
NAMES = f"""[...document.querySelectorAll('{CELLS}')]
  .sort((a, b) => a.dataset.index - b.dataset.index).map((cell) => cell.ariaLabel)"""
IDLE = f"!document.querySelector('[aria-busy]') && document.querySelector('{CELLS}, .empty h2') !== null"


@pytest.fixture(scope="session")
def idle(until: Any) -> Callable[[Any], None]:
    """Waits until a search is answered."""
    return lambda page: until(page, IDLE)


@pytest.fixture
def search(visit: Any, gallery: Any, idle: Any) -> Open:
    """Opens the page of a search, and waits for its answer where there is a query."""

    def open_page(query: str = "", *, collection: str = "scenes", answered: bool = True, **options: Any) -> Any:
        page = visit(f"/c/{collection}/search{query}", **{"at": gallery, **options})
        page.locator(".field").wait_for()
        if query and answered:
            idle(page)
        return page

    return open_page


@pytest.fixture(scope="session")
def ids(scenes_collection: Path) -> dict[str, str]:
    """The ids of the scenes by the names of their files."""
    with Collection.open(scenes_collection, read_only=True) as scenes:
        return {Path(item.uri).stem: item.id for item in scenes.items()}


@pytest.fixture(scope="session")
def parameter() -> Callable[[Any, str], str | None]:
    """What the address of a page says by a name."""

    def read(page: Any, name: str) -> str | None:
        values = parse_qs(urlparse(page.url).query).get(name)
        return values[0] if values else None

    return read


@pytest.fixture(scope="session")
def names() -> Callable[[Any], list[str]]:
    """What is said of the results that are in the page, in their order."""
    return lambda page: list(page.evaluate(NAMES))


@pytest.fixture
def own(serve: Any, scenes_collection: Path, tmp_path: Path) -> Iterator[Any]:
    """A server of a copy of the scenes, for tests that mark."""
    with Collection.open(scenes_collection, read_only=True) as scenes:
        scenes.copy_to(tmp_path / "scenes.podoba")
    with serve([tmp_path / "scenes.podoba"]) as started:
        yield started
