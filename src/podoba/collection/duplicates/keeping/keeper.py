"""Which of several copies is kept, and why: what has most in it, not what takes most room."""

from collections.abc import Collection as Group
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from podoba.cache.content import ContentCache
from podoba.collection.duplicates.companions import Companions
from podoba.collection.duplicates.confirm import Link
from podoba.collection.duplicates.keeping.measure import Measured, measure
from podoba.collection.duplicates.keeping.rules import Rule, known_places, parse_rules, pixels, written
from podoba.collection.duplicates.results import SAME
from podoba.collection.duplicates.same_file import Places
from podoba.collection.storage.items import Item
from podoba.collection.storage.store import Store
from podoba.images.compare.pixel_similarity import Pixels
from podoba.parallel import ahead
from podoba.progress import OnProgress

LOSSLESS = ("PNG", "TIFF", "BMP", "PPM", "TGA")
FILE = "keepers.sqlite"
LARGEST = 64 << 20  # bytes of that file: some 300,000 pairs
EQUALS, WITH_COMPANIONS = "the first of equals", "with the files that belong to it"


@dataclass(frozen=True)
class KeepSettings:
    """What counts as less than another copy.

    Attributes:
        grey: levels of colour, as a share of those of the most colourful copy, up to which a copy lost its colours.
        coloured: levels of colour from which a picture has some.
        detail: detail, as a share of the most that a copy has, from which two copies show as much.
        largest: pixels up to which files are read to be measured.
    """

    grey: float = 0.25
    coloured: float = 4.0
    detail: float = 0.8
    largest: int = 60_000_000


@dataclass(frozen=True)
class Wishes:
    """What a person wants to be kept.

    Attributes:
        references: whatever lies there, before all others.
        rules: by these, in their order, after what was decided.
        companions: what belongs to pictures by its name, which is better kept than torn apart.
        decided: whether it was decided to stay, by id and `Item.picture`; what was decided to go comes last.
    """

    references: Places = field(default_factory=Places)
    rules: Sequence[Rule] = ()
    companions: Companions = field(default_factory=Companions, compare=False)
    decided: Mapping[tuple[str, str], bool] = field(default_factory=dict)

    @classmethod
    def of(cls, store: Store, references: Sequence[str], rules: Sequence[str]) -> "Wishes":
        """By the names of folders and rules. Raises `CollectionError`: unknown ones."""
        places = known_places(store, references)
        decided = {(item.id, item.picture): item.kept for decision in store.decisions.select() for item in decision.items}
        return cls(Places([str(path) for place in places for path in place.paths]), parse_rules(store, rules), decided=decided)

    def key(self, item: Item) -> tuple[tuple[float, ...], ...]:
        """What sorts the items that are kept rather to the front: by references, by what was decided, then by each rule."""
        kept = self.decided.get((item.id, item.picture))
        decided = 0.5 if kept is None else float(not kept)
        return (float(not self.references.hold(item.uri)),), (decided,), *(rule.key(item) for rule in self.rules)

    @property
    def words(self) -> tuple[str, ...]:
        """What each part of the key says."""
        return "in a reference folder", "as was decided", *(rule.words for rule in self.rules)


def order_of_twins(item: Item, wishes: Wishes) -> tuple[tuple[float, ...], ...]:
    """A key that sorts items of the same bytes: as is wished, then those with companions, then those written first."""
    return *wishes.key(item), (float(not wishes.companions.has(item.uri)),), written(item)


def why_among_twins(keep: Item, others: Sequence[Item], wishes: Wishes) -> str:
    """Why one of several files of the same bytes is kept."""
    keys = [order_of_twins(item, wishes) for item in (keep, *others)]
    return _first_difference(keys[0], keys[1:], (*wishes.words, WITH_COMPANIONS, "earliest"))


