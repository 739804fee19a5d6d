"""What a cell of a study says of itself: how far it has come, its loss, the sources of its images."""

from typing import Any

from podoba.runs.settings_file import dotted
from podoba.study.folder import Cell, Study, Variant


def finished(study: Study) -> list[Cell]:
    """Cells that came to an end."""
    return [cell for variant in study.variants for cell in variant.cells if cell.status == "done"]


def first_finished(variant: Variant) -> Cell | None:
    """The run that stands for a variant where one must: that of its first finished seed."""
    return next((cell for cell in variant.cells if cell.status == "done"), None)


def state(cell: Cell) -> str:
    """How far a cell has come: `done`, `failed`, `pending`, or `stopped` by a search on purpose."""
    return "stopped" if cell.stopped else cell.status


def loss_name(variant: Variant) -> str:
    """The loss of a variant; empty where it has no cell or its settings name none."""
    return str(dotted(variant.cells[0].settings).get("loss.name", "")) if variant.cells else ""


def query_source(cell: Cell) -> tuple[Any, str]:
    """Source of the images that a cell was evaluated on, as its settings name it, and their part, as `open_part` takes both."""
    test, validation = cell.settings.get("test"), cell.settings.get("validation")
    if test is not None:
        return test, "test"
    return (validation, "validation") if isinstance(validation, str) else (cell.settings["train"], "train")


def source_name(source: Any) -> str:
    """A source as a person would write it; several are joined."""
    return source if isinstance(source, str) else " + ".join(str(part) for part in source)
