"""`podoba evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from podoba.cli.console import meter, print_json, results, say

if TYPE_CHECKING:
    from podoba.images.record import ImageRecord
    from podoba.images.source import ImageSource
    from podoba.models.encoder import Encoder


def evaluate(
    model: str = typer.Argument(
        ..., metavar="MODEL", help="starter, a run folder, an .onnx file, timm/<name>, hf:<owner>/<repo>."
    ),
    test: str = typer.Argument(..., metavar="TEST", help="Labelled images that ask."),
    gallery: str | None = typer.Option(
        None, "--gallery", help="Labelled images to search among; without it each test image searches the others."
    ),
    figures: Path | None = typer.Option(
        None, "--figures", help="Draw confusion matrix, result sheet and UMAP map into this folder."
    ),
    queries: str = typer.Option(
        "8", "--queries", help="Queries of the result sheet: a number drawn at random, or ids with commas between."
    ),
    seed: int = typer.Option(0, "--seed", help="Of the random queries."),
    as_json: bool = typer.Option(False, "--json", help="Print the scores as JSON."),
) -> None:
    """Judge a model by what its descriptors retrieve.

    Examples:

      podoba evaluate runs/first photos/test --gallery photos/train

      podoba evaluate starter flowers --figures figures
    """
    from podoba.errors import PodobaError
    from podoba.evaluate.confusion import in_words
    from podoba.evaluate.evaluation import evaluate as judge
    from podoba.images.source import open_source
    from podoba.models.names import open_model

    encoder = open_model(model)
    records, asked = _encode(encoder, open_source(test))
    pool_records, pool = (records, None) if gallery is None else _encode(encoder, open_source(gallery))
    if len(asked) < (2 if pool is None else 1):
        raise PodobaError(f"{test}: {len(asked)} images can be read, too few to judge by: name more images")
    result = judge(asked, [r.label for r in records], pool, None if pool is None else [r.label for r in pool_records])
    if figures is not None:
        from podoba.report.evaluation import evaluation_figures

        chosen = _chosen(queries, [r.id for r in records], seed)
        evaluation_figures(result, asked, records, pool_records, chosen, figures)
        say(f"figures: {figures}")
    if as_json:
        print_json({"model": model, **result.to_json()})
        return
    _print(result.to_json())
    for line in in_words(result.confused):
        results().print(line)


def _encode(encoder: Encoder, source: ImageSource) -> tuple[list[ImageRecord], Any]:
    import numpy as np

    records: list[ImageRecord] = []
    parts: list[Any] = []
    skipped = list(source.problems)
    with meter() as show:
        for batch, descriptors in encoder.encode_source(source.records, skipped):
            records.extend(batch)
            parts.append(descriptors)
            show(f"encoding {source.name}", len(records), len(source))
    for row in skipped:
        say(f"skipped: {row.uri}: {row.reason}")
    return records, np.concatenate(parts) if parts else np.empty((0, encoder.card.dim), np.float32)


def _chosen(queries: str, ids: list[str], seed: int) -> list[int]:
    import numpy as np

    from podoba.errors import PodobaError

    if queries.isdigit():
        count = min(int(queries), len(ids))
        return [int(i) for i in np.sort(np.random.default_rng(seed).choice(len(ids), count, replace=False))]
    place = {id_: i for i, id_ in enumerate(ids)}
    names = [name.strip() for name in queries.split(",")]
    unknown = [name for name in names if name not in place]
    if unknown:
        raise PodobaError(
            f"--queries: no image of id {unknown[0]!r} among the test images: give a number, or ids with commas between"
        )
    return [place[name] for name in names]


def _print(scores: dict[str, Any]) -> None:
    from rich.table import Table

    table = Table("metric", "value", "95% interval")
    for name, value in scores.items():
        if isinstance(value, list | dict):
            continue
        low_high = scores["intervals"].get(name)
        shown = "unknown: no labels" if value is None else f"{value:.4f}" if isinstance(value, float) else str(value)
        table.add_row(name, shown, f"{low_high[0]:.4f} to {low_high[1]:.4f}" if low_high else "")
    results().print(table)
