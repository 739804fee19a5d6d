"""Pictures that only look alike are no copies, and edits are never called the same picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance

from lookalikes import KINDS, lookalike, scene
from podoba.collection.collection import Collection, index_sources
from podoba.collection.duplicates.find import find_duplicates
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

SAFE = ("identical", "same picture")  # what `podoba duplicates --move-to` moves
KINDS_BUT_NEAR = ("identical", "same picture", "flipped or rotated", "cropped or edited")
NEVER_EDITED = sorted(KINDS.keys() - {"bursts"})  # which are one scene, where somebody walks


def kinds_of(folder: Path, encoder: Encoder, place: Path) -> dict[str, tuple[str, str]]:
    """By name of each copy that is found its kind and the reason; what is only near, by its descriptor, is left out."""
    with Collection.open(place, create=True) as collection:
        index_sources(collection, [open_source(str(folder))], encoder)
        groups = find_duplicates(collection.index, kinds=KINDS_BUT_NEAR).groups
    return {Path(copy.item.uri).name: (copy.kind, copy.reason) for group in groups for copy in group.copies}


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_no_look_alike_is_moved_and_every_copy_is_found(kind: str, encoder: Encoder, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for number in range(6):
        lookalike(kind, number).save(folder / f"{number}.png")
    picture = lookalike(kind, 0)
    picture.resize((picture.width * 3 // 4, picture.height * 3 // 4)).save(folder / "copy.jpg", quality=80)
    found = kinds_of(folder, encoder, tmp_path / "c.podoba")
    assert [name for name, (what, _) in found.items() if what in SAFE] == ["copy.jpg"]
    if kind in NEVER_EDITED:
        assert found.keys() == {"copy.jpg"}


def stickered(picture: Image.Image) -> Image.Image:
    ImageDraw.Draw(picture).ellipse((150, 100, 190, 140), fill="yellow")
    return picture


def watermarked(picture: Image.Image) -> Image.Image:
    veil = Image.new("L", picture.size, 0)
    ImageDraw.Draw(veil).text((40, 90), "SAMPLE", font_size=50, fill=90)
    return Image.composite(Image.new("RGB", picture.size, "white"), picture, veil)


def captioned(picture: Image.Image) -> Image.Image:
    ImageDraw.Draw(picture).rectangle((0, 180, 320, 240), fill="white")
    ImageDraw.Draw(picture).text((5, 190), "a caption", fill="black")
    return picture


def written_across(picture: Image.Image) -> Image.Image:
    ImageDraw.Draw(picture).text((10, 90), "SALE TODAY", font_size=50, fill="white", stroke_width=2, stroke_fill="black")
    return picture


def framed(picture: Image.Image, left: int, top: int, colour: str) -> Image.Image:
    whole = Image.new("RGB", (picture.width + 2 * left, picture.height + 2 * top), colour)
    whole.paste(picture, (left, top))
    return whole


def beside_another(picture: Image.Image) -> Image.Image:
    whole = Image.new("RGB", (2 * picture.width, picture.height))
    whole.paste(picture, (0, 0))
    whole.paste(scene(np.random.default_rng(99), picture.size), (picture.width, 0))
    return whole


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda picture: picture.convert("L").convert("RGB"), "without colour"),
        (lambda picture: ImageEnhance.Color(picture).enhance(0.4), "other colours"),
        (watermarked, "edited: "),
        (stickered, "edited: "),
        (captioned, "edited: "),
        (written_across, "edited: "),
        (lambda picture: picture.point(lambda value: value * 2 // 3), "edited: "),
        (lambda picture: picture.crop((30, 20, 290, 220)), "a part: "),
        (lambda picture: picture.rotate(5, Image.Resampling.BICUBIC), "a part: "),
        (lambda picture: framed(picture, 16, 12, "black"), "a part: "),
        (lambda picture: framed(picture, 80, 60, "white"), "a part: "),
        (lambda picture: framed(picture, 0, 100, "black"), "a part: "),
        (beside_another, "a part: "),
    ],
)
def test_an_edit_is_edited(
    change: Callable[[Image.Image], Image.Image], words: str, photos: Path, encoder: Encoder, tmp_path: Path
) -> None:
    for number in range(3):
        picture = scene(np.random.default_rng(70 + number), (320, 240))
        picture.save(photos / f"{number}.jpg", quality=92)
        change(picture).save(photos / f"{number}-edit.jpg", quality=90)
    found = kinds_of(photos, encoder, tmp_path / "c.podoba")
    assert {name.split("-")[0].split(".")[0] for name in found} == {"0", "1", "2"}
    assert all(what == "cropped or edited" and words in reason for what, reason in found.values()), found
