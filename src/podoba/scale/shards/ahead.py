"""Shards listed faster than they are worked on, so that it is soon known how many there are."""

import pickle
import threading
import zlib
from collections.abc import Iterable, Iterator
from tempfile import TemporaryFile
from typing import Self

from podoba.scale.shards.shard import Shard


class ShardsAhead(Iterator[Shard]):
    """The shards of a listing, which goes on in a thread; those not yet taken are in a temporary file, not in memory.

    The file has some 40 bytes an image. What the listing raises is raised after the shards before it.

    Attributes:
        count: shards that are listed so far.
        is_complete: whether these are all.
    """

    def __init__(self, shards: Iterable[Shard]) -> None:
        self.count, self.is_complete = 0, False
        self._taken = self._read = self._written = 0
        self._error: BaseException | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._file = TemporaryFile(prefix="podoba-shards-")  # noqa: SIM115
        self._thread = threading.Thread(target=self._list, args=(shards,), daemon=True)
        self._thread.start()

    def _list(self, shards: Iterable[Shard]) -> None:
        try:
            for shard in shards:
                data = zlib.compress(pickle.dumps(shard), 1)
                with self._changed:
                    if self._closed:
                        return
                    self._file.seek(self._written)
                    self._written += self._file.write(len(data).to_bytes(8, "little") + data)
                    self.count += 1
                    self._changed.notify()
        except BaseException as error:
            self._error = error
        with self._changed:
            self.is_complete = self._error is None
            self._closed = True
            self._changed.notify()

    def __next__(self) -> Shard:
        with self._changed:
            while self._taken == self.count and not self._closed:
                self._changed.wait()
            if self._taken == self.count:
                if self._error is not None:
                    raise self._error
                raise StopIteration
            self._file.seek(self._read)
            size = int.from_bytes(self._file.read(8), "little")
            data = self._file.read(size)
            self._taken, self._read = self._taken + 1, self._read + 8 + size
        shard: Shard = pickle.loads(zlib.decompress(data))
        return shard

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End the listing, also in its middle."""
        with self._changed:
            self._closed = True
        self._thread.join()
        self._file.close()
