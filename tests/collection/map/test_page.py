"""A map as a page."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image

from podoba.collection.collection import Collection
from podoba.collection.map.make import make_map
from podoba.collection.map.outline import outline
from podoba.collection.map.page import COLOURS, described, map_page, write_page
from podoba.collection.storage.items import Item


def test_the_page_has_the_picture_the_legend_and_the_clusters(filled: Collection, tmp_path: Path) -> None:
    found = outline(filled.index, make_map(filled.index, "pca"))
    write_page(found, "photos", tmp_path / "map.html")
    page = (tmp_path / "map.html").read_text(encoding="utf-8")
    assert page.count("<h2>") == len(found.clusters)
    assert {label: int(count) for label, count in re.findall(r"<bdi>([^<]*)</bdi> (\d+)", page)} == {
        "cat": 15, "dog": 15, "no label": 15, "it&#x27;s": 15,
    }  # fmt: skip
    picture = Image.open(io.BytesIO(base64.b64decode(re.findall(r"data:image/png;base64,([^\"]+)", page)[0]))).convert("RGB")
    colours = np.unique(np.asarray(picture).reshape(-1, 3), axis=0)
    seen = {"#" + "".join(f"{part:02x}" for part in colour) for colour in colours}
    assert seen == {"#ffffff", *COLOURS[:4]}
    assert "http" not in page


def test_many_labels_share_grey_and_without_labels_clusters_are_coloured(
    filled: Collection, item_of: Callable[[int], Item]
) -> None:
    vectors = filled.vectors().matrix
    filled.put([replace(item_of(i), label=f"<b>{i % 12}</b>") for i in range(60)], vectors)
    page = map_page(outline(filled.index, make_map(filled.index, "pca")), "x")
    assert "grey: 2 more" in page
    assert "<b>" not in page
    filled.put([replace(item_of(i), label=None) for i in range(60)], vectors)
    assert "<bdi>cluster 1</bdi>" in map_page(outline(filled.index, make_map(filled.index, "pca")), "x")


def test_what_a_map_was_made_of(filled: Collection) -> None:
    found = outline(filled.index, make_map(filled.index, "pca"))
    assert described(found).startswith("60 images by their principal components (PCA), a quick view that shows ")
    umap = replace(found, map=replace(found.map, layout="umap", fitted=50, since=2, missing=3))
    assert described(umap) == (
        "60 images by UMAP, fitted to 50 of them; 2 that came since were placed by their neighbours; 3 are not on it"
    )


def test_an_empty_collection(tmp_path: Path, encoder: object) -> None:
    with Collection.open(tmp_path / "empty.podoba", create=True) as empty:
        empty.claim(encoder, "tiny")  # type: ignore[arg-type]
        found = outline(empty.index, make_map(empty.index, "pca"))
        assert found.clusters == []
        assert "0 images" in map_page(found, "empty")
        assert found.to_csv() == "id,uri,label,x,y,cluster\n"
