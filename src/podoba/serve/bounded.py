"""What is kept for a while, in bounded memory: what was used longest ago goes first."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Generic, TypeVar

Key = TypeVar("Key", bound=Hashable)
Value = TypeVar("Value")


class Bounded(Generic[Key, Value]):
    """Values by keys; threads share it."""

    def __init__(
        self,
        most: int,
        weight: Callable[[Value], int] = lambda value: 1,
        seconds: float = float("inf"),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """An empty one.

        Args:
            most: sum of the weights; the newest value is kept even where it weighs more.
            weight: of a value.
            seconds: after its last use, a value is gone.
        """
        self._most, self._weight, self._seconds, self._clock = most, weight, seconds, clock
        self._values: OrderedDict[Key, tuple[float, int, Value]] = OrderedDict()
        self._lock = Lock()
        self.weight = 0

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: Key) -> Value | None:
        """The value, which is used now; None where it is gone."""
        with self._lock:
            self._drop_old()
            found = self._values.get(key)
            if found is None:
                return None
            self._values[key] = self._clock(), *found[1:]
            self._values.move_to_end(key)
            return found[2]

    def put(self, key: Key, value: Value) -> None:
        """Keep a value, in the place of another of its key."""
        weight = self._weight(value)
        with self._lock:
            self._forget(key)
            self._values[key] = self._clock(), weight, value
            self.weight += weight
            self._drop_old()
            while self.weight > self._most and len(self._values) > 1:
                self._forget(next(iter(self._values)))

    def _drop_old(self) -> None:
        oldest = self._clock() - self._seconds
        while self._values and next(iter(self._values.values()))[0] < oldest:
            self._forget(next(iter(self._values)))

    def _forget(self, key: Key) -> None:
        found = self._values.pop(key, None)
        self.weight -= 0 if found is None else found[1]
