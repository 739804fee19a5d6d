"""Find groups of images that are one picture, or nearly so."""

import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from podoba.arrays import Floats, Indices
from podoba.collection.duplicates.confirm import ComparedImages, Link, confirm_pairs
from podoba.collection.duplicates.grouping import Stars, stars_of
from podoba.collection.duplicates.keeping.keeper import Keepers, Wishes, order_of_twins, why_among_twins
from podoba.collection.duplicates.pairs import candidate_pairs
from podoba.collection.duplicates.results import IDENTICAL, KINDS, Copy, Duplicates, Group
from podoba.collection.duplicates.same_file import each_file_once, is_same_file
from podoba.collection.duplicates.settings import DEFAULT, DuplicateSettings
from podoba.collection.duplicates.small_images import LargerImages, small_images
from podoba.collection.index.descriptor_index import DescriptorIndex
from podoba.collection.storage.items import BY_ID, Item
from podoba.errors import CollectionError
from podoba.images.record import Skipped
from podoba.progress import OnProgress

Pictures = tuple[str, str]


def find_duplicates(
    index: DescriptorIndex,
    *,
    kinds: Sequence[str] = KINDS,
    where: str | None = None,
    references: Sequence[str] = (),
    keep: Sequence[str] = (),
    workers: int | None = None,
    on_progress: OnProgress | None = None,
    settings: DuplicateSettings = DEFAULT,
) -> Duplicates:
    """Find images that are one picture: by their bytes, by their pixels under every turn and mirroring, and by their descriptors.

    An image is compared with its six nearest by pixels and its six nearest by descriptor, so that time and memory grow with the
    number of images and not with that of pairs. A pair that was set apart (`Collection.set_apart`) is never grouped.

    Args:
        kinds: words of `KINDS`.
        where: only items of this filter.
        references: folders, or single images; all that lies in them is kept, before all others.
        keep: rules by name for which of several copies is kept, the first counts most; as `parse_rules`.
        workers: decoding threads; None: one a core.
        on_progress: called with what is being done, how much of it, and of how much.

    Raises:
        CollectionError: an unknown kind or rule, a wrong filter, a damaged collection, a reference in which nothing was indexed.
    """
    started = time.perf_counter()
    wanted = _known_kinds(kinds)
    with index.store.snapshot():
        items, numbers = index.store.items.select(where), index.vectors(where).numbers
        not_duplicates = index.store.not_duplicates.pairs()
    if len(items) != len(numbers):
        path = index.store.path
        raise CollectionError(f"{path}: items have lost their descriptors: `podoba check {path}` names them")
    wishes = Wishes.of(index.store, references, keep)
    distinct = _distinct_images(items, numbers, wishes)
    stars: Stars = {}
    reasons: dict[int, str] = {}
    skipped: list[Skipped] = []
    if wanted - {IDENTICAL}:
        images, rows, skipped = _compared_images(index, distinct, workers, on_progress, settings)
        links_of = partial(_links, wanted=wanted, not_duplicates=not_duplicates, settings=settings)
        numbers = distinct.numbers[rows]
        nearest = partial(_nearest, index, images.descriptors, numbers, np.argsort(numbers), where, settings.stranger + 1)
        found = candidate_pairs(images.pixels, images.descriptors, nearest, on_progress, settings)
        links_among = partial(links_of, replace(images, typical=found.typical, framed=found.framed))
        links = links_among(found.pairs, on_progress=on_progress)
        keepers = Keepers(images.items, images.pixels, wishes, index.cache.folder)
        keepers.measure(links, workers, on_progress)
        for best, members in stars_of(links, links_among, keepers.best_of, on_progress).items():
            stars[int(rows[best])] = {int(rows[other]): link for other, link in members.items()}
            reasons[int(rows[best])] = keepers.why(best, [*members])
    groups = list(_groups(distinct, stars, reasons, wishes, not_duplicates, identical=IDENTICAL in wanted))
    groups.sort(key=lambda group: KINDS.index(group.kind))
    return Duplicates(groups, skipped, time.perf_counter() - started)


@dataclass(frozen=True)
class _DistinctImages:
    """Images of different bytes.

    Attributes:
        heads: the item of each that is kept among those of the same bytes.
        numbers: int64 (n,), `items.number` of the heads.
        copies: items of the same bytes, by `Item.picture`, the best first; one item a file, whatever paths lead to it.
    """

    heads: Sequence[Item]
    numbers: Indices
    copies: Mapping[str, Sequence[Item]]


def _known_kinds(kinds: Sequence[str]) -> set[int]:
    unknown = [kind for kind in kinds if kind not in KINDS]
    if unknown:
        raise CollectionError(f"no kind of duplicates is called {unknown[0]!r}: there are {', '.join(KINDS)}")
    return {KINDS.index(kind) for kind in kinds}


