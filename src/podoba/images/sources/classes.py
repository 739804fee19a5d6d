"""From the folders that pictures lie in to their classes and splits: one rule for folders and archives."""

from collections.abc import Iterable
from dataclasses import dataclass

from podoba.images.split import split_named


@dataclass(frozen=True)
class Classes:
    """Where the classes of a tree of folders are.

    Attributes:
        around: the folders that hold all the others, with a `/` after each; empty where there is none.
        splits: names of the folders inside `around` that are splits, sorted; empty where they are classes.
    """

    around: str = ""
    splits: tuple[str, ...] = ()

    def of(self, folder: str) -> tuple[str | None, str | None]:
        """Class and split of the pictures in a folder, each a name or None."""
        first, _, rest = folder.removeprefix(self.around).partition("/")
        if self.splits and first:
            return rest.partition("/")[0] or None, split_named(first)
        return first or None, None

    def note(self, source: str) -> str | None:
        """What to say of splits that might be taken for classes; None where there are none."""
        if not self.splits:
            return None
        names = ", ".join(self.splits)
        first = split_named(self.splits[0])
        return f"{source}: {names}: splits, not classes; the class is the folder below ({source}:{first} names one of them)"


def find_classes(folders: Iterable[str], empty: Iterable[str] = ()) -> Classes:
    """Where the classes are in a tree: the first folder, below one that holds all the rest, and below splits.

    A folder with nothing but folders in it, and alone, is entered. Where all folders beside each other have names such as train,
    val and test, they are splits.

    Args:
        folders: that hold pictures, by their paths below the root, with `/` between; "" is the root.
        empty: that hold nothing at all. They count as beside the others: else the classes would change with each disk that is
            not mounted.
    """
    held = set(folders)
    known = held.union(empty)
    around = ""
    while True:
        inside = [folder[len(around) :] for folder in known if folder.startswith(around)]
        first = {folder.partition("/")[0] for folder in inside} - {""}
        if first and all(split_named(name) for name in first):
            return Classes(around, tuple(sorted(first)))
        [only, *others] = first or {""}
        entered = f"{around}{only}"
        if others or not only or entered in known or around[:-1] in held:
            return Classes(around)
        around = f"{entered}/"
