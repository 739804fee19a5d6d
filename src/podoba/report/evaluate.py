"""A model evaluated on labelled images: the images are encoded, and their descriptors scored."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from podoba.arrays import Floats, Images
from podoba.errors import PodobaError, SourceError
from podoba.images.contents import Contents, Known, Shared, count_copies, count_shared, image_numbers, noting_contents
from podoba.images.record import ImageRecord, Skipped, report_skipped
from podoba.images.sources.base import ImageSource
from podoba.metrics.calibration import Reliability, expected_calibration_error, reliability, shown_chances
from podoba.metrics.evaluation import Evaluation, evaluate
from podoba.models.calibration import Calibration
from podoba.models.encoder import Encoder
from podoba.models.pipeline import encode_images
from podoba.progress import OnProgress, silent
from podoba.ranking.exact import Neighbours


@dataclass(frozen=True)
class Encoded:
    """The images of a source that could be read.

    Attributes:
        records: of the images, in the order of the source.
        contents: SHA-256 of the bytes of each.
        descriptors: float32 (n, D), unit length.
    """

    records: list[ImageRecord]
    contents: list[str]
    descriptors: Floats

    @property
    def labels(self) -> list[str | None]:
        """The class of each image; None where unknown."""
        return [record.label for record in self.records]

    @property
    def known(self) -> Known:
        """What tells an image that is here from the same one elsewhere."""
        return Known([record.id for record in self.records], self.contents)


@dataclass(frozen=True)
class ModelEvaluation:
    """The scores of a model, and the images they are of; without a gallery of its own it is that of the queries.

    Attributes:
        shared: queries that are in the gallery too, each left out of its own ranking; None without a gallery of its own.
        copies: without a gallery of its own the images that have copies among the others, left out likewise.
        calibration_error: expected calibration error of the probabilities of the nearest; None where the model was never
            calibrated, and without labels. Queries without an image of their class in the gallery count: nothing is right.
        reliability: likewise, mean probability, share that is of the query's class, and number, by bins of probability.
    """

    queries: Encoded
    gallery: Encoded
    scores: Evaluation
    shared: Shared | None = None
    copies: int = 0
    calibration_error: float | None = None
    reliability: Reliability = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba evaluate --json`, but for the model's name."""
        return {
            **self.scores.to_json(),
            "queries_in_gallery": None if self.shared is None else asdict(self.shared),
            "copies": self.copies,
            "calibration_error": self.calibration_error,
            "reliability": [list(row) for row in self.reliability],
        }


def encode_source(
    encoder: Encoder, source: ImageSource, *, skipped: list[Skipped] | None = None, on_progress: OnProgress = silent
) -> Encoded:
    """Encode the images of a source; those that cannot be read are added to `skipped`, or logged, with their reasons."""
    report_skipped(source.problems, skipped)
    records: list[ImageRecord] = []
    contents: Contents = {}
    batches = [np.empty((0, encoder.card.dim), dtype=np.float32)]
    for batch, descriptors in encode_images(noting_contents(source.records, contents), encoder, skipped):
        records.extend(batch)
        batches.append(descriptors)
        on_progress(f"encoding {source.name}", len(records), len(source))
    return Encoded(records, [contents[record.id] for record in records], np.concatenate(batches))


def evaluate_model(
    encoder: Encoder,
    queries: ImageSource,
    gallery: ImageSource | None = None,
    *,
    skipped: list[Skipped] | None = None,
    on_progress: OnProgress = silent,
) -> ModelEvaluation:
    """Encode queries and gallery, and score what the queries retrieve; no query finds itself or a copy of itself.

    Args:
        gallery: None: each query searches the others (leave-one-out).
        skipped: images that cannot be read are added to it.

    Raises:
        SourceError: too few images that can be read, or none to be found but the queries themselves.
        ModelError: the model fails on the images.
    """
    query_images = encode_source(encoder, queries, skipped=skipped, on_progress=on_progress)
    if gallery is None:
        gallery_images, shared, copies = query_images, None, count_copies(query_images.contents)
        _check_count(query_images, queries, 2)
    else:
        gallery_images, copies = encode_source(encoder, gallery, skipped=skipped, on_progress=on_progress), 0
        _check_count(query_images, queries, 1)
        _check_count(gallery_images, gallery, 1)
        shared = count_shared(query_images.known, gallery_images.known)
    numbers, gallery_numbers = image_numbers(query_images.contents, gallery_images.contents)
    if len({*numbers.tolist(), *gallery_numbers.tolist()}) == 1:
        raise SourceError(f"{queries.root}: there is nothing to find but copies of one image: name more images")
    scores = evaluate(
        query_images.descriptors,
        query_images.labels,
        gallery_images.descriptors,
        gallery_images.labels,
        images=(numbers, gallery_numbers),
        on_progress=on_progress,
    )
    found = _reliability(encoder.card.calibration, query_images, gallery_images, (numbers, gallery_numbers), scores.neighbours)
    return ModelEvaluation(query_images, gallery_images, scores, shared, copies, *found)


def _reliability(
    calibration: Calibration | None, queries: Encoded, gallery: Encoded, images: Images, neighbours: Neighbours
) -> tuple[float | None, Reliability]:
    """Error and reliability of the probabilities of the neighbours whose label is known, as is that of their query."""
    labels, found = (np.array(["" if label is None else label for label in some.labels]) for some in (queries, gallery))
    known = (neighbours.indices >= 0) & (labels != "")[:, None] & (found[neighbours.indices] != "")
    if calibration is None or not known.any():
        return None, []
    chances = shown_chances(calibration, queries.descriptors, gallery.descriptors, neighbours, images)[known]
    same = (found[neighbours.indices] == labels[:, None])[known]
    return expected_calibration_error(chances, same), reliability(chances, same)


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
