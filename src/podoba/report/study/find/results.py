"""The table in the paper's form, beside the paper's own numbers where the images are the paper's."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from podoba.report.study.find.differences import flat
from podoba.report.study.read.measured import Measured, finished
from podoba.report.study.read.quantities import CIFAR10, QUANTITIES
from podoba.report.study.table import Column, Table, Value, Word
from podoba.study.folder import Cell, Variant

PAPER_ROWS = (
    "knn_score", "min_validation_loss", "min_validation_epoch", "min_training_loss", "min_training_epoch", "seconds_per_epoch",
)  # fmt: skip
FURTHER = ("recall@1", "recall@10", "map@r", "parameters", "trainable_parameters", "dim", "descriptor_bytes", "total_seconds")
GEOMETRY = ("within", "between", "ratio", "silhouette", "alignment", "uniformity")
OVERFITTING = ("gap_best", "gap_last", "relative_gap", "validation_rise")
WIDEST = 8  # variants up to which a table has a column for each

# Tables 1 and 2 of Filkinshtein and Sydorova (2020), in the order of PAPER_ROWS; CIFAR-10, VGG16, a graphics card of a notebook
# in the cloud.
PAPER: dict[tuple[str, tuple[str, ...]], tuple[float, ...]] = {
    ("cross-entropy", ()): (0.6948, 1.1055, 9, 0.7587, 19, 16),
    ("cross-entropy", ("shift-zoom-rotate",)): (0.6845, 1.0812, 21, 0.9846, 31, 18),
    ("cross-entropy", ("shift-zoom-rotate-flip",)): (0.6906, 1.0708, 27, 0.9946, 37, 21),
    ("triplet", ()): (0.6691, 0.7313, 37, 0.5531, 50, 16),
    ("triplet", ("shift-zoom-rotate",)): (0.6697, 0.7385, 44, 0.7189, 47, 16),
    ("triplet", ("shift-zoom-rotate-flip",)): (0.6672, 0.7352, 48, 0.7286, 49, 24),
}
PAPER_TEST_IMAGES = 10_000


def results_table(measured: Measured) -> Table:
    """A row a variant: the paper's columns, then further scores, sizes and times; of a search also what each trial was set to."""
    made = _by_variant(measured, "results", (*PAPER_ROWS, *FURTHER))
    search = measured.study.plan.search
    if search is None:
        return made
    columns = [Column("judged_on"), *(Column(key, 6 if _fractions(measured, key) else None, title=key) for key in search.ranges)]
    rows = [
        {**row, "judged_on": _judged_on(variant), **{key: variant.values.get(key) for key in search.ranges}}
        for row, variant in zip(made.rows, measured.study.variants, strict=True)
    ]
    return Table(made.name, [*made.columns[:2], *columns, *made.columns[2:]], rows)


def separation_table(measured: Measured) -> Table:
    """A row a variant: how far apart the descriptors of its classes lie."""
    return _by_variant(measured, "separation", GEOMETRY)


def overfitting_table(measured: Measured) -> Table:
    """A row a variant: the gap between training and validation."""
    return _by_variant(measured, "overfitting", OVERFITTING)


def unfinished_table(measured: Measured) -> Table:
    """The cells that failed or were not run yet, with the reason."""
    rows: list[Mapping[str, Value]] = [
        {"variant": variant.name, "seed": cell.seed, "status": Word(f"status.{state(cell)}"), "reason": cell.reason or ""}
        for variant in measured.study.variants
        for cell in variant.cells
        if cell.status != "done"
    ]
    return Table("unfinished", [Column(key) for key in ("variant", "seed", "status", "reason")], rows)


def state(cell: Cell) -> str:
    """How far a cell has come: `done`, `failed`, `pending`, or `stopped` by a search on purpose."""
    return "stopped" if cell.stopped else cell.status


def learning_table(measured: Measured) -> Table:
    """A row an epoch of every training, for plots of one's own."""
    rows: list[Mapping[str, Value]] = [
        {"variant": variant.name, "seed": cell.seed, "epoch": row.epoch, "training_loss": row.training_loss,
         "validation_loss": row.validation_loss, "seconds": row.seconds}
        for variant in measured.study.variants
        for cell in variant.cells
        for row in cell.history
    ]  # fmt: skip
    keys = ("variant", "seed", "epoch", "training_loss", "validation_loss", "seconds")
    return Table("learning-curves", [Column(key, title=key) for key in keys], rows)


