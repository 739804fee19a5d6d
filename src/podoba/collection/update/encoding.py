"""Images to descriptors in bulk: several threads, each of which reads, decodes and encodes whole batches."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from podoba.arrays import Floats
from podoba.collection.update.decoded_image import Picture
from podoba.models.encoder import Encoder
from podoba.parallel import ahead, batches

Row = TypeVar("Row")
BATCH_PIXELS = 16 * 224 * 224  # decoded at a time by one thread
NETWORK_PIXELS = 32 * 224 * 224  # in the network at a time, of all threads together: feature maps take far more than pixels
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
    network, and reading files is spread like computing. Held are at most a batch of pixels and a file a thread, and the feature
    maps of `NETWORK_PIXELS`, or of an image a thread.

    Args:
        read: called in the threads.
        workers: threads; None: one a core.
        batch_size: rows at a time; None: `batch_for` the encoder's images.
    """
    workers = workers or os.cpu_count() or 1
    lane, size = encoder.on_one_thread, encoder.card.input_size
    at_once = max(1, NETWORK_PIXELS // (workers * size**2))

    def encode(batch: Sequence[Row]) -> list[Encoded]:
        return encode_pictures([read(row) for row in batch], lane, at_once)

    return ahead(batches(rows, batch_size or batch_for(size)), encode, workers, IN_FLIGHT * workers)


def encode_pictures(pictures: Sequence[Picture], encoder: Encoder, at_once: int = 1) -> list[Encoded]:
    """One batch, so many pictures at once in the network; those that were not decoded have no descriptor."""
    pixels = [picture.pixels for picture in pictures if picture.pixels is not None]
    descriptors = iter(encoder.encode(np.stack(pixels), at_once) if pixels else ())
    return [Encoded(p, None) if p.pixels is None else Encoded(replace(p, pixels=None), next(descriptors)) for p in pictures]


def batch_for(input_size: int) -> int:
    """Images of this side that are decoded and written at a time: many small ones, fewer large ones, in about the same memory."""
    return max(4, min(64, BATCH_PIXELS // input_size**2))
