"""Random numbers, one an image: drawn on the CPU, so that every device gets the same, and every process those of its images."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Part:
    """The random numbers of some images of a batch: those that they would get if all of it were here.

    Attributes:
        generator: of the CPU.
        whole: images in the batch.
        rows: int64 (n,), which of them are here; one may come twice.
    """

    generator: torch.Generator
    whole: int
    rows: Tensor


Random = torch.Generator | Part


def rand(shape: int | tuple[int, ...], random: Random) -> Tensor:
    """Float32 (..., n), evenly from 0 to 1, for n images."""
    if isinstance(random, Part):
        return torch.rand(_whole(shape, random), generator=random.generator)[..., random.rows]
    return torch.rand(shape, generator=random)


def randint(high: int, shape: int | tuple[int, ...], random: Random) -> Tensor:
    """Int64 (..., n), evenly from 0 to `high` - 1, for n images."""
    if isinstance(random, Part):
        return torch.randint(high, _whole(shape, random), generator=random.generator)[..., random.rows]
    return torch.randint(high, _tuple(shape), generator=random)


def _whole(shape: int | tuple[int, ...], part: Part) -> tuple[int, ...]:
    return (*_tuple(shape)[:-1], part.whole)


def _tuple(shape: int | tuple[int, ...]) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else shape
