"""What a pair of images is, by their pixels and descriptors."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from podoba.collection.collection import Collection
from podoba.collection.duplicates.confirm import ComparedImages, confirm_pairs
from podoba.collection.duplicates.results import KINDS
from podoba.collection.duplicates.settings import DuplicateSettings
from podoba.collection.duplicates.small_images import LargerImages, small_images

Indexed = Callable[[], Collection]
Photograph = Callable[..., Image.Image]


@pytest.fixture
def images(photos: Path, indexed: Indexed, photograph: Photograph, tmp_path: Path) -> ComparedImages:
    """Twelve photographs; a copy of the first, encoded; the second mirrored; a part of the third; the fourth darker."""
    photograph(0).save(photos / "a.jpg", quality=60)
    photograph(1).transpose(Image.Transpose.FLIP_LEFT_RIGHT).save(photos / "b.png")
    photograph(2).crop((10, 8, 110, 83)).save(photos / "c.png")
    photograph(3).point(lambda value: value * 6 // 10).save(photos / "d.png")
    collection = indexed()
    items = sorted(
        collection.items(), key=lambda item: (Path(item.uri).stem.zfill(2) if Path(item.uri).stem.isdigit() else "x", item.uri)
    )
    pixels, _, _ = small_images(items, tmp_path)
    descriptors = np.stack([collection.store.descriptors.get(item.id) for item in items])
    return ComparedImages(items, pixels, descriptors, 1.0, LargerImages(tmp_path, 256))


def test_every_kind_is_confirmed_with_its_words(images: ComparedImages) -> None:
    assert [Path(item.uri).name for item in images.items][-4:] == ["a.jpg", "b.png", "c.png", "d.png"]
    pairs = np.array([(0, 12), (1, 13), (2, 14), (3, 15), (4, 5), (0, 13)])
    links = {(link.first, link.second): (KINDS[link.kind], link.words) for link in confirm_pairs(images, pairs)}
    assert set(links) == {(0, 12), (1, 13), (2, 14), (3, 15)}
    assert links[0, 12] == ("same picture", "")
    assert links[1, 13] == ("flipped or rotated", "mirrored")
    assert links[2, 14][0] == links[3, 15][0] == "cropped or edited"
    assert links[2, 14][1].startswith("a part: ")
    assert links[3, 15][1].startswith("edited: ")


def test_pairs_are_confirmed_in_chunks_that_change_nothing(images: ComparedImages) -> None:
    pairs = np.array([(i, j) for i in range(16) for j in range(i + 1, 16)])
    steps: list[tuple[str, int, int]] = []
    small = confirm_pairs(images, pairs, lambda *step: steps.append(step), DuplicateSettings(pairs_at_once=50))
    assert sorted(map(str, small)) == sorted(map(str, confirm_pairs(images, pairs)))
    assert steps[-1] == ("comparing pairs", 120, 120)
    assert confirm_pairs(images, np.empty((0, 2), dtype=np.int64)) == []


def test_a_part_whose_image_was_removed_is_not_confirmed(images: ComparedImages) -> None:
    Path(images.items[14].uri).unlink()
    assert confirm_pairs(images, np.array([(2, 14)]), settings=DuplicateSettings(near_distance=0.0)) == []
