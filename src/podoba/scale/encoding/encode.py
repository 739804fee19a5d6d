"""One shard of images into one file of descriptors, on whatever machine."""

import json
import os
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from podoba.arrays import Floats
from podoba.collection.storage.models import facts_of_model
from podoba.collection.transfer.export import write_parquet
from podoba.collection.update.decoded_image import DecodedImage, item_of, read_image, without_descriptor
from podoba.collection.update.diff import Change
from podoba.errors import ModelError, SourceError
from podoba.images.record import ImageRecord
from podoba.images.remote.reading import ImageAway
from podoba.models.encoder import Encoder
from podoba.models.names import find_model, lasting_name
from podoba.models.pipeline import encode_rows
from podoba.scale.encoding.outputs import ENDING, SKIPPED, OutputFolder, ShardFacts, output_name
from podoba.scale.encoding.skipped import SkippedImage, skipped_text
from podoba.scale.shards.opening import OpenShard, open_shard
from podoba.scale.shards.shard import Shard

THREADS = "OMP_NUM_THREADS"  # set for a worker by whoever started it: its share of the cores of its machine


@dataclass(frozen=True)
class ShardReport:
    """What became of a shard.

    Attributes:
        key: of the shard.
        images, skipped: how many have a descriptor, and how many were left out with a reason.
        seconds: that it took; 0 where it was there.
        path: of its file: a path or an address.
        was_there: whether it was done before, so that nothing was read.
    """

    key: str
    images: int
    skipped: int
    seconds: float
    path: str
    was_there: bool


@dataclass(frozen=True)
class EncodeSettings:
    """How a worker uses its cores.

    Attributes:
        threads_that_wait: threads a core where each image is a request to a store, for which they mostly wait; each has a file
            and a batch of pixels in memory.
    """

    threads_that_wait: int = 4


SETTINGS = EncodeSettings()


def encode_shard(shard: Shard, model: str, out: str, settings: EncodeSettings = SETTINGS) -> ShardReport:
    """Encode the images of a shard, unless that was done before, into `out/<output_name>.parquet`.

    The file has the columns of `export`, with the facts that `podoba index` keeps of an image, and in its metadata the model's
    facts and the shard's (`ShardFacts`). Images that could not be read stand beside it in `<output_name>.skipped.json`, which is
    written first. The model is opened once a process. A file is there whole or not at all; encoding twice gives the same.

    Args:
        model: a name as of `find_model`, which is found on the machine that encodes.
        out: a folder, which is made, or an address such as `s3://bucket/descriptors`.

    Raises:
        SourceError: what the shard names cannot be read: its store is away, or its table or archive is gone or damaged. Nothing
            is written then. A single image that is gone or damaged is skipped.
        ModelError, DownloadError: no such model on this machine.
        CollectionError: the output cannot be written.
    """
    begun = time.perf_counter()
    encoder = open_once(model)
    folder, name = OutputFolder(out), output_name(encoder.fingerprint, shard.key)
    path = folder.at(name + ENDING)
    if folder.holds(name + ENDING):
        known = folder.facts(name + ENDING)
        return ShardReport(shard.key, known.images, known.skipped, 0.0, path, True)
    kept, skipped = list[tuple[DecodedImage, Floats]](), list[SkippedImage]()
    with open_shard(shard) as opened:
        for image, descriptor in _encoded(opened, encoder, settings):
            if descriptor is not None and image.reason is None:
                kept.append((image, descriptor))
            else:
                skipped.append(SkippedImage.of(image))
        skipped += [SkippedImage(problem.uri, problem.reason) for problem in opened.problems]
        place = opened.place
    if skipped:
        with folder.writing(name + SKIPPED) as draft:
            draft.write_text(skipped_text(place, skipped), encoding="utf-8")
    descriptors = np.stack([one for _, one in kept]) if kept else np.empty((0, encoder.card.dim), dtype=np.float32)
    facts = ShardFacts(shard.key, place, len(kept), len(skipped))
    with folder.writing(name + ENDING) as draft:
        items = [item_of(image) for image, _ in kept]
        write_parquet(draft, items, descriptors, json.dumps(facts_of_model(encoder, lasting_name(model))), facts.metadata())
    return ShardReport(shard.key, len(kept), len(skipped), time.perf_counter() - begun, path, False)


def _encoded(opened: OpenShard, encoder: Encoder, settings: EncodeSettings) -> Iterator[tuple[DecodedImage, Floats | None]]:
    """The images of a shard in their order, each with its descriptor (dim,), or None."""

    def read(change: Change) -> tuple[DecodedImage, NDArray[np.uint8] | None]:
        return read_image(change, encoder.card, ())

    changes = (Change(_strict(record), opened.place) for record in opened.records)
    workers = _threads() * (settings.threads_that_wait if opened.one_by_one else 1)
    for batch in encode_rows(changes, read, encoder, without_descriptor, workers=workers):
        yield from batch


def _threads() -> int:
    """This worker's share of the cores: all of them where nobody said less."""
    with suppress(ValueError):
        return max(1, int(os.environ.get(THREADS, "")))
    return os.cpu_count() or 1


def _strict(record: ImageRecord) -> ImageRecord:
    """A record that ends the work where its store is away: if it were skipped, the file would stay without its image."""

    def read() -> bytes:
        try:
            return record.open()
        except ImageAway as error:
            raise SourceError(str(error)) from error

    return replace(record, open=read)


def open_once(model: str) -> Encoder:
    """The encoder of a model's name, opened once a process, and again where its file has changed.

    Raises:
        ModelError, DownloadError: as `find_model`, with the machine's name.
    """
    try:
        path = find_model(model)
        status = path.stat()
    except (ModelError, OSError) as error:
        raise ModelError(f"{error} (on {socket.gethostname()}: a path must be there on every machine that encodes)") from error
    return _opened(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=2)
def _opened(path: Path, size: int, changed: int) -> Encoder:
    return Encoder(path, 1)  # as `encode_rows` uses it
