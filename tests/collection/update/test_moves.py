"""Images that were moved, copied or exchanged keep their descriptors."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from podoba.collection.collection import Collection, change_model, index_sources
from podoba.collection.update.index import IndexReport
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]
Update = Callable[..., IndexReport]
Numbers = Callable[[IndexReport], dict[str, int]]


class Counting(Encoder):
    """Counts the images that it encodes."""

    encoded: int


def test_moved_files_are_followed_without_encoding(
    photos: Path, tmp_path: Path, update: Update, counting: Counting, collection: Collection, numbers: Numbers
) -> None:
    update(photos)
    places = {item.content: place for place, item in enumerate(collection.items())}
    (photos / "cats" / "1.png").rename(photos / "dogs" / "one.png")
    (photos / "dogs").rename(photos / "hounds")
    counting.encoded = 0
    assert numbers(update(photos)) == {"moved": 7, "unchanged": 5}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (photos / "cats" / "3.png").rename(elsewhere / "three.png")
    assert numbers(update(photos, elsewhere)) == {"moved": 1, "unchanged": 11}  # also between sources
    (elsewhere / "three.png").rename(photos / "cats" / "3.png")
    assert numbers(update(elsewhere, photos)) == {"moved": 1, "unchanged": 11}
    assert counting.encoded == 0
    assert {item.content: place for place, item in enumerate(collection.items())} == places


def test_a_folder_that_was_renamed_is_followed_by_its_new_name(
    photos: Path,
    tmp_path: Path,
    encoder: Encoder,
    counting: Counting,
    collection: Collection,
    other_encoder: Encoder,
    numbers: Numbers,
) -> None:
    index_sources(collection, [open_source(photos)], encoder)
    numbers_before = collection.vectors().numbers.tolist()
    shutil.copytree(photos / "cats", tmp_path / "copies")
    photos.rename(tmp_path / "pictures")
    report = index_sources(collection, [open_source(tmp_path / "pictures"), open_source(tmp_path / "copies")], counting)
    assert numbers(report) == {"moved": 12, "added": 6}
    assert counting.encoded == 0
    assert collection.vectors().numbers.tolist()[:12] == numbers_before
    assert collection.check() == []
    (tmp_path / "pictures").rename(tmp_path / "again")
    report = change_model(collection, [open_source(tmp_path / "again")], other_encoder)
    assert numbers(report) == {"unchanged": 12}
    assert collection.check() == []
    assert len(collection) == 18


def test_copies_and_exchanged_names_are_right(
    photos: Path, update: Update, counting: Counting, picture: WritePicture, numbers: Numbers
) -> None:
    update(photos)
    shutil.copy(photos / "cats" / "1.png", photos / "cats" / "copy.png")
    counting.encoded = 0
    assert numbers(update(photos)) == {"added": 1, "unchanged": 12}
    assert counting.encoded == 0
    a, b, spare = photos / "cats" / "3.png", photos / "dogs" / "4.png", photos / "spare"
    a.rename(spare)
    b.rename(a)
    spare.rename(b)
    os.utime(a, (5, 5))
    os.utime(b, (6, 6))
    assert numbers(update(photos, batch_size=1)) == {"changed": 2, "unchanged": 11}
    # The log-file turn: 5 becomes 6 and a new 5 is written.
    (photos / "cats" / "5.png").rename(photos / "cats" / "z.png")
    picture(photos / "cats" / "5.png", 105)
    assert numbers(update(photos, batch_size=1)) == {"added": 1, "changed": 1, "unchanged": 12}
