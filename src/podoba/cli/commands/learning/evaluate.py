"""`podoba evaluate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from podoba.cli.commands.learning.models import MODEL, open_encoder
from podoba.cli.console import meter, print_json, print_line, print_table, say, say_skipped

if TYPE_CHECKING:
    from podoba.images.record import ImageRecord
    from podoba.images.sources.base import ImageSource
    from podoba.models.encoder import Encoder


def evaluate(
    model: str = MODEL,
    test: str = typer.Argument(..., metavar="TEST", help="Labelled images that ask."),
    gallery: str | None = typer.Option(
        None, "--gallery", help="Labelled images to search among; without it each test image searches the others."
    ),
    figures: Path | None = typer.Option(
        None, "--figures", metavar="DIR", help="Draw confusion matrix, result sheet and UMAP map into this folder."
    ),
    queries: str = typer.Option(
        "8", "--queries", help="Queries of the result sheet: a number drawn at random, or ids with commas between."
    ),
    seed: int = typer.Option(0, "--seed", min=0, help="Of the random queries."),
    as_json: bool = typer.Option(False, "--json", help="Print the scores as JSON."),
) -> None:
    """Judge a model by what its descriptors retrieve.

    \b
    Examples:
      podoba evaluate runs/first photos/test --gallery photos/train
      podoba evaluate starter flowers.parquet --figures figures --queries 12
      podoba evaluate timm/resnet50 photos --json
    """
    from podoba.errors import PodobaError, require
    from podoba.images.sources.open import open_source
    from podoba.metrics.confusion import in_words
    from podoba.metrics.evaluation import evaluate as judge

    if figures is not None:  # what is missing shows before the work, not after it
        require("matplotlib", "train")
        require("umap", "train")
    asking, searched = open_source(test), None if gallery is None else open_source(gallery)
    encoder = open_encoder(model, 1)  # as `encode_images` uses it, so that a large model is in memory once
    records, asked = _encode(encoder, asking)
    pool_records, pool = (records, None) if searched is None else _encode(encoder, searched)
    least = 2 if pool is None else 1
    if len(asked) < least or len(pool_records) < least:
        place, count = (test, len(asked)) if len(asked) < least else (gallery, len(pool_records))
        raise PodobaError(f"{place}: images that can be read: {count}, too few to judge by: name more images")
    chosen = _chosen(queries, [record.id for record in records], seed) if figures is not None else []
    result = judge(asked, [r.label for r in records], pool, None if pool is None else [r.label for r in pool_records])
    if figures is not None:
        from podoba.report.figures.evaluation import evaluation_figures

        evaluation_figures(result, asked, records, pool_records, chosen, figures)
        say(f"figures: {figures}")
    if as_json:
        print_json({"model": model, **result.to_json()})
        return
    _print_scores(result.to_json())
    for line in in_words(result.confused):
        print_line(line)


def _encode(encoder: Encoder, source: ImageSource) -> tuple[list[ImageRecord], Any]:
    """The records that can be read and their descriptors (n, dim), float32; the others are named."""
    import numpy as np

    from podoba.models.pipeline import encode_images

    records: list[ImageRecord] = []
    parts: list[Any] = []
    skipped = list(source.problems)
    with meter() as show:
        for batch, descriptors in encode_images(source.records, encoder, skipped):
            records.extend(batch)
            parts.append(descriptors)
            show(f"encoding {source.name}", len(records), len(source))
    say_skipped(skipped)
    return records, np.concatenate(parts) if parts else np.empty((0, encoder.card.dim), np.float32)


def _chosen(queries: str, ids: list[str], seed: int) -> list[int]:
    """Rows of the queries to be shown. Raises `PodobaError` on an id that is not among the test images."""
    import numpy as np

    from podoba.errors import PodobaError

    place = {id_: i for i, id_ in enumerate(ids)}
    names = [name.strip().removeprefix("id:") for name in queries.split(",")]
    unknown = [name for name in names if name not in place]
    if not unknown:
        return [place[name] for name in names]
    if queries.isdecimal():
        count = min(int(queries), len(ids))
        return [int(i) for i in np.sort(np.random.default_rng(seed).choice(len(ids), count, replace=False))]
    raise PodobaError(
        f"--queries: no image of id {unknown[0]!r} among the test images: give a number, or ids with commas between"
    )


def _print_scores(scores: Mapping[str, Any]) -> None:
    rows = []
    for name, value in scores.items():
        if isinstance(value, list | dict):
            continue
        ends = scores["intervals"].get(name)
        shown = "unknown" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
        rows.append((name, shown, f"{ends[0]:.4f} to {ends[1]:.4f}" if ends else ""))
    print_table(("score", "value", "95% interval"), rows)
    if scores["knn_score"] is None:
        say("note: without labels nothing can be judged; label images by folders, or by a label column")
