"""What the processes of a training do one after another or agree on; with one process nothing of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from lightning_fabric import Fabric
from torch import distributed

from podoba.errors import PodobaError, TrainingError

Result = TypeVar("Result")
PATIENCE = timedelta(days=7)  # for one that decodes or judges many images while the others wait
LOST = "another process of this training has ended: mend what it says, then give the same command again, which goes on"


class Together:
    """The processes of a launched Fabric.

    Attributes:
        rank: of this process among all.
        world: how many there are.
    """

    def __init__(self, fabric: Fabric) -> None:
        """Open a group of the processes, which all of them must do."""
        self.fabric = fabric
        self.rank: int = fabric.global_rank
        self.world: int = fabric.world_size
        # Messages go by the processor: on graphics cards those who wait for hours would be given up.
        self.group: Any = distributed.new_group(backend="gloo", timeout=PATIENCE) if self.world > 1 else None

    @property
    def first(self) -> bool:
        """Whether this process speaks and writes for all."""
        return self.rank == 0

    def by_first(self, work: Callable[[], Result]) -> Result:
        """What `work` gives in the first process, in all of them; an error of a person is raised in all."""
        if self.world == 1:
            return work()
        said: list[Any] = [None, None]
        error = None
        if self.first:
            try:
                said[0] = work()
            except PodobaError as raised:
                error, said[1] = raised, str(raised)
        distributed.broadcast_object_list(said, src=0, group=self.group)
        if said[1] is not None:
            raise error or TrainingError(said[1])
        result: Result = said[0]
        return result

    def first_of_machine(self, work: Callable[[], Result]) -> Result:
        """What `work` gives here; on every machine one process does it before the others, who find its files made.

        An error of a person is raised in all processes.
        """
        if self.world == 1:
            return work()
        result: list[Result] = []
        for turn in (True, False):
            error = None
            if (self.fabric.local_rank == 0) is turn:
                try:
                    result.append(work())
                except PodobaError as raised:
                    error = raised
            said = self._all(None if error is None else str(error))
            if any(said):
                raise error or TrainingError(next(filter(None, said)))
        return result[0]

    def check_equal(self, value: str, what: str) -> None:
        """Raise `TrainingError` in all processes where they have not the same value."""
        if self.world > 1 and len(set(self._all(value))) > 1:
            raise TrainingError(f"the machines of this training have different {what}: give each the same, then train again")

    @contextmanager
    def told_of_loss(self) -> Iterator[None]:
        """An error in one line where another process is lost."""
        try:
            yield
        except RuntimeError as error:  # gloo's are plain ones
            if self.world > 1 and _is_loss(error):
                raise TrainingError(LOST) from error
            raise

    def _all(self, value: Any) -> list[Any]:
        values: list[Any] = [None] * self.world
        distributed.all_gather_object(values, value, group=self.group)
        return values


def _is_loss(error: RuntimeError) -> bool:
    words = str(error).lower()
    return isinstance(error, distributed.DistError) or any(word in words for word in ("gloo", "connection", "nccl"))
