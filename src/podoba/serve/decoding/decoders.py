"""The pool of workers: whatever is decoded for somebody else's request passes here."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Any, NamedTuple

import numpy as np

from podoba.errors import SourceError, UnreadableImage
from podoba.images.decode import Box, Decoded
from podoba.images.formats.words import TOO_LARGE, TOO_MANY
from podoba.images.limits import LIMITS, Room, TooManyPixels
from podoba.images.resize import PixelRule
from podoba.serve.decoding.process import WorkerDied, WorkerProcess
from podoba.serve.decoding.settings import DEFAULT, DecodingSettings

NAME = "the picture"  # in an error, where the caller gives no other
LATE = "decoding it takes too long: save it anew, as JPEG"
DIED = "it cannot be decoded in the memory allowed, or is damaged: save it anew, as JPEG"


class Preview(NamedTuple):
    """A small JPEG, and what is known of the image.

    Attributes:
        width, height: of the whole image in pixels, upright.
        format: as Pillow names it; `RAW` of a raw photograph.
    """

    jpeg: bytes
    width: int
    height: int
    format: str


class Decoders:
    """Worker processes that decode; threads share it, and wait for a worker where all are busy."""

    def __init__(self, settings: DecodingSettings = DEFAULT) -> None:
        self.settings = settings
        self._room = Room(settings.largest)
        self._free = threading.Semaphore(settings.workers)
        self._lock = threading.Lock()
        self._idle: list[WorkerProcess] = []
        self._all: set[WorkerProcess] = set()
        self._closed = threading.Event()
        self._watch: threading.Thread | None = None

    @property
    def pids(self) -> list[int]:
        """The processes, as the system counts them."""
        with self._lock:
            return [worker.pid for worker in self._all]

    def pixels(self, data: bytes, rule: PixelRule, box: Box | None = None, name: str = NAME, *, indexed: bool = False) -> Decoded:
        """What `images.decode.decode_pixels` gives, without EXIF.

        Args:
            indexed: the file of an item, which may take what indexing it took; not what somebody sent.

        Raises:
            UnreadableImage: as `decode_pixels`; it takes too long or too much memory, as `TooManyPixels` where that is known.
            SourceError: the box lies outside of the image.
        """
        head, body = self._ask({"operation": "pixels", "rule": asdict(rule), "box": box}, data, name, indexed)
        array = np.frombuffer(body, np.uint8).reshape(rule.size, rule.size, 3)
        return Decoded(array, head["width"], head["height"], head["format"], {})

    def preview(self, data: bytes, side: int, name: str = NAME, *, indexed: bool = False) -> Preview:
        """An upright JPEG whose longer side has at most `side` pixels. Raises `UnreadableImage`, as `pixels`."""
        asked = {"operation": "preview", "side": side, "quality": self.settings.quality}
        head, body = self._ask(asked, data, name, indexed)
        return Preview(body, head["width"], head["height"], head["format"])

    def thumbnail(self, data: bytes, uri: str, side: int) -> bytes:
        """The JPEG of `preview` of an item, as `Thumbnails` makes them."""
        return self.preview(data, side, uri, indexed=True).jpeg

    def close(self) -> None:
        """End the workers; whoever waits for one gets an error."""
        self._closed.set()
        with self._lock:
            workers, self._idle = list(self._all), []
            self._all.clear()
        for worker in workers:
            worker.close()

    def _ask(self, request: dict[str, Any], data: bytes, name: str, indexed: bool) -> tuple[dict[str, Any], bytes]:
        """The answer of a worker: beside others where the picture is small, and else of one that works alone."""
        settings = self.settings
        alone = (LIMITS.decoded, settings.indexed_memory) if indexed else (settings.largest, settings.memory)
        for most, memory in ((settings.usual, settings.memory), alone):
            with self._room.hold(most):
                head, body = self._ask_one(request | {"name": name, "most": most, "memory": memory}, data, name)
            if head.get("error") != "large":
                break
        match head.get("error"):
            case None:
                return head, body
            case "missing":
                raise UnreadableImage(name, f"{head['reason']} is not read here: save it as JPEG")
            case "outside":
                raise SourceError(f"{name}: {head['reason']}")
        too_large = head["error"] == "large" or head["reason"] == TOO_LARGE or TOO_MANY in head["reason"]
        raise (TooManyPixels if too_large else UnreadableImage)(name, head["reason"])

    def _ask_one(self, request: dict[str, Any], data: bytes, name: str) -> tuple[dict[str, Any], bytes]:
        with self._free:
            worker = self._take()
            try:
                answer = worker.ask(request, data, self.settings.seconds)
            except WorkerDied as error:
                with self._lock:
                    self._all.discard(worker)
                raise UnreadableImage(name, LATE if error.late else DIED) from error
            with self._lock:
                self._idle.append(worker)
            return answer

    def _take(self) -> WorkerProcess:
        """A worker that is idle, the one that was busy last; a new one where there is none."""
        with self._lock:
            if self._closed.is_set():
                raise UnreadableImage(NAME, "the server is closing")
            while self._idle:
                worker = self._idle.pop()
                if worker.is_alive:
                    return worker
                self._all.discard(worker)
            worker = WorkerProcess()
            self._all.add(worker)
            if self._watch is None:
                self._watch = threading.Thread(target=self._end_late_ones, daemon=True, name="decoding watch")
                self._watch.start()
            return worker

    def _end_late_ones(self) -> None:
        while not self._closed.wait(self.settings.watch):
            with self._lock:
                workers = list(self._all)
            for worker in workers:
                worker.end_if_late()
