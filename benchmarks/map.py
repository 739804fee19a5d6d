"""How fast the map of a large collection is, in its room and in a browser: `python benchmarks/map.py [--items N ...]`.

For each number of items a collection of generated descriptors is made and served; Chromium opens its map. Told are: the seconds
until the first picture, at once after the start of the server and again; and the processor's time of the page's main thread for a
frame while the map is dragged (the first 100,000 points) and for one when it rests (all points), as the browser measures it.

With `--data SOURCE...` clusters are measured instead: their purity and adjusted mutual information against the labels of real
images, and how many of an image's 10 nearest are among its 10 nearest on the map, by PCA and by UMAP.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.collection import Collection
from podoba.collection.map.clusters import find_clusters, purity
from podoba.collection.map.pca import Projection
from podoba.collection.map.settings import MapSettings
from podoba.collection.map.umap_layout import umap_points
from podoba.collection.storage.items import Item
from podoba.images.sources.open import open_source
from podoba.models.card import Card
from podoba.models.names import open_model
from podoba.models.pipeline import encode_images
from podoba.ranking.exact import nearest

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu"]
KINDS = 60
FRAMES = 40
SEEN = 2000  # images whose neighbours are compared


@dataclass(frozen=True)
class Generated:
    """The model of generated descriptors."""

    dim: int
    fingerprint: str = "generated"
    path: Path = Path("/models/generated.onnx")
    card: Card = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "card", Card.make(name="generated", input_size=32, dim=self.dim, backbone="none"))


def make_collection(path: Path, items: int, dim: int) -> None:
    """A collection of clusters that overlap, each with a label."""
    rng = np.random.default_rng(0)
    centres = rng.standard_normal((KINDS, dim)).astype(np.float32)
    with Collection.open(path, create=True) as opened:
        opened.claim(Generated(dim), "generated")
        for start in range(0, items, 20_000):
            kinds = rng.integers(0, KINDS, min(20_000, items - start))
            x = centres[kinds] + 0.8 * rng.standard_normal((len(kinds), dim)).astype(np.float32)
            x /= np.linalg.norm(x, axis=1, keepdims=True)
            rows = [
                Item(f"{i:016x}", f"/pictures/{i}.jpg", "/pictures", f"kind {kind}", f"{i:064x}", i, None, 640, 480, "JPEG")
                for i, kind in enumerate(kinds.tolist(), start)
            ]
            opened.put(rows, x)


@contextmanager
def serving(path: Path) -> Iterator[str]:
    """A server in a process of its own; gives the link that it prints."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "podoba", "serve", str(path), "--port", str(port), "--no-browser"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        assert process.stdout is not None
        link = next(word for line in process.stdout for word in line.split() if "#token=" in word)
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{port}/api/v1/health")
                break
            except httpx.TransportError:
                time.sleep(0.05)
        yield link
    finally:
        process.terminate()
        process.wait(30)


def processor_seconds(session: Any) -> float:
    """Of the page's main thread, since it was opened."""
    metrics = {metric["name"]: metric["value"] for metric in session.send("Performance.getMetrics")["metrics"]}
    return float(metrics["TaskDuration"])


def measure_page(link: str, name: str) -> dict[str, float]:
    """Seconds until the first picture, twice, and milliseconds of processor for a frame."""
    from playwright.sync_api import sync_playwright

    address, _, token = link.partition("/#")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        seconds = []
        for _ in range(2):
            started = time.perf_counter()
            page.goto(f"{address}/c/{name}/map#{token}")
            page.locator(".map-legend button").first.wait_for(timeout=600_000)
            page.locator(".map-waiting").wait_for(state="hidden", timeout=600_000)
            page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
            seconds.append(time.perf_counter() - started)
        page.locator(".map-cluster").first.wait_for(timeout=600_000)
        page.wait_for_timeout(2000)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.mouse.move(400, 400)
        page.mouse.down()
        page.mouse.move(420, 400)
        before = processor_seconds(session)
        for frame in range(FRAMES):
            page.mouse.move(420 + 3 * frame, 400 + frame)
            page.evaluate("new Promise(requestAnimationFrame)")
        moving = (processor_seconds(session) - before) / FRAMES
        page.mouse.up()
        page.wait_for_timeout(1000)
        settled = []
        for step in range(8):
            before = processor_seconds(session)
            page.mouse.wheel(0, -60 if step % 2 else 60)
            page.wait_for_timeout(600)
            settled.append(processor_seconds(session) - before - moving)
        browser.close()
    return {"first": seconds[0], "again": seconds[1], "moving": 1000 * moving, "settled": 1000 * float(np.median(settled))}


def kept_neighbours(x: Floats, points: Floats, chosen: Indices) -> float:
    """Share of the 10 nearest by descriptor that are among the 10 nearest on the map."""
    near = nearest(x[chosen], x, 11).indices[:, 1:]
    distances = [((points - points[i]) ** 2).sum(axis=1) for i in chosen]
    seen = [np.argpartition(row, 11)[:11] for row in distances]
    return float(np.mean([len(np.intersect1d(a, b)) / 10 for a, b in zip(near, seen, strict=True)]))


def measure_clusters(source: str, model: str) -> None:
    """Print how clusters and maps agree with labels and neighbours."""
    from sklearn.metrics import adjusted_mutual_info_score

    labels: list[str] = []
    parts = []
    for records, part in encode_images(open_source(source), open_model(model)):
        labels += [record.label or "" for record in records]
        parts.append(part)
    x, settings = np.concatenate(parts), MapSettings()
    started = time.perf_counter()
    clusters = find_clusters(x, settings)
    seconds = time.perf_counter() - started
    agreement = adjusted_mutual_info_score(labels, clusters.of)
    print(
        f"{Path(source).stem}, {model}: {len(x)} images of {len(set(labels))} labels, "
        f"{len(clusters.sizes)} clusters in {seconds:.2f} s: "
        f"purity {purity(clusters.of, labels):.3f}, adjusted mutual information {agreement:.3f}"
    )
    chosen = np.random.default_rng(0).choice(len(x), min(SEEN, len(x)), replace=False)
    started = time.perf_counter()
    by_umap, _ = umap_points(x, settings)
    seconds = time.perf_counter() - started
    print(
        f"    of the 10 nearest, among the 10 nearest on the map: PCA {kept_neighbours(x, Projection(x).of(x), chosen):.3f}, "
        f"UMAP {kept_neighbours(x, by_umap, chosen):.3f} ({seconds:.1f} s)"
    )


def main() -> None:
    """Print a line for each collection or source."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--items", type=int, nargs="+", default=[60_000, 1_000_000])
    parser.add_argument("--dim", type=int, default=64)
    parser.add_argument("--data", nargs="+", default=[])
    parser.add_argument("--model", default="small")
    options = parser.parse_args()
    for source in options.data:
        measure_clusters(source, options.model)
    for items in [] if options.data else options.items:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "generated.podoba"
            make_collection(path, items, options.dim)
            with serving(path) as link:
                told = measure_page(link, path.stem)
            print(f"{items} items, {os.cpu_count()} cores: " + ", ".join(f"{name} {value:.2f}" for name, value in told.items()))


if __name__ == "__main__":
    main()
