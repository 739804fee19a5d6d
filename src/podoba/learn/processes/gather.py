"""Rows of a batch that several processes computed a share each of, put together with their gradient."""

from typing import Any, NamedTuple

import torch
from torch import Tensor, distributed
from torch.autograd.function import once_differentiable


class Share(NamedTuple):
    """One process' share of a batch: every so manieth image, from that of its rank on.

    Every so manieth and not neighbours, since balanced batches have the images of a class beside each other: statistics of a
    share are nearer those of the batch.
    """

    whole: int  # images in the batch
    seed: int  # of what is random in the network, for this share


def gather_rows(rows: Tensor, whole: int) -> Tensor:
    """All rows (whole, F) of a batch in their order, of the rows (n, F) of each process; half precision becomes single.

    What follows must be computed alike by every process, on all rows. The gradient of the own rows comes back times the number of
    processes, so that the average that data-parallel training takes of the processes' gradients is the gradient of one process
    with the whole batch; the gradients of weights behind this are equal in all processes, and their average is they.

    Args:
        rows: rows rank, rank + processes, rank + 2 processes, ... of the batch.
    """
    gathered: Tensor = _GatherRows.apply(rows.to(torch.promote_types(rows.dtype, torch.float32)), whole)
    return gathered


class _GatherRows(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, rows: Tensor, whole: int) -> Tensor:
        world = distributed.get_world_size()
        padded = rows.new_zeros(-(-whole // world), rows.shape[1])
        padded[: len(rows)] = rows
        parts = [torch.empty_like(padded) for _ in range(world)]
        distributed.all_gather(parts, padded)
        return torch.stack(parts, 1).flatten(0, 1)[:whole]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        world = distributed.get_world_size()
        return gradient[distributed.get_rank() :: world] * world, None
