"""Served collections of generated pictures, and a browser that is signed in and watched."""

from __future__ import annotations

import colorsys
import csv
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageDraw

from invented_study import write_study
from podoba.collection.collection import Collection
from podoba.models.names import find_model
from podoba.scale.open import OPENERS
from podoba.serve.served import Served
from podoba.serve.server import Server
from podoba.serve.settings import ServeSettings
from scenes import KINDS, scene
from tests.collection.memory_vectors import MemoryVectors, copied

TOKEN = "token-of-the-tests"
SHAPES = ("circle", "square", "triangle")


@dataclass(frozen=True)
class Site:
    """A running server.

    Attributes:
        address: such as http://127.0.0.1:8765.
        app: what answers there.
        ended: set when it no longer runs.
    """

    address: str
    served: Served
    settings: ServeSettings
    app: Any
    ended: threading.Event

    def client(self, **headers: str) -> httpx.Client:
        """A client of the API with the token."""
        return httpx.Client(
            base_url=f"{self.address}/api/v1", headers={"Authorization": f"Bearer {self.settings.token}", **headers}, timeout=60
        )


@contextmanager
def running(collections: Sequence[Path | str], studies: list[Path] | None = None, **settings: Any) -> Iterator[Site]:
    """A server in a thread of this process, on a free port."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        chosen = ServeSettings(port=port, token=TOKEN, **settings)
        served = Served(collections, studies or [], chosen)
        server = Server(served)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        ended = threading.Event()
        try:
            while not server.started:
                assert thread.is_alive()
                time.sleep(0.01)
            yield Site(server.address, served, chosen, server.app, ended)
        finally:
            ended.set()
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
def photo_collection(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shapes once more, by the model `photo`, without the last two circles."""
    path = tmp_path_factory.mktemp("photo") / "shapes-photo.podoba"
    with Collection.open(path, create=True) as opened:
        opened.update([shapes], "photo")
        opened.remove([item.id for item in opened.items("label == 'circle'")][-2:])
    return path


@pytest.fixture(scope="session")
def site(shapes_collection: Path) -> Iterator[Site]:
    """A server of the shapes, for tests that change nothing."""
    with running([shapes_collection]) as started:
        yield started


@pytest.fixture(scope="session")
def scenes_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A manifest of 36 pictures that look like photographs, in six classes: two texts, two numbers, one of them seldom known."""
    folder = tmp_path_factory.mktemp("scenes") / "scenes"
    folder.mkdir()
    with (folder / "scenes.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "season", "place", "year", "rating"])
        for kind in sorted(KINDS):
            for number in range(6):
                name = f"{kind.replace(' ', '-')}-{number}.jpg"
                scene(kind, number).save(folder / name, quality=90)
                season = ("spring", "summer", "autumn", "winter")[number % 4]
                place = ("Київ", "Дніпро", "Lisbon")[(number + len(kind)) % 3]
                rows.writerow([name, kind, season, place, 2019 + number, number if number % 3 == 0 else ""])
    return folder


@pytest.fixture(scope="session")
def scenes_collection(scenes_folder: Path, write_tower: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The collection of those pictures, by a copy of `small` that knows the names of the classes as words."""
    folder = tmp_path_factory.mktemp("worded")
    model = Path(shutil.copy(find_model("small"), folder / "worded.onnx"))
    path = folder / "scenes.podoba"
    with Collection.open(path, create=True) as opened:
        opened.update([scenes_folder / "scenes.csv"], str(model))
        words = {kind.split()[0]: opened.vectors(f"label == '{kind}'").matrix.mean(axis=0) for kind in KINDS}
        write_tower(model, {"?": np.mean(list(words.values()), axis=0), **words})
    return path


