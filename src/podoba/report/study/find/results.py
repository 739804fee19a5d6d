"""Tables of the numbers of a study: scores, sizes and times, separation, overfitting, and what is not finished."""

import json
from collections.abc import Mapping, Sequence

from podoba.report.study.read.cells import finished, first_finished, state
from podoba.report.study.read.measured import Measured
from podoba.report.study.read.quantities import QUANTITIES
from podoba.report.study.table import Column, Table, Value, Word
from podoba.study.folder import Variant

SCORES = (
    "knn_score", "min_validation_loss", "min_validation_epoch", "min_training_loss", "min_training_epoch", "seconds_per_epoch",
    "recall@1", "recall@10", "map@r", "parameters", "trainable_parameters", "dim", "descriptor_bytes", "total_seconds",
)  # fmt: skip
GEOMETRY = ("within", "between", "ratio", "silhouette", "alignment", "uniformity")
OVERFITTING = ("gap_best", "gap_last", "relative_gap", "validation_rise")


def results_table(measured: Measured) -> Table:
    """A row a variant: scores, losses, sizes and times; of a search also what each trial was set to."""
    table = table_by_variant(measured, "results", SCORES)
    search = measured.study.plan.search
    if search is None:
        return table
    columns = [Column("judged_on"), *(Column(key, 6 if _fractions(measured, key) else None, title=key) for key in search.ranges)]
    rows = [
        {**row, "judged_on": _evaluated_on(variant), **{key: variant.values.get(key) for key in search.ranges}}
        for row, variant in zip(table.rows, measured.study.variants, strict=True)
    ]
    return Table(table.name, [*table.columns[:2], *columns, *table.columns[2:]], rows)


def unfinished_table(measured: Measured) -> Table:
    """The cells that failed or were not run yet, with the reason."""
    rows: list[Mapping[str, Value]] = [
        {"variant": variant.name, "seed": cell.seed, "status": Word(f"status.{state(cell)}"), "reason": cell.reason or ""}
        for variant in measured.study.variants
        for cell in variant.cells
        if cell.status != "done"
    ]
    return Table("unfinished", [Column(key) for key in ("variant", "seed", "status", "reason")], rows)


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


def table_by_variant(measured: Measured, name: str, keys: Sequence[str]) -> Table:
    """A row a variant: means of those of the quantities that any run has."""
    present = [key for key in keys if any(key in values for values in measured.values.values())]
    incomparable = _incomparable(measured)
    columns = [
        Column("variant"),
        Column("seeds"),
        *(Column(key, QUANTITIES[key].digits, None if key in incomparable else QUANTITIES[key].best) for key in present),
    ]
    rows: list[dict[str, Value]] = []
    for variant in measured.study.variants:
        row: dict[str, Value] = {"variant": variant.name, "seeds": _seeds_in_words(variant)}
        row |= {key: _mean(measured, variant, key) for key in present}
        rows.append(row)
    return Table(name, columns, rows)


def _incomparable(measured: Measured) -> set[str]:
    """Quantities of which none is the best: losses where the variants' are different ones, scores on different images."""
    cells = finished(measured.study)
    keys: set[str] = set()
    if len({json.dumps(cell.settings.get("loss"), sort_keys=True) for cell in cells}) > 1:
        keys |= {"min_validation_loss", "min_training_loss"}
    if len({cell.evaluation.get("judged_on") for cell in cells}) > 1:
        keys |= {"knn_score", "recall@1", "recall@10", "map@r"}
    return keys


def _mean(measured: Measured, variant: Variant, key: str) -> Value:
    """A mean with its interval; a size that no seed changes stands alone."""
    mean = measured.over_seeds(variant, key)
    return mean.mean if mean is not None and QUANTITIES[key].digits is None else mean


def _seeds_in_words(variant: Variant) -> Value:
    """How many seeds are finished, and of how many where not all are."""
    done = sum(cell.status == "done" for cell in variant.cells)
    return done if done == len(variant.cells) else Word("seeds.some", {"done": done, "all": len(variant.cells)})


def _evaluated_on(variant: Variant) -> Value:
    cell = first_finished(variant)
    return None if cell is None else Word(f"evaluated_on.{cell.evaluation.get('judged_on')}")


def _fractions(measured: Measured, key: str) -> bool:
    return any(isinstance(variant.values.get(key), float) for variant in measured.study.variants)
