"""Pictures of the pages for the documentation: `python .ci/page_pictures.py docs/figures/serve` draws them anew.

What they show is drawn by `benchmarks/scenes.py`: nobody's photographs are in them. Chromium is needed.
"""

from __future__ import annotations

import csv
import io
import shutil
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image, ImageEnhance
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent.parent / "benchmarks"))

from podoba.collection.collection import Collection
from podoba.serve.client.client import Client
from podoba.serve.served import Served
from podoba.serve.server import Server
from podoba.serve.settings import ServeSettings
from scenes import KINDS, scene

EACH = 40  # pictures of a kind
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUALITY = 82  # of WebP


@dataclass(frozen=True)
class Shot:
    """A picture of a page.

    Attributes:
        path: of the page; `{first}`, `{second}` are items of the class `sea`.
        ready: what is waited for.
    """

    path: str
    ready: str
    size: tuple[int, int] = (1280, 800)
    theme: str = "light"
    language: str = "en"


SHOTS = {
    "home": Shot("/", ".samples img"),
    "search": Shot("/c/holidays/search?q=id:{first}", "[role=grid] img"),
    "search-phone": Shot("/c/holidays/search?q=id:{first}", "[role=grid] img", (390, 780), "dark", "uk"),
    "browse": Shot("/c/holidays/browse", "[role=grid] img", theme="dark"),
    "compare": Shot("/c/holidays/compare?left={first}&right={second}", "main img"),
    "map": Shot("/c/holidays/map", "canvas"),
    "duplicates": Shot("/c/holidays/duplicates", "main img"),
    "models": Shot("/models", "main svg"),
}


def draw_pictures(folder: Path) -> Path:
    """A manifest of pictures in six classes with attributes; some are there twice, smaller or brighter."""
    manifest = folder / "holidays.csv"
    with manifest.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["path", "label", "place", "season", "year"])
        for kind in sorted(KINDS):
            for number in range(EACH):
                picture = scene(kind, number)
                facts = [
                    kind,
                    ("Київ", "Lisbon", "Oslo", "Дніпро")[number % 4],
                    ("spring", "summer", "autumn")[number % 3],
                    2018 + number % 8,
                ]
                name = f"{kind.replace(' ', '-')}-{number:02}.jpg"
                picture.save(folder / name, quality=92)
                rows.writerow([name, *facts])
                if number % 10 == 3:
                    smaller = picture.resize((picture.width // 2, picture.height // 2))
                    smaller.save(folder / f"small-{name}", quality=80)
                    rows.writerow([f"small-{name}", *facts])
                if number % 20 == 7:
                    ImageEnhance.Brightness(picture).enhance(1.25).save(folder / f"bright-{name}", quality=90)
                    rows.writerow([f"bright-{name}", *facts])
    return manifest


@contextmanager
def serving(collection: Path) -> Iterator[tuple[str, str]]:
    """A server of a collection in a thread: its address and its token."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        settings = ServeSettings(port=listening.getsockname()[1], token="of-the-pictures")
        server = Server(Served([collection], [], settings))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield server.address, settings.token
        finally:
            server.should_exit = True
            thread.join()


def take(browser: Any, shot: Shot, address: str, token: str, ids: dict[str, str], path: Path) -> None:
    """Save the picture of one page as WebP."""
    width, height = shot.size
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce")
    for name, value in (("language", shot.language), ("theme", shot.theme)):
        context.add_cookies([{"name": f"podoba-{name}", "value": value, "url": address}])
    page = context.new_page()
    page.goto(f"{address}{shot.path.format(**ids)}#token={token}")
    page.locator(shot.ready).first.wait_for()
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(500)  # pictures are decoded after they have come
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(path, quality=QUALITY, method=6)
    context.close()


def main(target: Path, *names: str) -> None:
    """Draw all pictures, or those of these names."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        place = folder / "holidays.podoba"
        with Collection.open(place, create=True) as opened:
            opened.update([draw_pictures(folder)])
            first, second = (item.id for item in opened.items("label == 'sea'")[:2])
        executable = next(path for name in BROWSERS if (path := shutil.which(name)))
        with serving(place) as (address, token), sync_playwright() as playwright, Client(address, token) as client:
            if "duplicates" in (names or SHOTS):
                client.wait(client.find_duplicates(place.stem))
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox", "--disable-gpu"])
            for name in names or SHOTS:
                take(browser, SHOTS[name], address, token, {"first": first, "second": second}, target / f"{name}.webp")
            browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