class Keepers:
    """Chooses among images; their rows are those of `items` and `small`."""

    def __init__(
        self, items: Sequence[Item], small: Pixels, wishes: Wishes, folder: Path, settings: KeepSettings | None = None
    ) -> None:
        """A chooser.

        Args:
            small: uint8 (n, 32, 32, 3), the images as small squares.
            folder: of the cache, where what is read of files is kept.
        """
        self.items, self.small, self.wishes = items, small, wishes
        self.settings = settings or KeepSettings()
        self._cache = ContentCache(folder / FILE, LARGEST)
        self._details: dict[int, float] = {}
        self._made: dict[int, set[int]] = {}  # a row -> the rows it was made from

    def measure(self, links: Sequence[Link], workers: int | None = None, on_progress: OnProgress | None = None) -> None:
        """Read the files of linked pairs that are the same picture, where nothing else tells which of them is better."""
        pairs = [(link.first, link.second) for link in links if link.kind == SAME and self._undecided(link.first, link.second)]
        read = partial(_measure, self.items, self._cache)
        for done, ((first, second), found) in enumerate(zip(pairs, ahead(pairs, read, workers), strict=True), 1):
            if found is not None:
                self._note(first, second, found)
            if on_progress is not None and (done % 100 == 0 or done == len(pairs)):
                on_progress("weighing copies", done, len(pairs))

    def best_of(self, rows: Group[int]) -> int:
        """The row that is kept of these."""
        keys = self._keys(rows)
        return min(keys, key=lambda row: (keys[row], row))

    def why(self, keep: int, others: Sequence[int]) -> str:
        """The first thing in which the one that is kept is more than one of the others."""
        keys, item = self._keys([keep, *others]), self.items[keep]
        size = f"{item.width}x{item.height}"
        camera = f"as the camera wrote it ({item.attributes.get('camera')})"
        reference, decided, *rules = self.wishes.words
        words = (
            reference, decided, "in colour", *rules, f"most detail, {size}", camera, "the other was made from it",
            WITH_COMPANIONS, "earliest", f"most pixels, {size}", f"lossless {item.format}", "most bytes",
        )  # fmt: skip
        return _first_difference(keys[keep], [keys[row] for row in others], words)

    def _keys(self, rows: Group[int]) -> dict[int, tuple[tuple[float, ...], ...]]:
        colours = {row: _colour(self.small[row]) for row in rows}
        most_colour = max(colours.values())
        keys: dict[int, tuple[tuple[float, ...], ...]] = {}
        for row in rows:
            item = self.items[row]
            reference, decided, *rules = self.wishes.key(item)
            grey = most_colour >= self.settings.coloured and colours[row] < self.settings.grey * most_colour
            remade = not self._made.get(row, set()).isdisjoint(rows)
            alone = not self.wishes.companions.has(item.uri)
            measured = [(float(fact),) for fact in (self._shows_less(row, rows), not _of_a_camera(item), remade, alone)]
            last = [(float(fact),) for fact in (-pixels(item), item.format not in LOSSLESS, -item.size)]
            keys[row] = (reference, decided, (float(grey),), *rules, *measured, written(item), *last)
        return keys

    def _shows_less(self, row: int, rows: Group[int]) -> bool:
        """Whether another, of more pixels, shows more. A smaller one never shows more: its noise may only look like detail."""
        own, size = self._detail(row), pixels(self.items[row])
        for other in rows:
            if pixels(self.items[other]) > size:
                both = row in self._details and other in self._details
                if own < (self.settings.detail if both else 1.0) * self._detail(other):
                    return True
        return False

    def _detail(self, row: int) -> float:
        return self._details.get(row, float(max(self.items[row].width, self.items[row].height)))

    def _undecided(self, first: int, second: int) -> bool:
        one, other = self.items[first], self.items[second]
        if self.wishes.key(one) != self.wishes.key(other) or max(pixels(one), pixels(other)) > self.settings.largest:
            return False
        if pixels(one) != pixels(other):
            return not _of_a_camera(max(one, other, key=pixels)) or _of_a_camera(min(one, other, key=pixels))
        return _of_a_camera(one) == _of_a_camera(other)

    def _note(self, first: int, second: int, found: Measured) -> None:
        if found.details is not None:
            self._details |= dict(zip((first, second), found.details, strict=True))
        if found.remade is not None:
            made, source = (first, second) if found.remade == 0 else (second, first)
            self._made.setdefault(made, set()).add(source)


def _measure(items: Sequence[Item], cache: ContentCache, pair: tuple[int, int]) -> Measured | None:
    return measure(items[pair[0]], items[pair[1]], cache)


def _of_a_camera(item: Item) -> bool:
    """Whether it still says with what and when it was taken."""
    return bool(item.attributes.get("camera") and item.attributes.get("taken"))


def _colour(pixels: Pixels) -> float:
    """How far the three colours are apart on average, in levels."""
    return float(np.ptp(pixels, axis=-1).mean())


def _first_difference(
    ours: Sequence[tuple[float, ...]], theirs: Sequence[Sequence[tuple[float, ...]]], words: Sequence[str]
) -> str:
    for place, word in enumerate(words):
        if any(other[place] != ours[place] for other in theirs):
            return f"kept: {word}"
    return f"kept: {EQUALS}"