def paper_tables(measured: Measured) -> list[Table]:
    """Tables 1 and 2 as the paper prints them: a table a loss, a column a variant; the paper's numbers beside ours."""
    by_loss: dict[str, list[Variant]] = {}
    for variant in measured.study.variants:
        if not any(cell.status == "done" for cell in variant.cells):
            continue
        loss = flat(variant.cells[0].settings).get("loss.name", "")
        by_loss.setdefault(str(loss), []).append(variant)
    for loss, variants in by_loss.items():
        if len(variants) > WIDEST:  # then only those that the paper has too, if that is few enough
            by_loss[loss] = [variant for variant in variants if is_the_papers(measured, variant) is not None]
    return [_paper_form(measured, loss, variants) for loss, variants in by_loss.items() if 0 < len(variants) <= WIDEST]


def is_the_papers(measured: Measured, variant: Variant) -> tuple[float, ...] | None:
    """The paper's numbers for a variant that was judged on the paper's CIFAR-10 test images; None for any other."""
    done = [cell for cell in variant.cells if cell.key in measured.results]
    if not done or tuple(measured.results[done[0].key].classes) != CIFAR10:
        return None
    settings = flat(done[0].settings)
    if done[0].evaluation.get("queries") != PAPER_TEST_IMAGES or done[0].evaluation.get("judged_on") != "test":
        return None
    if settings.get("head.activation") != "none":
        return None
    return PAPER.get((str(settings.get("loss.name")), _techniques(settings)))


def _paper_form(measured: Measured, loss: str, variants: Sequence[Variant]) -> Table:
    columns = [Column("quantity")]
    rows: list[dict[str, Value]] = [{"quantity": Word(f"column.{key}")} for key in PAPER_ROWS]
    for place, variant in enumerate(variants):
        paper = is_the_papers(measured, variant)
        columns.append(Column(f"ours_{place}", 4, title=variant.name))
        if paper is not None:
            columns.append(Column(f"paper_{place}", 4, title=f"{variant.name} (2020)"))
        for i, key in enumerate(PAPER_ROWS):
            rows[i][f"ours_{place}"] = measured.over_seeds(variant, key)
            if paper is not None:
                rows[i][f"paper_{place}"] = paper[i]
    return Table(f"paper-form-{loss}", columns, rows, [QUANTITIES[key].digits or 0 for key in PAPER_ROWS])


def _by_variant(measured: Measured, name: str, keys: Sequence[str]) -> Table:
    present = [
        key for key in keys if any(key in measured.values.get(c.key, {}) for v in measured.study.variants for c in v.cells)
    ]
    apart = _not_compared(measured)
    columns = [
        Column("variant"),
        Column("seeds"),
        *(Column(key, QUANTITIES[key].digits, None if key in apart else QUANTITIES[key].best) for key in present),
    ]
    rows: list[dict[str, Value]] = []
    for variant in measured.study.variants:
        row: dict[str, Value] = {"variant": variant.name, "seeds": seeds_in_words(variant)}
        row |= {key: _constant(measured, variant, key) for key in present}
        rows.append(row)
    return Table(name, columns, rows)


def _not_compared(measured: Measured) -> set[str]:
    """Quantities of which none is the best: losses where the variants' are different ones, scores on different images."""
    cells = finished(measured.study)
    found: set[str] = set()
    if len({json.dumps(cell.settings.get("loss"), sort_keys=True) for cell in cells}) > 1:
        found |= {"min_validation_loss", "min_training_loss"}
    if len({cell.evaluation.get("judged_on") for cell in cells}) > 1:
        found |= {"knn_score", "recall@1", "recall@10", "map@r"}
    return found


def _constant(measured: Measured, variant: Variant, key: str) -> Value:
    """A mean with its interval; a size that no seed changes stands alone."""
    made = measured.over_seeds(variant, key)
    return made.mean if made is not None and QUANTITIES[key].digits is None else made


def seeds_in_words(variant: Variant) -> Value:
    """How many seeds are finished, and of how many where not all are."""
    done = sum(cell.status == "done" for cell in variant.cells)
    return done if done == len(variant.cells) else Word("seeds.some", {"done": done, "all": len(variant.cells)})


def _judged_on(variant: Variant) -> Value:
    done = next((cell for cell in variant.cells if cell.status == "done"), None)
    return None if done is None else Word(f"judged.{done.evaluation.get('judged_on')}")


def _fractions(measured: Measured, key: str) -> bool:
    return any(isinstance(variant.values.get(key), float) for variant in measured.study.variants)


def _techniques(settings: Mapping[str, Any]) -> tuple[str, ...]:
    names = settings.get("augmentation.name", "none")
    return tuple(name for name in (names if isinstance(names, list) else [names]) if name != "none")
