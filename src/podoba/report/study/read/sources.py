"""Where the pictures of a study come from: its image sources, as far as they are still there and still the same."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Indices
from podoba.cache.location import cache_dir
from podoba.errors import PodobaError
from podoba.images.sources.base import ImageSource
from podoba.images.sources.catalogue import CATALOGUE
from podoba.images.sources.open import open_part
from podoba.report.study.read.cells import query_source, source_name
from podoba.report.study.read.shown import Shown
from podoba.study.folder import Cell


class Sources:
    """The sources of what is shown, each opened once.

    Attributes:
        queries: of the test images; None where they cannot be used.
        galleries: by number, as in `Shown.gallery`.
        missing: why a source could not be used, by its name.
    """

    def __init__(self, shown: Sequence[Shown]) -> None:
        self.missing: dict[str, str] = {}
        self.queries: ImageSource | None = None
        self.galleries: dict[int, ImageSource] = {}
        self._opened: dict[str, ImageSource | None] = {}
        for one in shown:
            results = one.results
            if one is shown[0]:
                self.queries = self._matching(*query_source(one.cell), results.query_rows, results.query_labels, results.classes)
            if one.gallery not in self.galleries:
                train = one.cell.settings["train"]
                gallery = self._matching(train, "train", results.gallery_rows, results.gallery_labels, results.classes)
                if gallery is not None:
                    self.galleries[one.gallery] = gallery

    def training(self, cell: Cell) -> ImageSource | None:
        """The training images of a cell; None where they cannot be used."""
        return self._open(cell.settings["train"], "train")

    def _matching(self, spec: Any, split: str, rows: Indices, labels: Indices, classes: NDArray[np.str_]) -> ImageSource | None:
        """A source, unless its images are no longer those of these rows and labels."""
        source = self._open(spec, split)
        if source is not None and not _has(source, rows, labels, classes):
            self.missing[source_name(spec)] = f"{source_name(spec)} holds other images now than when the study was run"
            return None
        return source

    def _open(self, spec: Any, split: str) -> ImageSource | None:
        key = f"{source_name(spec)} {split}"
        if key not in self._opened:
            try:
                self._opened[key] = _open(spec, split)
            except PodobaError as error:
                self.missing[source_name(spec)] = str(error)
                self._opened[key] = None
        return self._opened[key]


def _open(spec: Any, split: str) -> ImageSource:
    for part in [spec] if isinstance(spec, str) else spec:
        name = str(part).partition(":")[0]
        # A page is drawn from what is here: nothing is downloaded for its pictures.
        here = Path(part).expanduser().exists() or (cache_dir() / "sets" / name).is_dir()
        if not here and name in CATALOGUE and CATALOGUE[name].files:
            raise PodobaError(f"{part} is no longer in the cache")
    return open_part(spec, split)


def _has(source: ImageSource, rows: Indices, labels: Indices, classes: NDArray[np.str_]) -> bool:
    """Whether the source has these rows, with these labels where they are known."""
    if len(rows) and int(rows.max()) >= len(source):
        return False
    names = [str(name) for name in classes]
    return all(
        label < 0 or source.records[row].label == names[label] for row, label in zip(rows.tolist(), labels.tolist(), strict=True)
    )