@pytest.fixture(scope="session")
def gallery(scenes_collection: Path, shapes_collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server of both: `scenes` has attributes and knows words, `shapes` has neither; and of a study. Tests change nothing."""
    study = write_study(tmp_path_factory.mktemp("studies") / "losses", failed={(1, 0): "the loss is no longer a number"})
    with running([scenes_collection, shapes_collection], [study]) as started:
        yield started


@dataclass(frozen=True)
class Far:
    """A server of the scenes in no file, as `far`, and of the shapes in one.

    Attributes:
        vectors: what is searched: `vectors.store.away` says that it does not answer.
    """

    site: Site
    vectors: MemoryVectors


@pytest.fixture
def far(scenes_collection: Path, shapes_collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Far]:
    """A server of its own: tests may change all but the shapes."""
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))
    with Collection.open(scenes_collection, read_only=True) as scenes:
        vectors = copied(scenes, "memory://here/far")
        monkeypatch.setitem(OPENERS, "memory", lambda address, device, patience: vectors)
        with running(["memory://here/far", shapes_collection]) as started:
            yield Far(started, vectors)


@pytest.fixture
def client(site: Site) -> Iterator[httpx.Client]:
    """A client of the API of `site`."""
    with site.client() as opened:
        yield opened


Visit = Callable[..., Any]
GONE = ("ERR_CONNECTION", "ERR_INCOMPLETE_CHUNKED", "the server does not answer")  # what a page that outlives its server says
UNFILLED = r"/undefined|\[object |NaN|\{\w+\}/.exec(document.body.innerText)?.[0]"  # what no reader should see


@dataclass
class Visitor:
    """Opens addresses of a site, signed in, and notes what goes wrong there.

    Attributes:
        faults: errors and warnings in the console, requests to other hosts; and what `inspect` found.
    """

    browser: Any
    site: Site
    faults: list[str] = field(default_factory=list)
    contexts: list[Any] = field(default_factory=list)

    def __call__(
        self,
        path: str,
        *,
        at: Site | None = None,
        language: str = "en",
        theme: str = "light",
        width: int = 1280,
        height: int = 800,
        signed_in: bool = True,
        expected: tuple[str, ...] = (),
        **options: Any,
    ) -> Any:
        """The page of an address.

        Args:
            expected: parts of errors that the test causes itself, such as "410".
            options: further ones of Playwright's contexts.
        """

        site = at or self.site

        def note(fault: str) -> None:
            outlived = GONE if site.ended.is_set() else ()
            if not any(part in fault for part in (*expected, *outlived)):
                self.faults.append(fault)

        options = {"reduced_motion": "reduce", "locale": "en-GB", **options}
        context = self.browser.new_context(viewport={"width": width, "height": height}, **options)
        self.contexts.append(context)
        context.set_default_timeout(60_000)
        chosen = [("language", language), ("theme", theme)]
        context.add_cookies([{"name": f"podoba-{name}", "value": value, "url": site.address} for name, value in chosen])
        page = context.new_page()
        page.on("console", lambda said: note(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: note(str(error)))
        page.on("request", lambda asked: None if asked.url.startswith((site.address, "data:", "blob:")) else note(asked.url))
        page.goto(f"{site.address}{path}" + (f"#token={site.settings.token}" if signed_in else ""))
        return page

    def inspect(self) -> None:
        """Note what reaches beyond the width of the window, and texts that were not filled in, of every page as it stands."""
        for page in (page for context in self.contexts for page in context.pages):
            wide, window = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
            if wide > window:
                self.faults.append(f"{page.url}: {wide} pixels wide in a window of {window}")
            if unfilled := page.evaluate(UNFILLED):
                self.faults.append(f"{page.url}: {unfilled} is shown")


@pytest.fixture
def visit(browser: Any, site: Site) -> Iterator[Visitor]:
    """Opens pages, of `site` if not told; at the end nothing may have gone wrong on them."""
    visitor = Visitor(browser, site)
    yield visitor
    visitor.inspect()
    for context in visitor.contexts:
        context.close()
    assert visitor.faults == []


@pytest.fixture(scope="session")
def violations() -> Callable[..., list[str]]:
    """Finds what of a page as it stands, or of a part of it, breaks WCAG 2.2 AA as far as axe can tell: rule, element, advice."""
    axe = Axe()
    rules = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"], "resultTypes": ["violations"]}

    def find(page: Any, part: str | None = None) -> list[str]:
        found = axe.run(page, part, rules).response["violations"]
        return [f"{rule['id']}: {node['html'][:160]}: {node['failureSummary']}" for rule in found for node in rule["nodes"]]

    return find


@pytest.fixture(scope="session")
def assert_accessible(violations: Callable[..., list[str]]) -> Callable[..., None]:
    """Fails where axe finds anything on a page as it stands, or in a part of it."""

    def check(page: Any, part: str | None = None) -> None:
        assert violations(page, part) == []

    return check
