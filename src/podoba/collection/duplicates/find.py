"""Groups of images that are one picture, or nearly so, each with the copy that is best kept."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import PurePath
from typing import Any

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.duplicates.pairs import IDENTICAL, KINDS, STRANGER, Link, Looks, candidate_pairs, judge_pairs
from podoba.collection.duplicates.small_images import small_pictures
from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.collection.storage.items import Item
from podoba.errors import CollectionError
from podoba.files import csv_text, shown
from podoba.images.record import Skipped
from podoba.images.sources.base import located
from podoba.progress import OnProgress

LOSSLESS = ("PNG", "TIFF", "BMP", "PPM", "TGA")


@dataclass(frozen=True)
class Copy:
    """An image of a group.

    Attributes:
        reason: what it is to the best one, or why that one is kept.
        kept: whether it stays where it is: the best one, and all that lie in a reference.
    """

    item: Item
    reason: str
    kind: str
    kept: bool = False


@dataclass(frozen=True)
class Group:
    """Images of one picture.

    Attributes:
        kind: the loosest of what the copies are to the one that is kept, a word of `KINDS`.
        keep: the best copy.
        copies: all others, each confirmed against it.
    """

    kind: str
    keep: Copy
    copies: list[Copy]


@dataclass
class Duplicates:
    """What was found. `skipped`: images that could not be looked at."""

    groups: list[Group]
    skipped: list[Skipped] = field(default_factory=list)
    seconds: float = 0.0

    def to_json(self) -> dict[str, Any]:
        """The keys of `podoba duplicates --json`."""
        groups = [
            {
                "kind": group.kind,
                "keep": group.keep.item.id,
                "items": [
                    {
                        "id": copy.item.id,
                        "uri": shown(copy.item.uri),
                        "kind": copy.kind,
                        "reason": shown(copy.reason),
                        "kept": copy.kept,
                    }
                    for copy in [group.keep, *group.copies]
                ],
            }
            for group in self.groups
        ]
        skipped = [{"uri": shown(row.uri), "reason": shown(row.reason)} for row in self.skipped]
        return {"groups": groups, "skipped": skipped, "seconds": self.seconds}

    def to_csv(self) -> str:
        """A line an image, the one that is kept first in its group, after a line with the names of the columns."""
        columns = ("group", "kept", "kind", "id", "uri", "reason")
        rows = [
            (number, copy.kept, copy.kind, copy.item.id, copy.item.uri, copy.reason)
            for number, group in enumerate(self.groups, 1)
            for copy in [group.keep, *group.copies]
        ]
        return csv_text(columns, rows)


def find_duplicates(
    index: DescriptorIndex,
    *,
    kinds: Sequence[str] = KINDS,
    where: str | None = None,
    references: Sequence[str] = (),
    workers: int | None = None,
    on_progress: OnProgress | None = None,
) -> Duplicates:
    """Find images that are one picture: by their bytes, by their pixels under every turn and mirroring, and by their descriptors.

    An image is compared with its six nearest by pixels and its six nearest by descriptor, so that time and memory grow with the
    number of images and not with that of pairs. A pair that was set apart (`Collection.set_apart`) is never grouped.

    Args:
        kinds: words of `KINDS`.
        where: only items of this filter.
        references: folders, or single images; all that lies in them is kept, before all others.
        workers: decoding threads; None: one a core.
        on_progress: called with what is being done, how much of it, and of how much.

    Raises:
        CollectionError: an unknown kind, a wrong filter, a damaged collection, a reference in which nothing was indexed.
    """
    started = time.perf_counter()
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise CollectionError(f"no kind of duplicates is called {unknown[0]!r}: there are {', '.join(KINDS)}")
    with index.store.snapshot():
        items, numbers = index.store.items.select(where), index.vectors(where).numbers
        apart = index.store.not_duplicates.pairs()
    references = _known_references(index, references)
    if len(items) != len(numbers):
        raise CollectionError(
            f"{index.store.path}: items have lost their descriptors: `podoba check {index.store.path}` names them"
        )
    by_content: defaultdict[str, list[Item]] = defaultdict(list)
    number_of: dict[str, int] = {}
    for place in sorted(range(len(items)), key=lambda place: (*_worth(items[place], references), place)):
        by_content[items[place].content].append(items[place])
        number_of.setdefault(items[place].content, int(numbers[place]))
    heads = [copies[0] for copies in by_content.values()]  # one image of each content, those that are best kept first
    wanted = {KINDS.index(kind) for kind in kinds}
    stars: dict[int, dict[int, Link]] = {}
    skipped: list[Skipped] = []
    if wanted - {IDENTICAL}:
        looks, rows, skipped = _look(index, heads, number_of, workers, on_progress)
        numbers = np.array([number_of[item.content] for item in looks.items], dtype=np.int64)
        nearest = partial(_nearest, index, looks.descriptors, numbers, np.argsort(numbers), where)
        pairs, usual = candidate_pairs(looks.pixels, looks.descriptors, nearest, on_progress)
        looks = replace(looks, usual=usual)

        def judged(pairs: Indices) -> list[Link]:
            found = judge_pairs(looks, pairs, on_progress)
            allowed = (link for link in found if link.kind in wanted)
            return [link for link in allowed if _pair(looks.items[link.first], looks.items[link.second]) not in apart]

        stars = {
            int(rows[keep]): {int(rows[other]): link for other, link in members.items()}
            for keep, members in _stars(judged(pairs), judged).items()
        }
    groups = list(_groups(heads, by_content, stars, references, identical=IDENTICAL in wanted))
    groups.sort(key=lambda group: KINDS.index(group.kind))
    return Duplicates(groups, skipped, time.perf_counter() - started)


def _look(
    index: DescriptorIndex,
    heads: Sequence[Item],
    number_of: dict[str, int],
    workers: int | None,
    on_progress: OnProgress | None,
) -> tuple[Looks, Indices, list[Skipped]]:
    """What images of different bytes look like, and which of `heads` each row is: those that can be read."""
    pixels, read, skipped = small_pictures(heads, index.cache.folder, on_progress, workers)
    rows = np.flatnonzero(read)
    items = [heads[row] for row in rows.tolist()]
    descriptors = index.store.descriptors.of_numbers(np.array([number_of[item.content] for item in items], dtype=np.int64))
    return Looks(items, pixels if read.all() else pixels[read], descriptors, 0.0), rows, skipped


def _nearest(
    index: DescriptorIndex, descriptors: Floats, numbers: Indices, order: Indices, where: str | None, start: int, stop: int
) -> tuple[Indices, Floats]:
    """As `candidate_pairs` asks: rows and similarities of the neighbours by descriptor; `order` sorts `numbers`."""
    found = index.nearest(descriptors[start:stop], STRANGER + 1, where)
    at = order[np.searchsorted(numbers, found.numbers, sorter=order).clip(max=len(numbers) - 1)]
    return np.where(numbers[at] == found.numbers, at, -1), found.similarities


def _stars(links: Iterable[Link], judge: Callable[[Indices], list[Link]]) -> dict[int, dict[int, Link]]:
    """Best image -> its copies, each linked to it: rows that rise from the best image to the worst.

    Images that hang together are told apart again where the best of them is not confirmed to be what they are, so that a
    chain of likenesses brings together nothing that is not alike.
    """
    beside: defaultdict[int, dict[int, Link]] = defaultdict(dict)
    for link in links:
        beside[link.first][link.second] = beside[link.second][link.first] = link
    stars: dict[int, dict[int, Link]] = {}
    left = set(beside)
    for start in sorted(beside):
        if start not in left:
            continue
        together = _reached(start, beside, left)
        while len(together) > 1:
            keep = min(together)
            rest = [row for row in sorted(together - {keep}) if row not in beside[keep]]
            for link in judge(np.array([(keep, row) for row in rest], dtype=np.int64).reshape(-1, 2)):
                beside[keep][link.first if link.second == keep else link.second] = link
            members = {row: link for row, link in sorted(beside[keep].items()) if row in together}
            if members:
                stars[keep] = members
            together -= {keep, *members}
            left -= {keep, *members}
        left -= together
    return stars


def _reached(start: int, beside: Mapping[int, Mapping[int, Link]], left: set[int]) -> set[int]:
    """All that hangs together with a row."""
    found, waiting = {start}, [start]
    while waiting:
        for other in beside[waiting.pop()]:
            if other in left and other not in found:
                found.add(other)
                waiting.append(other)
    return found


def _groups(
    heads: Sequence[Item],
    by_content: Mapping[str, Sequence[Item]],
    stars: Mapping[int, Mapping[int, Link]],
    references: Sequence[str],
    *,
    identical: bool,
) -> Iterator[Group]:
    """The groups around the best images, and those of identical bytes alone."""
    inside = {row for keep, members in stars.items() for row in (keep, *members)}
    alone = [row for row, head in enumerate(heads) if identical and row not in inside and len(by_content[head.content]) > 1]
    for keep in sorted([*stars, *alone]):
        best = heads[keep]
        twins = by_content[best.content][1:] if identical else []
        copies = [Copy(twin, "identical bytes", KINDS[IDENTICAL]) for twin in twins]
        for row, link in stars.get(keep, {}).items():
            reason = _in_words(best, heads[row], link, heads[link.first] is best)
            same = by_content[heads[row].content] if identical else [heads[row]]
            copies += [Copy(item, reason, KINDS[link.kind]) for item in same]
        copies = [_also_kept(copy) if _below(copy.item, references) else copy for copy in copies]
        kind = max((copy.kind for copy in copies), key=KINDS.index)
        yield Group(kind, Copy(best, _why_kept(best, [copy.item for copy in copies], references), kind, True), copies)


def _also_kept(copy: Copy) -> Copy:
    return replace(copy, reason=f"{copy.reason}; kept too: in a reference folder", kept=True)


def _worth(item: Item, references: Sequence[str]) -> tuple[bool, int, bool, int, str]:
    """Falling worth: in a reference folder, more pixels, nothing lost by its format, more bytes, earlier."""
    written = str(item.attributes.get("taken") or item.attributes.get("modified") or "9999")
    return (not _below(item, references), -item.width * item.height, item.format not in LOSSLESS, -item.size, written)


def _known_references(index: DescriptorIndex, references: Sequence[str]) -> list[str]:
    """References in full. One that protects nothing is an error: what is meant to be kept must not be moved for a slip."""
    places = [str(located(reference)) for reference in references]
    uris = [item.uri for item in index.store.items.select()] if places else []
    for place in places:
        if not any(PurePath(uri).is_relative_to(place) for uri in uris):
            raise CollectionError(f"{shown(place)}: no indexed image lies in this reference: check its name, or index it")
    return places


def _below(item: Item, references: Sequence[str]) -> bool:
    return any(PurePath(item.uri).is_relative_to(folder) for folder in references)


def _why_kept(keep: Item, others: Sequence[Item], references: Sequence[str]) -> str:
    if _below(keep, references):
        return "kept: in a reference folder"
    ours, theirs = _worth(keep, ()), [_worth(other, ()) for other in others]
    reasons = ("", f"most pixels, {keep.width}x{keep.height}", f"lossless {keep.format}", "most bytes", "earliest")
    for place in range(1, len(reasons)):
        if any(other[place] != ours[place] for other in theirs):
            return f"kept: {reasons[place]}"
    return "kept: the first of equals"


def _in_words(keep: Item, other: Item, link: Link, kept_first: bool) -> str:
    facts = []
    if (other.width, other.height) != (keep.width, keep.height):
        facts.append(f"{other.width}x{other.height}")
    if other.format != keep.format:
        facts.append(other.format)
    words = link.words
    if words.startswith("a part") and not kept_first:
        words = "shows more: the kept one is " + words
    return ", ".join([words or KINDS[link.kind], *facts])


def _pair(first: Item, second: Item) -> tuple[str, str]:
    return (first.content, second.content) if first.content < second.content else (second.content, first.content)
