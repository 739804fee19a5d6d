"""A map as a page of HTML that needs no other file: its picture, what the colours mean, its clusters with their images."""

import base64
import html
import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from podoba.collection.map.outline import Outline, title
from podoba.collection.map.points import SIDE
from podoba.collection.search.page import Figure, figures_html, whole_page
from podoba.files import shown, write_text

PIXELS = 1000  # a side of the picture
COLOURS = (
    "#0072b2", "#d98c00", "#009e73", "#c2568f", "#b84a00", "#3fa3e0", "#6b4fa0", "#7d7a00", "#7f5539", "#374151",
)  # fmt: skip
OTHER = "#9aa2ab"


def map_page(outline: Outline, name: str) -> str:
    """The map of the collection of this name; the most frequent labels have a colour each, or the largest clusters."""
    labels = [item.label for item in outline.names]
    has_labels = any(label is not None for label in labels)
    values = [shown(label or "") for label in labels] if has_labels else [f"cluster {number}" for number in outline.of]
    known, of, counts = np.unique(np.array([*values], dtype=object).astype(str), return_inverse=True, return_counts=True)
    order = np.argsort(-counts, kind="stable")
    rank = np.empty(len(order), dtype=np.int64)
    rank[order] = np.arange(len(order))
    legend = [
        f'<li><svg width="12" height="12" aria-hidden="true"><circle cx="6" cy="6" r="6" fill="{colour}"/></svg> '
        f"<bdi>{html.escape(known[row] or 'no label')}</bdi> {counts[row]}</li>"
        for colour, row in zip(COLOURS, order, strict=False)
    ]
    if len(order) > len(COLOURS):
        legend.append(f"<li>grey: {len(order) - len(COLOURS)} more</li>")
    picture = base64.b64encode(_png(outline, rank[of])).decode()
    parts = [
        f"<p>{html.escape(described(outline))}</p>",
        f'<p><img alt="a map of {len(outline.names)} images" style="max-width: 100%" src="data:image/png;base64,{picture}"></p>',
        f'<ul style="columns: 12em; list-style: none; padding: 0">{"".join(legend)}</ul>',
    ]
    for cluster in outline.clusters:
        figures = figures_html(Figure(item.uri, [item.label] if item.label else []) for item in cluster.items)
        parts.append(f"<h2>{html.escape(title(cluster))}</h2>{figures}")
    return whole_page(f"podoba map: {name}", "".join(parts))


def described(outline: Outline) -> str:
    """What a map was made of, in a sentence."""
    made = outline.map
    said = f"{len(made.points)} images "
    if made.layout == "pca":
        said += f"by their principal components (PCA), a quick view that shows {made.explained or 0:.0%} of the differences"
    else:
        said += "by UMAP" + (f", fitted to {made.fitted} of them" if made.fitted < len(made.points) else "")
    said += f"; {made.since} that came since were placed by their neighbours" if made.since else ""
    return said + (f"; {made.missing} are not on it" if made.missing else "")


def write_page(outline: Outline, name: str, path: Path) -> None:
    """Write `map_page` into a file. Raises `OSError`."""
    write_text(path, map_page(outline, name))


def _png(outline: Outline, rank: NDArray[np.int64]) -> bytes:
    """The points as a picture on white; a point's colour is that of its rank."""
    table = np.array([[int(colour[i : i + 2], 16) for i in (1, 3, 5)] for colour in (*COLOURS, OTHER)], dtype=np.uint8)
    pixels = np.full((PIXELS, PIXELS, 3), 255, dtype=np.uint8)
    radius = int(np.clip(60 / max(1, len(rank)) ** 0.4, 0, 5))
    centres = (
        np.rint(outline.map.points.places.astype(np.float64) * ((PIXELS - 2 * radius - 3) / SIDE)).astype(np.int64) + radius + 1
    )
    for down in range(-radius, radius + 1):
        for across in range(-radius, radius + 1):
            if down**2 + across**2 <= (radius + 0.3) ** 2:
                pixels[centres[:, 1] + down, centres[:, 0] + across] = table[np.minimum(rank, len(COLOURS))]
    file = io.BytesIO()
    Image.fromarray(pixels).quantize(len(table) + 1).save(file, "PNG", optimize=True)
    return file.getvalue()
