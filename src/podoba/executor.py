"""Work on independent items in other processes, on this machine or on others, where any of them may die."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass(frozen=True)
class Outcome(Generic[Item, Result]):
    """What became of one item.

    Attributes:
        item: which one.
        result: what the function gave back; None where it failed.
        error: why it failed, in one line; None where it did not.
        attempts: how often it was begun.
    """

    item: Item
    result: Result | None
    error: str | None
    attempts: int


class Executor(Protocol):
    """Where functions run. One item that fails, or kills its process each time, ends as failed, and the rest goes on."""

    @property
    def workers(self) -> int:
        """How many items are worked on at a time, as far as is known."""

    def run(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Outcome[Item, Result]]:
        """The outcome of each item, as it ends; items are taken only as fast as they are worked on.

        Args:
            function: can be pickled, as its items and results can; an item may be begun more than once.
        """
