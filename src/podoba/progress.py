"""How long work says how far it has come."""

from collections.abc import Callable

OnProgress = Callable[[str, int, int], None]  # what is being done, how much of it is done, of how much in all


def silent(stage: str, done: int, total: int) -> None:
    """An `OnProgress` for callers that gave none."""
