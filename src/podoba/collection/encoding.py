"""Images to descriptors in bulk: several threads, each of which reads, decodes and encodes whole batches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import TypeVar

import numpy as np

from podoba.collection.descriptor_store import Floats
from podoba.collection.picture import Picture
from podoba.images.reading import ahead
from podoba.models.encoder import Encoder

Row = TypeVar("Row")
BATCH_PIXELS = 16 * 224 * 224  # encoded at a time by one thread
IN_FLIGHT = 2  # batches a thread: one in work, one that waits or was made; of that only descriptors are left


@dataclass(frozen=True)
class Encoded:
    """A picture, without its pixels, and its descriptor (dim,) where it was decoded."""

    picture: Picture
    descriptor: Floats | None


def encode_batches(
    rows: Iterable[Row],
    read: Callable[[Row], Picture],
    encoder: Encoder,
    workers: int | None = None,
    batch_size: int | None = None,
) -> Iterator[list[Encoded]]:
    """What becomes of each row, in their order, in batches that are made ahead of the reader.

    A core is better used by a batch of its own than by a share of one: no thread waits for the others after every layer of the
    network, and reading files is spread like computing. Held are at most a batch of pixels and a file a thread.

    Args:
        read: called in the threads.
        workers: threads; None: one a core.
        batch_size: rows at a time; None: `batch_for` the encoder's images.
    """
    workers = workers or os.cpu_count() or 1
    lane = encoder.on_one_thread

    def encode(batch: Sequence[Row]) -> list[Encoded]:
        return encode_pictures([read(row) for row in batch], lane)

    return ahead(batches(rows, batch_size or batch_for(encoder.card.input_size)), encode, workers, IN_FLIGHT * workers)


def encode_pictures(pictures: Sequence[Picture], encoder: Encoder) -> list[Encoded]:
    """One batch; pictures that were not decoded have no descriptor."""
    pixels = [picture.pixels for picture in pictures if picture.pixels is not None]
    descriptors = iter(encoder.encode(np.stack(pixels), len(pixels)) if pixels else ())
    return [Encoded(p, None) if p.pixels is None else Encoded(replace(p, pixels=None), next(descriptors)) for p in pictures]


def batch_for(input_size: int) -> int:
    """Images of this side that are encoded at a time: many small ones, fewer large ones, in about the same memory."""
    return max(4, min(64, BATCH_PIXELS // input_size**2))


def batches(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    """Lists of `size` rows, the last one shorter."""
    source = iter(rows)
    while batch := list(islice(source, size)):
        yield batch
