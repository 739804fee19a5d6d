"""A model evaluated by a ground truth of instances, such as Oxford and Paris: query boxes, junk images, mAP by difficulty."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.errors import SourceError, UnreadableImage
from podoba.images.contents import Contents, Known, Shared, count_shared, image_numbers, noting_contents
from podoba.images.decode import load_pixels
from podoba.images.record import ImageRecord, Skipped
from podoba.images.sources.base import ImageSource
from podoba.metrics.ground_truth import GroundTruth, Query
from podoba.metrics.revisited import Scores, score_instances
from podoba.models.encoder import NO_DESCRIPTOR, Encoder
from podoba.models.pipeline import encode_rows
from podoba.progress import OnProgress, silent
from podoba.report.evaluate import encode_source


@dataclass(frozen=True)
class InstanceEvaluation:
    """The scores of a model by a ground truth.

    Attributes:
        protocol: `original` or `revisited`.
        queries, gallery: how many images searched, and how many were searched among.
        dim: numbers of a descriptor.
        shared: queries whose whole image is in the gallery.
        scores: `map` and `mp@k` of each difficulty.
    """

    protocol: str
    queries: int
    gallery: int
    dim: int
    shared: Shared
    scores: Scores

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba evaluate --protocol revisited --json`, but for the model's name: `map_easy`, `mp@10_easy` ...

        The original protocol knows one difficulty: `map`, `mp@10` ...
        """
        return {
            "protocol": self.protocol,
            "queries": self.queries,
            "gallery": self.gallery,
            "dim": self.dim,
            "queries_in_gallery": asdict(self.shared),
            **{
                name if difficulty == "original" else f"{name}_{difficulty}": value
                for difficulty, values in self.scores.items()
                for name, value in values.items()
            },
        }


def evaluate_instances(
    encoder: Encoder,
    queries: ImageSource,
    gallery: ImageSource,
    truth: GroundTruth,
    *,
    skipped: list[Skipped] | None = None,
    on_progress: OnProgress = silent,
) -> InstanceEvaluation:
    """Encode the boxes of the queries and the whole gallery, and score the rankings as the ground truth says.

    Images are known by their file names without ending.

    Args:
        queries: a source that has all query images, perhaps among others.
        gallery: likewise of gallery images; searched are those that the ground truth lists as the gallery, or else all.
        skipped: gallery images that cannot be read are added to it.

    Raises:
        SourceError: a query image, or a gallery image that the ground truth names, is missing or cannot be read.
        UnreadableImage: a query image that cannot be read.
    """
    query_rows = _rows_by_name(queries, [query.name for query in truth.queries], "query images")
    named = {name for query in truth.queries for names in query.lists.values() for name in names}
    listed = truth.gallery if truth.gallery is not None else sorted(named)
    listed_rows = _rows_by_name(gallery, listed, "gallery images")
    searched = gallery if truth.gallery is None else gallery.subset(listed_rows)
    contents: Contents = {}
    records = list(noting_contents([queries.records[row] for row in query_rows], contents))
    query_descriptors = _encode_boxes(encoder, records, truth, on_progress)
    images = encode_source(encoder, searched, skipped=skipped, on_progress=on_progress)
    names = [_name(record) for record in images.records]
    unread = sorted(named - set(names))
    if unread:
        raise SourceError(
            f"{gallery.root}: {len(unread)} images of the ground truth cannot be read, the first {unread[0]}: get them once more"
        )
    asked = Known([record.id for record in records], [contents[record.id] for record in records])
    numbers, gallery_numbers = image_numbers(asked.contents, images.contents)
    scores = score_instances(query_descriptors, images.descriptors, names, truth, images=(numbers, gallery_numbers))
    shared = count_shared(asked, images.known)
    return InstanceEvaluation(truth.protocol, len(truth.queries), len(names), encoder.card.dim, shared, scores)


def _encode_boxes(encoder: Encoder, records: Sequence[ImageRecord], truth: GroundTruth, on_progress: OnProgress) -> Floats:
    """Descriptors, float32 (Q, D), of the boxes of the query images."""
    rule = encoder.card.pixels

    def read(row: tuple[ImageRecord, Query]) -> tuple[str, NDArray[np.uint8]]:
        left, top, right, bottom = row[1].box
        return row[1].name, load_pixels(row[0], rule, (left, top, right - left, bottom - top))

    def without(name: str) -> str:
        raise UnreadableImage(name, NO_DESCRIPTOR)

    descriptors: list[Floats] = []
    for batch in encode_rows(zip(records, truth.queries, strict=True), read, encoder, without):
        descriptors.extend(descriptor for _, descriptor in batch if descriptor is not None)
        on_progress("encoding queries", len(descriptors), len(records))
    return np.stack(descriptors)


def _rows_by_name(source: ImageSource, names: Sequence[str], kind: str) -> list[int]:
    """Where the images of these names stand in a source. Raises `SourceError` where one is missing, or two are called so."""
    rows: dict[str, list[int]] = {name: [] for name in names}
    for row, record in enumerate(source.records):
        name = _name(record)
        if name in rows:
            rows[name].append(row)
    missing = [name for name, places in rows.items() if not places]
    if missing:
        raise SourceError(
            f"{source.root}: {len(missing)} of the {len(rows)} {kind} of the ground truth are not there, the first {missing[0]}: "
            "name a source that has them all"
        )
    twice = [name for name, places in rows.items() if len(places) > 1]
    if twice:
        raise SourceError(
            f"{source.root}: {len(rows[twice[0]])} images are called {twice[0]}: name a source that has one of each"
        )
    return [rows[name][0] for name in names]


def _name(record: ImageRecord) -> str:
    return Path(record.uri).stem
