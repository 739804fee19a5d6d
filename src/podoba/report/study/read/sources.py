"""Where the pictures of a study come from: its image sources, as far as they are still there and still the same."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.cache.location import cache_dir
from podoba.errors import PodobaError
from podoba.images.sources.base import ImageSource
from podoba.images.sources.catalogue import CATALOGUE
from podoba.images.sources.open import open_source
from podoba.report.study.read.measured import Shown
from podoba.study.folder import Cell


class Sources:
    """The sources of what is shown, each opened once.

    Attributes:
        queries: of the test images; None where they are gone.
        galleries: by number, as in `Shown.gallery`.
        missing: why a source could not be used, by its name.
    """

    def __init__(self, shown: Sequence[Shown]) -> None:
        self.missing: dict[str, str] = {}
        self.queries: ImageSource | None = None
        self.galleries: dict[int, ImageSource] = {}
        self._opened: dict[str, ImageSource | None] = {}
        for one in shown:
            judged = one.judged
            if one is shown[0]:
                self.queries = self._matching(*_queries(one.cell), judged.query_rows, judged.query_labels, judged.classes)
            if one.gallery not in self.galleries:
                source = self._matching(
                    one.cell.settings["train"], "train", judged.gallery_rows, judged.gallery_labels, judged.classes
                )
                if source is not None:
                    self.galleries[one.gallery] = source

    def training(self, cell: Cell) -> ImageSource | None:
        """The training images of a cell; None where they are gone."""
        return self._open(cell.settings["train"], "train")

    def _matching(
        self, spec: Any, split: str | None, rows: NDArray[np.int64], labels: NDArray[np.int64], classes: NDArray[np.str_]
    ) -> ImageSource | None:
        """A source, unless its images are no longer those of these rows and labels."""
        source = self._open(spec, split)
        if source is None:
            return None
        sound = len(rows) == 0 or int(rows.max()) < len(source)
        if sound:
            names = [str(name) for name in classes]
            for row, label in zip(rows.tolist(), labels.tolist(), strict=True):
                if label >= 0 and source.records[row].label != names[label]:
                    sound = False
                    break
        if not sound:
            self.missing[_name(spec)] = f"{_name(spec)} holds other images now than when the study was run"
            return None
        return source

    def _open(self, spec: Any, split: str | None) -> ImageSource | None:
        key = f"{_name(spec)} {split}"
        if key not in self._opened:
            try:
                self._opened[key] = _open(spec, split)
            except PodobaError as error:
                self.missing[_name(spec)] = str(error)
                self._opened[key] = None
        return self._opened[key]


def _queries(cell: Cell) -> tuple[Any, str | None]:
    """Source and split of the images a cell was judged on."""
    if cell.settings.get("test") is not None:
        return cell.settings["test"], "test"
    validation = cell.settings.get("validation")
    return (validation, None) if isinstance(validation, str) else (cell.settings["train"], "train")


def _open(spec: Any, split: str | None) -> ImageSource:
    for one in [spec] if isinstance(spec, str) else spec:
        name = str(one).partition(":")[0]
        # A page is drawn from what is here: nothing is downloaded for its pictures.
        here = Path(one).expanduser().exists() or (cache_dir() / "sets" / name).is_dir()
        if not here and name in CATALOGUE and CATALOGUE[name].files:
            raise PodobaError(f"{one} is no longer in the cache")
    source = open_source(spec)
    rows = [i for i, record in enumerate(source.records) if split is not None and record.split == split]
    return source.subset(rows) if rows else source


def _name(spec: Any) -> str:
    return spec if isinstance(spec, str) else " + ".join(str(one) for one in spec)
