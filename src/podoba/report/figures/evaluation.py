"""The figures of an evaluation and of a search."""

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from podoba.arrays import Floats
from podoba.collection.search.results import SearchResult
from podoba.errors import PodobaError
from podoba.images.decode import decode
from podoba.images.locate import find_record
from podoba.images.record import ImageRecord
from podoba.images.split import balanced_subset
from podoba.metrics.evaluation import Evaluation
from podoba.report.figures.confusion import confusion_figure
from podoba.report.figures.maps import umap_figure
from podoba.report.figures.sheet import CELL, Tile, result_sheet

MAPPED = 3000  # images on a map; more hide each other


def evaluation_figures(
    result: Evaluation,
    descriptors: Floats,
    records: Sequence[ImageRecord],
    gallery: Sequence[ImageRecord],
    chosen: Sequence[int],
    folder: Path,
) -> None:
    """Draw `confusion.png` (where there are labels), `results.png` of the chosen queries and `umap.png` into a folder.

    Args:
        descriptors: float32 (Q, D), unit length, of the queries.
        records: the queries.
        gallery: records whose rows `result.neighbours` holds.
        chosen: rows of the queries to be shown.
    """
    folder.mkdir(parents=True, exist_ok=True)
    labels = [record.label for record in records]
    if result.classes:
        confusion_figure(result.confusion, result.classes, folder / "confusion.png")
    neighbours = result.neighbours
    rows = [
        _row(records[row], [gallery[place] for place in places[places >= 0]], neighbours.similarities[row][places >= 0])
        for row, places in zip(chosen, neighbours.indices[list(chosen)], strict=True)
    ]
    result_sheet(rows, folder / "results.png")
    drawn = balanced_subset(labels, MAPPED, 0)
    umap_figure(descriptors[drawn], [labels[i] for i in drawn], folder / "umap.png")


def _row(query: ImageRecord, hits: Sequence[ImageRecord], similarities: Floats) -> tuple[Tile, list[Tile]]:
    tiles = [
        Tile(
            picture_of(hit),
            hit.label or "",
            f"{similarity:.3f}",
            None if query.label is None or hit.label is None else hit.label == query.label,
        )
        for hit, similarity in zip(hits, similarities, strict=True)
    ]
    return Tile(picture_of(query), query.label or "", "query"), tiles


def search_sheet(result: SearchResult, path: Path) -> None:
    """Draw a search: the first image of the query, and the hits with similarity and, where known, probability.

    Raises:
        PodobaError: the query has no image, or the picture cannot be written.
    """
    if not result.query_uris:
        raise PodobaError(f"{path}: a search by a descriptor alone has no picture to draw: search with an image")
    query, tiles = find_record(result.query_uris[0]), []
    for hit in result.hits:
        chance = "" if hit.probability is None else f", {hit.probability:.0%}"
        tiles.append(Tile(picture_of(find_record(hit.uri)), hit.label or Path(hit.uri).name, f"{hit.similarity:.3f}{chance}"))
    first = Tile(picture_of(query), "query", Path(query.uri).name)
    result_sheet([(first, tiles)], path)


def picture_of(record: ImageRecord) -> Image.Image | None:
    """The picture of a record at about the size of a tile; None where it cannot be read."""
    try:
        return decode(record.open(), record.uri, CELL)
    except PodobaError:
        return None
