"""Learning curves of all cells of a study."""

from typing import Any

from podoba.report.study.read.measured import Measured

DIGITS = 5


def curves(measured: Measured) -> list[dict[str, Any]]:
    """A line a cell that has finished an epoch: its variant, its losses by epoch, its best epoch and the gap there."""
    lines = []
    for place, variant in enumerate(measured.study.variants):
        for cell in variant.cells:
            if not cell.history:
                continue
            validated = [(row.epoch, row.validation_loss) for row in cell.history if row.validation_loss is not None]
            best = min(validated, key=lambda pair: pair[1])[0] if validated else None
            values = measured.values.get(cell.key, {})
            lines.append(
                {
                    "variant": place,
                    "seed": cell.seed,
                    "done": cell.status == "done",
                    "epochs": [row.epoch for row in cell.history],
                    "training": [_short(row.training_loss) for row in cell.history],
                    "validation": [_short(row.validation_loss) for row in cell.history],
                    "best": best,
                    "gap_best": _short(values.get("gap_best")),
                    "gap_last": _short(values.get("gap_last")),
                }
            )
    return lines


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.{DIGITS}g}")
