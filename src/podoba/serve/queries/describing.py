"""Descriptors of what was sent: decoded in a worker, encoded in the thread that asks, and kept."""

import base64
import binascii
from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

import numpy as np

from podoba.arrays import Floats
from podoba.collection.vector_collection import VectorCollection
from podoba.errors import SourceError
from podoba.images.decode import Box
from podoba.models.encoder import Encoder
from podoba.serve.bounded import Bounded
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.problems import Problem
from podoba.serve.queries.settings import QuerySettings
from podoba.serve.queries.uploads import readable

ENCODERS = 8  # models that are kept open
SHORT = "<f2"  # a descriptor in an address: float16, little endian; what it finds is the same


class Described(NamedTuple):
    """What is known of a picture, or of a box in it.

    Attributes:
        descriptor: float32 (dim,), unit length.
        width, height: of the whole picture, upright.
        format: as Pillow names it.
    """

    descriptor: Floats
    width: int
    height: int
    format: str


class Describer:
    """Descriptors by the models of the collections: each model is opened once, computes in one thread, and threads share it.

    No batches are formed: on a processor a picture alone takes hardly longer than one of many.
    """

    def __init__(self, decoders: Decoders, settings: QuerySettings) -> None:
        self._decoders = decoders
        self._kept: Bounded[tuple[str, Box | None, str], Described] = Bounded(settings.descriptors)
        self._encoders: Bounded[str, Encoder] = Bounded(ENCODERS)
        self._opening = Lock()

    def encoder(self, collection: VectorCollection) -> Encoder:
        """The encoder of the collection's present model. Raises as `Models.open_encoder`."""
        fingerprint = collection.store.models.fingerprint or ""
        encoder = self._encoders.get(fingerprint)
        if encoder is None:
            with self._opening:
                encoder = self._encoders.get(fingerprint)
                if encoder is None:
                    encoder = collection.store.models.open_encoder(threads=1)
                    self._encoders.put(encoder.fingerprint, encoder)
        return encoder

    def describe(
        self, collection: VectorCollection, picture: str, read: Callable[[], bytes], box: Box | None, *, indexed: bool = False
    ) -> Described:
        """The descriptor of a picture, or of a box in it.

        Args:
            picture: what it is kept by, as `Item.picture`.
            read: its encoded bytes.
            indexed: whether these are of an item's file.

        Raises:
            Problem: it cannot be read, the box lies outside, or the model has no descriptor of it.
        """
        encoder = self.encoder(collection)
        known = self._kept.get((picture, box, encoder.fingerprint))
        if known is not None:
            return known
        with readable():
            try:
                decoded = self._decoders.pixels(read(), encoder.card.pixels, box, indexed=indexed)
            except SourceError as error:
                raise Problem(422, "wrong_box", str(error)) from error
        descriptors, valid = encoder.encode_valid(decoded.pixels[None])
        if not valid[0]:
            raise Problem(422, "no_descriptor", "the model has no descriptor of this picture")
        described = Described(descriptors[0], decoded.width, decoded.height, decoded.format)
        self._kept.put((picture, box, encoder.fingerprint), described)
        return described


def to_short(descriptor: Floats) -> str:
    """A descriptor as an address can carry it: base64url of float16, little endian, without padding."""
    return base64.urlsafe_b64encode(descriptor.astype(SHORT).tobytes()).decode().rstrip("=")


def from_short(text: str, dim: int) -> Floats:
    """The descriptor (dim,), float32, that `to_short` wrote. Raises `Problem` 422 where it is none of this length."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) == 2 * dim:
        descriptor = np.frombuffer(data, dtype=SHORT).astype(np.float32)
        if np.isfinite(descriptor).all() and descriptor.any():
            return descriptor
    raise Problem(422, "wrong_descriptor", f"a descriptor of this collection is base64url of {dim} numbers of float16")
