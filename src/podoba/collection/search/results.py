"""Results of a search, as objects, as tables and as images."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.collection.search.page import STYLE, Figure, figures_html, whole_page
from podoba.collection.storage.items import ItemName, Size
from podoba.files import csv_text, shown, write_text

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

DIGITS = 6
COLUMNS = ("rank", "id", "uri", "label", "similarity", "probability", "score")


@dataclass(frozen=True)
class Hit:
    """One result.

    Attributes:
        similarity: cosine to the query, in [-1, 1], to six digits behind the point: float32 has no more.
        probability: calibrated chance that it is of the query's kind (of several wanted images: the mean over them); None where
            the model was never calibrated, and for words.
        score: for words, by how many standard deviations the similarity lies above its mean over the collection; else None.
    """

    rank: int
    id: str
    uri: str
    label: str | None
    similarity: float
    probability: float | None
    score: float | None = None


def hits_of(
    names: Sequence[ItemName],
    similarities: Floats,
    probabilities: NDArray[np.float64] | None,
    scores: NDArray[np.float64] | None = None,
) -> list[Hit]:
    """Items in their order with their similarities (n,), and where known their probabilities (n,) and scores (n,)."""
    cosines = np.clip(similarities, -1, 1).tolist()  # products of descriptors leave [-1, 1] by a rounding
    chances = [None] * len(names) if probabilities is None else probabilities.tolist()
    standing = [None] * len(names) if scores is None else scores.round(DIGITS).tolist()
    return [
        Hit(rank, *name, round(cosine, DIGITS), chance, score)
        for rank, (name, cosine, chance, score) in enumerate(zip(names, cosines, chances, standing, strict=True), 1)
    ]


@dataclass(frozen=True)
class SearchResult:
    """The hits of a query in their order: most similar first, unless they were re-ranked or made diverse.

    Attributes:
        query: in words.
        exact: whether no better item can have been missed.
        query_uris: of the images of the query; those of descriptors and of images in memory are missing.
        marks: how many marked items the order was learned from; None without feedback.
        itself: the items that are an image of the query, at the same place or of the same bytes; hits only where that was asked.
        sizes: width and height of the hits.
    """

    query: str
    hits: list[Hit]
    exact: bool
    seconds: float
    query_uris: list[str] = field(default_factory=list, compare=False)
    marks: int | None = None
    itself: list[ItemName] = field(default_factory=list)
    sizes: list[Size] = field(default_factory=list, compare=False)

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba search --json`."""
        hits = [asdict(hit) | {"uri": shown(hit.uri)} for hit in self.hits]
        marks = {} if self.marks is None else {"marks": self.marks}
        itself = [name._asdict() | {"uri": shown(name.uri)} for name in self.itself]
        return {
            "query": shown(self.query), "hits": hits, "itself": itself, "exact": self.exact, "seconds": self.seconds, **marks
        }  # fmt: skip

    def to_csv(self) -> str:
        """A line a hit, after one with the names of the columns."""
        return csv_text(COLUMNS, [[getattr(hit, name) for name in COLUMNS] for hit in self.hits])

    def to_arrow(self) -> pa.Table:
        """A row a hit: rank, id, uri, label, similarity, probability, score."""
        import pyarrow as pa

        kinds = (pa.int64(), pa.string(), pa.string(), pa.string(), pa.float64(), pa.float64(), pa.float64())
        rows = [asdict(hit) | {"uri": shown(hit.uri)} for hit in self.hits]
        columns = [pa.array([row[name] for row in rows], type=kind) for name, kind in zip(COLUMNS, kinds, strict=True)]
        return pa.table(columns, names=list(COLUMNS))

    def to_pandas(self) -> pd.DataFrame:
        """As `to_arrow`, for pandas. Raises `MissingExtra` where pandas is not installed."""
        from podoba.errors import require

        require("pandas", "notebook")
        frame: pd.DataFrame = self.to_arrow().to_pandas()
        return frame

    def _repr_html_(self) -> str:
        """The pictures themselves, in a notebook."""
        return f"<style>{STYLE}</style>{self._figures()}"

    def to_page(self) -> str:
        """The same as a whole HTML page."""
        return whole_page(f"podoba: {self.query}", self._figures())

    def write_page(self, path: Path) -> None:
        """Write `to_page` into a file. Raises `OSError`."""
        write_text(path, self.to_page())

    def _figures(self) -> str:
        figures = [Figure(uri, ["query"], marked=True) for uri in self.query_uris] + [
            Figure(hit.uri, lines_of(hit, any(name.id == hit.id for name in self.itself))) for hit in self.hits
        ]
        return figures_html(figures, "" if self.hits else "nothing similar was found")


def lines_of(hit: Hit, itself: bool) -> list[str]:
    """What stands below a hit on a page."""
    chance = "" if hit.probability is None else f", probability {hit.probability:.0%}"
    label = [] if hit.label is None else [hit.label]
    score = "" if hit.score is None else f", score {hit.score:.1f}"
    return [f"{hit.rank}. similarity {hit.similarity:.3f}{chance}{score}", *label, *(["itself"] if itself else [])]
