"""How a vector database is talked to."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class VectorSettings:
    """Numbers of the talk with a server of Milvus.

    Attributes:
        connect_seconds: within which a connection must be made.
        seconds: within which one request must be answered.
        search_seconds: the same of a search by the index: one that went to a node which has died must not be waited for longer
            than another takes.
        patience: seconds for which a request is made again where the server is away or not ready, and once at least.
        first_wait, longest_wait: seconds before the first and the last of these repetitions; each waits twice as long as the one
            before it.
        consistency: what a search sees of what others write: `Session` all that is older than the server's bound (some
            seconds), `Strong` all of it, for some tenths of a second more.
        settling: seconds after a write of this process in which it reads with `Strong`, so that it sees what it wrote.
        links: neighbours that an item has in the graph of the index (HNSW's M).
        build_width: candidates while the index is built (efConstruction).
        search_width: candidates of a search at least (ef), or as many as are searched for.
        beyond: items that are searched for beyond the k that are wanted, so that equal ones come in their order.
        compared: items up to which all of a filter are compared, without the index: so that a rare label far from the query is
            found wholly, whatever the server has built of its index yet.
        widened: how often more is searched for where a filter is compared here, before all are compared.
        largest_k: the most that the server finds in one search.
        rounding: by how much similarities that the server computes may differ from those computed here.
        page_rows, page_bytes: the most that is read at once, in items and bytes of descriptors.
        batch_rows, batch_bytes: the most that is written at once.
        together: numbers of items that one condition names.
        threads: files that are loaded at a time.
        sample_seconds: for which a sample of descriptors is kept.
        index_seconds: for which the end of a load waits until the server has built its index.
    """

    connect_seconds: float = 5.0
    seconds: float = 30.0
    search_seconds: float = 10.0
    patience: float = 30.0
    first_wait: float = 0.1
    longest_wait: float = 3.0
    consistency: Literal["Session", "Strong", "Bounded", "Eventually"] = "Session"
    settling: float = 10.0
    links: int = 16
    build_width: int = 200
    search_width: int = 128
    beyond: int = 16
    compared: int = 2000
    widened: int = 2
    largest_k: int = 16_384
    rounding: float = 1e-5
    page_rows: int = 4096
    page_bytes: int = 8 << 20
    batch_rows: int = 2000
    batch_bytes: int = 4 << 20
    together: int = 2000
    threads: int = 4
    sample_seconds: float = 60.0
    index_seconds: float = 3600.0

    def page(self, dim: int) -> int:
        """Items that are read at once with their descriptors."""
        return max(1, min(self.page_rows, self.page_bytes // (4 * max(1, dim))))

    def batch(self, dim: int) -> int:
        """Items that are written at once."""
        return max(1, min(self.batch_rows, self.batch_bytes // (4 * max(1, dim))))


DEFAULT = VectorSettings()
