"""From pairs to groups: each copy is confirmed against the one that is kept, so that a chain of likenesses joins no strangers."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping

import numpy as np

from podoba.arrays import Indices
from podoba.collection.duplicates.confirm import Link
from podoba.progress import OnProgress

Stars = dict[int, dict[int, Link]]
"""Row of the image to keep -> rows of its copies, each with its link to it."""


def stars_of(
    links: Iterable[Link],
    confirm: Callable[[Indices], list[Link]],
    best: Callable[[Collection[int]], int] = min,
    on_progress: OnProgress | None = None,
) -> Stars:
    """The groups that links make, each around the best of its rows.

    Images that are connected are separated again where the best of them is not confirmed to be what they are.

    Args:
        confirm: of further pairs (P, 2) of rows, those that are linked.
        best: of rows that are connected, the one to keep.
    """
    beside: defaultdict[int, dict[int, Link]] = defaultdict(dict)
    for link in links:
        beside[link.first][link.second] = beside[link.second][link.first] = link
    stars: Stars = {}
    left = set(beside)
    for start in sorted(beside):
        if start not in left:
            continue
        together = _connected(start, beside, left)
        while len(together) > 1:
            keep = best(together)
            rest = [row for row in sorted(together - {keep}) if row not in beside[keep]]
            for link in confirm(np.array([(keep, row) for row in rest], dtype=np.int64).reshape(-1, 2)):
                beside[keep][link.first if link.second == keep else link.second] = link
            members = {row: link for row, link in sorted(beside[keep].items()) if row in together}
            if members:
                stars[keep] = members
            together -= {keep, *members}
            left -= {keep, *members}
        left -= together
        if on_progress is not None:
            on_progress("grouping", len(beside) - len(left), len(beside))
    return stars


def _connected(start: int, beside: Mapping[int, Mapping[int, Link]], left: set[int]) -> set[int]:
    """All rows of `left` that a row is connected with, itself among them."""
    reached, waiting = {start}, [start]
    while waiting:
        for other in beside[waiting.pop()]:
            if other in left and other not in reached:
                reached.add(other)
                waiting.append(other)
    return reached