def _distinct_images(items: Sequence[Item], numbers: Indices, wishes: Wishes) -> _DistinctImages:
    copies: defaultdict[str, list[Item]] = defaultdict(list)
    number_of: dict[str, int] = {}
    for item, number in zip(items, numbers.tolist(), strict=True):
        copies[item.picture].append(item)
        number_of[item.id] = number
    order = partial(order_of_twins, wishes=wishes)
    files = {
        picture: each_file_once(sorted(same, key=order), wishes.references) if len(same) > 1 else same
        for picture, same in copies.items()
    }
    heads = [same[0] for same in files.values()]
    return _DistinctImages(heads, np.array([number_of[head.id] for head in heads], dtype=np.int64), files)


def _compared_images(
    index: DescriptorIndex,
    distinct: _DistinctImages,
    workers: int | None,
    on_progress: OnProgress | None,
    settings: DuplicateSettings,
) -> tuple[ComparedImages, Indices, list[Skipped]]:
    """Pixels and descriptors of the images that can be read, and which of the heads each row is."""
    pixels, read, skipped = small_images(distinct.heads, index.cache.folder, on_progress, workers)
    rows = np.flatnonzero(read)
    items = [distinct.heads[row] for row in rows.tolist()]
    descriptors = index.store.descriptors.of_numbers(distinct.numbers[rows])
    larger = LargerImages(index.cache.folder, settings.detail.side)
    return ComparedImages(items, pixels if read.all() else pixels[read], descriptors, 0.0, larger), rows, skipped


def _nearest(
    index: DescriptorIndex,
    descriptors: Floats,
    numbers: Indices,
    order: Indices,
    where: str | None,
    count: int,
    start: int,
    stop: int,
) -> tuple[Indices, Floats]:
    """As `candidate_pairs` wants it: rows and similarities of the neighbours by descriptor; `order` sorts `numbers`."""
    neighbours = index.nearest(descriptors[start:stop], count, where)
    at = order[np.searchsorted(numbers, neighbours.numbers, sorter=order).clip(max=len(numbers) - 1)]
    return np.where(numbers[at] == neighbours.numbers, at, -1), neighbours.similarities


def _links(
    images: ComparedImages,
    pairs: Indices,
    *,
    wanted: set[int],
    not_duplicates: set[Pictures],
    settings: DuplicateSettings,
    on_progress: OnProgress | None = None,
) -> list[Link]:
    """The pairs that are confirmed, of the kinds that are wanted, of two files, and not known to be no duplicates."""
    links = [link for link in confirm_pairs(images, pairs, on_progress, settings) if link.kind in wanted]
    both = [(images.items[link.first], images.items[link.second]) for link in links]
    return [
        link
        for link, (first, second) in zip(links, both, strict=True)
        if _pictures(first, second) not in not_duplicates and not is_same_file(first.uri, second.uri)
    ]


def _groups(
    distinct: _DistinctImages,
    stars: Stars,
    reasons: Mapping[int, str],
    wishes: Wishes,
    not_duplicates: set[Pictures],
    *,
    identical: bool,
) -> Iterator[Group]:
    """The groups around the best images, and those of identical bytes alone; `reasons`: why the best of `stars` are kept."""
    heads = distinct.heads
    inside = {row for keep, members in stars.items() for row in (keep, *members)}
    several = {row for row, head in enumerate(heads) if len(distinct.copies[head.picture]) > 1}
    alone = several - inside if identical else set()
    for keep in sorted([*stars, *alone]):
        best = heads[keep]
        same_bytes = distinct.copies[best.picture][1:] if identical else []
        twins = [twin for twin in same_bytes if _pictures(best, twin) not in not_duplicates]
        copies = [Copy(twin, "identical bytes", KINDS[IDENTICAL]) for twin in twins]
        for row, link in stars.get(keep, {}).items():
            reason = _in_words(best, heads[row], link, heads[link.first] is best)
            same = distinct.copies[heads[row].picture] if identical else [heads[row]]
            copies += [Copy(item, reason, KINDS[link.kind]) for item in same]
        if not copies:
            continue
        copies = [_also_kept(copy) if wishes.references.hold(copy.item.uri) else copy for copy in copies]
        kind = max((copy.kind for copy in copies), key=KINDS.index)
        reason = reasons[keep] if keep in reasons else why_among_twins(best, twins, wishes)
        yield Group(kind, Copy(best, reason, kind, True), copies)


def _also_kept(copy: Copy) -> Copy:
    return replace(copy, reason=f"{copy.reason}; kept too: in a reference folder", kept=True)


def _in_words(keep: Item, other: Item, link: Link, kept_first: bool) -> str:
    facts = []
    if other.width and (other.width, other.height) != (keep.width, keep.height):
        facts.append(f"{other.width}x{other.height}")
    if other.format and other.format != keep.format:
        facts.append(other.format)
    words = link.words
    if words.startswith("a part") and not kept_first:
        words = "shows more: the kept one is " + words
    return ", ".join([words or KINDS[link.kind], *facts])


def _pictures(first: Item, second: Item) -> Pictures:
    """The pair, as `NotDuplicates.pairs` names it."""
    one, other = first.picture, second.picture
    if one == other:
        one, other = f"{BY_ID}{first.id}", f"{BY_ID}{second.id}"
    return (one, other) if one < other else (other, one)
