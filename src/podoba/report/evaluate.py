"""A model evaluated on labelled images: the images are encoded, and their descriptors scored."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from podoba.arrays import Floats
from podoba.errors import PodobaError, SourceError
from podoba.images.record import ImageRecord, Skipped, report_skipped
from podoba.images.sources.base import ImageSource
from podoba.metrics.evaluation import Evaluation, evaluate
from podoba.models.encoder import Encoder
from podoba.models.pipeline import encode_images
from podoba.progress import OnProgress, silent


@dataclass(frozen=True)
class Encoded:
    """The images of a source that could be read.

    Attributes:
        records: of the images, in the order of the source.
        descriptors: float32 (n, D), unit length.
    """

    records: list[ImageRecord]
    descriptors: Floats

    @property
    def labels(self) -> list[str | None]:
        """The class of each image; None where unknown."""
        return [record.label for record in self.records]


@dataclass(frozen=True)
class ModelEvaluation:
    """The scores of a model, and the images they are of; without a gallery of its own it is that of the queries."""

    queries: Encoded
    gallery: Encoded
    scores: Evaluation


def encode_source(
    encoder: Encoder, source: ImageSource, *, skipped: list[Skipped] | None = None, on_progress: OnProgress = silent
) -> Encoded:
    """Encode the images of a source; those that cannot be read are added to `skipped`, or logged, with their reasons."""
    report_skipped(source.problems, skipped)
    records: list[ImageRecord] = []
    batches = [np.empty((0, encoder.card.dim), dtype=np.float32)]
    for batch, descriptors in encode_images(source.records, encoder, skipped):
        records.extend(batch)
        batches.append(descriptors)
        on_progress(f"encoding {source.name}", len(records), len(source))
    return Encoded(records, np.concatenate(batches))


def evaluate_model(
    encoder: Encoder,
    queries: ImageSource,
    gallery: ImageSource | None = None,
    *,
    skipped: list[Skipped] | None = None,
    on_progress: OnProgress = silent,
) -> ModelEvaluation:
    """Encode queries and gallery, and score what the queries retrieve.

    Args:
        gallery: None: each query searches the others (leave-one-out).
        skipped: images that cannot be read are added to it.

    Raises:
        SourceError: too few images that can be read.
        ModelError: the model fails on the images.
    """
    query_images = encode_source(encoder, queries, skipped=skipped, on_progress=on_progress)
    if gallery is None:
        _check_count(query_images, queries, 2)
        return ModelEvaluation(query_images, query_images, evaluate(query_images.descriptors, query_images.labels))
    gallery_images = encode_source(encoder, gallery, skipped=skipped, on_progress=on_progress)
    _check_count(query_images, queries, 1)
    _check_count(gallery_images, gallery, 1)
    scores = evaluate(query_images.descriptors, query_images.labels, gallery_images.descriptors, gallery_images.labels)
    return ModelEvaluation(query_images, gallery_images, scores)


def choose_queries(text: str, ids: Sequence[str], seed: int) -> list[int]:
    """Rows of the queries that a person wants to see, in the order of the ids, or rising where drawn at random.

    Args:
        text: how many to draw, or ids with commas between; an id may begin with `id:`.
        ids: of all queries.
        seed: of the draw.

    Raises:
        PodobaError: an id that is not among the queries.
    """
    rows = {id_: row for row, id_ in enumerate(ids)}
    names = [name.strip().removeprefix("id:") for name in text.split(",")]
    unknown = [name for name in names if name not in rows]
    if not unknown:
        return [rows[name] for name in names]
    if text.isdecimal():
        drawn = np.random.default_rng(seed).choice(len(ids), min(int(text), len(ids)), replace=False)
        return [int(row) for row in np.sort(drawn)]
    raise PodobaError(f"no image of id {unknown[0]!r} among the queries: give a number, or ids with commas between")


def _check_count(images: Encoded, source: ImageSource, least: int) -> None:
    if len(images.records) < least:
        raise SourceError(
            f"{source.root}: images that can be read: {len(images.records)}, too few to evaluate with: name more images"
        )
