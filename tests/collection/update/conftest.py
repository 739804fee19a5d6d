"""An encoder that counts, and updates that are checked as they are made."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.collection.collection import Collection, index_sources
from podoba.collection.storage.items import Item
from podoba.collection.update.index import IndexReport
from podoba.images.decode import load_pixels
from podoba.images.resize import PixelRule
from podoba.images.sources.open import open_source
from podoba.models.encoder import Encoder

WritePicture = Callable[..., Path]
Update = Callable[..., IndexReport]


class Counting(Encoder):
    """An encoder that remembers how many images it was given."""

    def __init__(self, encoder: Encoder) -> None:
        self.real, self.encoded = encoder, 0
        self.card, self.path, self.fingerprint = encoder.card, encoder.path, encoder.fingerprint
        self.on_one_thread, self.device = self, encoder.device

    def encode_valid(self, images: np.ndarray, batch_size: int = 32) -> tuple[np.ndarray, np.ndarray]:
        self.encoded += len(images)
        return self.real.encode_valid(images, batch_size)


@pytest.fixture
def counting(encoder: Encoder) -> Counting:
    return Counting(encoder)


@pytest.fixture
def collection(tmp_path: Path) -> Collection:
    return Collection.open(tmp_path / "photos.podoba", create=True)


@pytest.fixture
def photos(tmp_path: Path, picture: WritePicture) -> Path:
    """Twelve pictures in two classes."""
    for i in range(12):
        picture(tmp_path / "photos" / ("cats" if i % 2 else "dogs") / f"{i}.png", i)
    return tmp_path / "photos"


@pytest.fixture
def update(collection: Collection, counting: Counting) -> Update:
    """Index places; the report must add up, and the collection be sound and equal to the images."""

    def run(*places: Path, batch_size: int = 5) -> IndexReport:
        sources = [open_source(place) for place in places]
        before = len(collection)
        report = index_sources(collection, sources, counting, workers=2, batch_size=batch_size)
        records = {record.id: record for source in sources for record in source}
        bad = {row.uri for row in report.skipped}
        uris = {record.uri for record in records.values()}
        kinds = report.added + report.changed + report.moved + report.unchanged
        assert report.seen == len(records) == kinds + len(bad & uris)
        assert len(collection) <= before + report.added
        stored = {item.id: item for item in collection.items()}
        size = counting.card.input_size
        for record in records.values():
            if record.uri not in bad:
                pixels = load_pixels(record, PixelRule(size))
                np.testing.assert_allclose(
                    collection.store.descriptors.get(record.id), counting.real.encode(pixels[None])[0], atol=1e-6
                )
                assert (stored[record.id].uri, stored[record.id].label) == (record.uri, record.label)
        return report

    return run


@pytest.fixture
def own() -> Callable[[Item], dict[str, object]]:
    """Attributes that came with the image, without the date of its file."""
    return lambda item: {name: value for name, value in item.attributes.items() if name != "modified"}


@pytest.fixture
def numbers() -> Callable[[IndexReport], dict[str, int]]:
    """The counts of a report that are not zero."""

    def count(report: IndexReport) -> dict[str, int]:
        names = ("added", "changed", "moved", "vanished", "unchanged")
        counts = {name: getattr(report, name) for name in names} | {"skipped": len(report.skipped)}
        return {name: value for name, value in counts.items() if value}

    return count
