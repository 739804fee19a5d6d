"""The numbers by which an index is built, chosen and searched."""

from dataclasses import dataclass


@dataclass(frozen=True)
class IndexSettings:
    """How descriptors are searched. The defaults were chosen by `benchmarks/search.py` (docs/benchmarks.md).

    Attributes:
        exact_bytes: of descriptors that are compared one by one, in some milliseconds; more get an index.
        beside_bytes: of new descriptors that are compared beside an index before they are added to it.
        worn: share of rows that came or went since the index was built, from which it is rebuilt.
        dead: share of rows that are no longer valid, from which the cache is rewritten.
        target: recall@10 that an index must have, measured on items that are not in it.
        links: of a node of HNSW on its upper layers, twice that on the lowest (M).
        build_width: candidates looked at for a node's links when it is added (efConstruction).
        sample: items by which recall is measured.
        trained: descriptors from which the ranges of 8-bit codes are taken.
        added: descriptors added to an index at a time.
        widths: of a search, from the fastest to the most thorough; the first that meets the target is taken.
        candidates: rows found for every 10 neighbours, which are then compared exactly; tried in this order.
        worth: a comparison through the index costs about as much as this many in a row.
        memory_share: of the machine's memory that building may take.
        memory_bytes: of the machine, where its operating system does not say.
        ivf_from: rows from which an inverted file is built: a graph of more takes days.
        largest_k: neighbours for which the index is used; more are searched exactly.
        filters: of the last searches, whose rows are kept.
    """

    exact_bytes: int = 64 << 20
    beside_bytes: int = 8 << 20
    worn: float = 0.3
    dead: float = 0.1
    target: float = 0.99
    links: int = 32
    build_width: int = 100
    sample: int = 1000
    trained: int = 100_000
    added: int = 8192
    widths: tuple[int, ...] = (
        16, 24, 32, 40, 48, 64, 80, 96, 128, 160, 192, 224, 256, 320, 384, 448, 512, 640, 768, 1024, 1280, 1536, 2048,
    )  # fmt: skip
    candidates: tuple[int, ...] = (10, 20, 40, 100)
    worth: float = 8
    memory_share: float = 0.4
    memory_bytes: int = 4 << 30
    ivf_from: int = 20_000_000
    largest_k: int = 100
    filters: int = 16
