"""A served collection of generated pictures, and a browser that is signed in."""

from __future__ import annotations

import colorsys
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import uvicorn
from PIL import Image, ImageDraw

from podoba.collection.collection import Collection
from podoba.serve.app import create_app
from podoba.serve.served import Served
from podoba.serve.server import Server
from podoba.serve.settings import ServeSettings

TOKEN = "token-of-the-tests"
SHAPES = ("circle", "square", "triangle")


@dataclass(frozen=True)
class Site:
    """A running server.

    Attributes:
        address: such as http://127.0.0.1:8765.
    """

    address: str
    served: Served
    settings: ServeSettings

    def client(self, **headers: str) -> httpx.Client:
        """A client of the API with the token."""
        return httpx.Client(
            base_url=f"{self.address}/api/v1", headers={"Authorization": f"Bearer {self.settings.token}", **headers}, timeout=60
        )


@contextmanager
def running(collections: list[Path], studies: list[Path] | None = None, **settings: Any) -> Iterator[Site]:
    """A server in a thread of this process, on a free port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        chosen = ServeSettings(port=port, token=TOKEN, **settings)
        served = Served(collections, studies or [], chosen)
        server = Server(uvicorn.Config(create_app(served), log_level="warning", lifespan="on"), served)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield Site(f"http://127.0.0.1:{port}", served, chosen)
        finally:
            server.should_exit = True
            thread.join(30)


@pytest.fixture(scope="session")
def serve() -> Callable[..., AbstractContextManager[Site]]:
    """Starts servers, as `running`, for tests that need one of their own."""
    return running


def draw_shape(shape: str, seed: int, size: tuple[int, int]) -> Image.Image:
    """A picture of a shape, in colours and at a place that the seed chooses."""
    random = np.random.default_rng(seed)
    hue = float(random.random())
    colours = [
        tuple(int(255 * c) for c in colorsys.hsv_to_rgb((hue + shift) % 1, 0.55, v)) for shift, v in ((0, 0.95), (0.45, 0.6))
    ]
    picture = Image.new("RGB", size, colours[0])
    draw = ImageDraw.Draw(picture)
    side = min(size) * float(random.uniform(0.4, 0.7))
    left, top = (float(random.uniform(0.05, 0.95 * (s - side) / s)) * s for s in size)
    box = (left, top, left + side, top + side)
    if shape == "circle":
        draw.ellipse(box, fill=colours[1])
    elif shape == "square":
        draw.rectangle(box, fill=colours[1])
    else:
        draw.polygon([(left + side / 2, top), (left + side, top + side), (left, top + side)], fill=colours[1])
    return picture


@pytest.fixture(scope="session")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 36 pictures in three classes, of several sizes."""
    folder = tmp_path_factory.mktemp("shapes") / "shapes"
    sizes = [(240, 180), (180, 240), (200, 200), (320, 140)]
    for kind, shape in enumerate(SHAPES):
        for number in range(12):
            path = folder / shape / f"{shape}-{number:02}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            draw_shape(shape, 100 * kind + number, sizes[number % len(sizes)]).save(path, quality=90)
    return folder


@pytest.fixture(scope="session")
def shapes_collection(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection of those pictures, by the bundled model `small`; tests that write take a copy."""
    path = tmp_path_factory.mktemp("served") / "shapes.podoba"
    with Collection.open(path, create=True) as opened:
        opened.update([shapes], "small")
    return path


@pytest.fixture(scope="session")
def site(shapes_collection: Path) -> Iterator[Site]:
    """A server of the shapes, for tests that change nothing."""
    with running([shapes_collection]) as started:
        yield started


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    """A client of the API of `site`."""
    with site.client() as opened:
        yield opened


Visit = Callable[..., Any]


@pytest.fixture
def visit(browser: Any, site: Site) -> Iterator[Visit]:
    """Opens an address of a site, signed in; at the end nothing may have gone wrong, nor another host been asked."""
    contexts: list[Any] = []
    faults: list[str] = []

    def open_page(
        path: str, *, at: Site = site, language: str = "en", theme: str = "light", width: int = 1280, height: int = 800
    ) -> Any:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="en-GB")
        contexts.append(context)
        context.set_default_timeout(60_000)
        context.add_cookies(
            [
                {"name": f"podoba-{name}", "value": value, "url": at.address}
                for name, value in (("language", language), ("theme", theme))
            ]
        )
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on(
            "request", lambda asked: None if asked.url.startswith((at.address, "data:", "blob:")) else faults.append(asked.url)
        )
        page.goto(f"{at.address}{path}#token={at.settings.token}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []
