"""Following folders: when something in them has changed."""

import glob
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from podoba.errors import SourceError, require
from podoba.images.sources.base import located
from podoba.images.sources.catalogue import NAMES
from podoba.images.sources.open import divide_split


@dataclass(frozen=True)
class WatchSettings:
    """How patiently folders are followed.

    Attributes:
        quiet_ms: milliseconds of quiet after which changes are reported together.
        patience_ms: milliseconds without a notice after which the folders themselves are looked at.
        again_after: seconds after which a change is reported without a notice, since notices may be lost.
    """

    quiet_ms: int = 1500
    patience_ms: int = 500
    again_after: float = 3600.0


DEFAULT = WatchSettings()


def watched_places(specs: Sequence[str]) -> list[Path]:
    """Folders to follow for sources as `open_source` takes them: a folder itself, else the one that a file or pattern is in.

    Raises:
        SourceError: a named set, in which nothing changes.
    """
    places = []
    for spec in specs:
        path = located(divide_split(spec)[0])
        if not path.exists() and spec.partition(":")[0] in NAMES:
            raise SourceError(f"{spec}: a published set does not change: follow folders and files")
        while glob.has_magic(str(path)) and not path.exists():
            path = path.parent
        places.append(path if path.is_dir() else path.parent)
    return sorted(set(places))


def changes_in(places: Sequence[Path], stop: Event | None = None, settings: WatchSettings = DEFAULT) -> Iterator[int]:
    """Numbers of files that changed in these folders and below, each time after some quiet, until stopped.

    By the operating system's notices where there are any, else by looking again and again. The first number, 0, comes as soon as
    changes are noticed: what changed before that is still to be looked for. Another 0 comes every `again_after` seconds, for
    notices that were lost, and when a folder that was taken away, with its disk for one, is there again.

    Raises:
        MissingExtra: watchfiles is not installed.
        SourceError: a folder is not there.
    """
    for place in places:
        if not place.is_dir():
            raise SourceError(f"{place}: no such folder to follow")
    watchfiles = require("watchfiles", "watch")
    stop = stop or Event()
    while not stop.is_set():
        followed, looked = _identities(places), -settings.again_after
        if None in followed:
            stop.wait(settings.patience_ms / 1000)
            continue
        for changes in watchfiles.watch(
            *places,
            debounce=settings.quiet_ms,
            step=200,
            stop_event=stop,
            rust_timeout=settings.patience_ms,
            yield_on_timeout=True,
            raise_interrupt=True,
        ):
            if changes or time.monotonic() - looked >= settings.again_after:
                looked = time.monotonic()
                yield len(changes)
            if _identities(places) != followed:  # notices are of a folder, not of its name: another one is watched from the start
                break


def _identities(places: Sequence[Path]) -> list[tuple[int, int] | None]:
    """Which folders these are at the moment; None for one that is not there."""
    identities: list[tuple[int, int] | None] = []
    for place in places:
        try:
            status = place.stat()
            identities.append((status.st_dev, status.st_ino))
        except OSError:
            identities.append(None)
    return identities
