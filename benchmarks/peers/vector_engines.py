"""The peers of benchmarks/search.py, each as its own documentation shows it; run in the peers' environment."""

from __future__ import annotations

import struct
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from vector_runner import Floats, Ids, K, main

LINKS, BUILD_WIDTH = 32, 100  # of every graph, podoba's too
WIDTHS = (10, 16, 24, 32, 48, 64, 96, 128, 160, 192, 256, 320, 384, 512, 768, 1024)


class Faiss:
    """Bare FAISS: HNSW on float32."""

    widths: Sequence[int] = WIDTHS
    asked = 1000

    def build(self, base: Floats, buckets: Ids, labels: Ids, folder: Path) -> dict[str, float]:
        import faiss

        index = self.make(base)
        index.add(base)
        faiss.write_index(index, str(folder / "index.faiss"))
        np.savez(folder / "columns.npz", buckets=buckets, labels=labels)
        return {}

    def make(self, base: Floats) -> Any:
        import faiss

        index = faiss.IndexHNSWFlat(base.shape[1], LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = BUILD_WIDTH
        return index

    def open(self, folder: Path, threads: int) -> None:
        import faiss

        faiss.omp_set_num_threads(threads)
        self.index = faiss.read_index(str(folder / "index.faiss"))
        columns = np.load(folder / "columns.npz")
        self.columns = {"bucket": columns["buckets"], "label": columns["labels"]}

    def parameters(self, width: int, **more: Any) -> Any:
        import faiss

        return faiss.SearchParametersHNSW(efSearch=width, **more)

    def search(self, queries: Floats, width: int) -> Ids:
        found: Ids = self.index.search(queries, K, params=self.parameters(width))[1]
        return found

    def search_where(self, query: Floats, condition: tuple[str, int], width: int) -> Ids | None:
        import faiss

        column, value = condition
        mask = self.columns[column] < value if column == "bucket" else self.columns[column] == value
        selector = faiss.IDSelectorBitmap(np.packbits(mask, bitorder="little"))
        found: Ids = self.index.search(query, K, params=self.parameters(width, sel=selector))[1][0]
        return found


class FaissFlat(Faiss):
    """Bare FAISS: exact."""

    widths = (0,)
    asked = 200

    def make(self, base: Floats) -> Any:
        import faiss

        return faiss.IndexFlatIP(base.shape[1])

    def parameters(self, width: int, **more: Any) -> Any:
        import faiss

        return faiss.SearchParameters(**more)


class FaissCodes(Faiss):
    """Bare FAISS: HNSW on 8-bit codes, without comparing exactly afterwards."""

    def make(self, base: Floats) -> Any:
        import faiss

        index = faiss.IndexHNSWSQ(base.shape[1], faiss.ScalarQuantizer.QT_8bit, LINKS, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = BUILD_WIDTH
        index.train(base[:: max(1, len(base) // 100_000)])
        return index


class FaissInverted(Faiss):
    """Bare FAISS: inverted lists of float32."""

    widths = (1, 2, 4, 8, 16, 32, 64, 96, 128, 192, 256, 384, 512)

    def make(self, base: Floats) -> Any:
        import faiss

        lists = int(4 * len(base) ** 0.5)
        index = faiss.index_factory(base.shape[1], f"IVF{lists},Flat", faiss.METRIC_INNER_PRODUCT)
        index.cp.niter = 10
        index.train(base[: 40 * lists])
        return index

    def parameters(self, width: int, **more: Any) -> Any:
        import faiss

        return faiss.SearchParametersIVF(nprobe=width, **more)


class Hnswlib:
    """hnswlib: float32."""

    widths: Sequence[int] = WIDTHS
    asked = 1000

    def build(self, base: Floats, buckets: Ids, labels: Ids, folder: Path) -> dict[str, float]:
        import hnswlib

        index = hnswlib.Index(space="ip", dim=base.shape[1])
        index.init_index(max_elements=len(base), M=LINKS, ef_construction=BUILD_WIDTH)
        index.add_items(base, np.arange(len(base)))
        index.save_index(str(folder / "index.bin"))
        np.savez(folder / "columns.npz", buckets=buckets, labels=labels, dim=base.shape[1])
        return {}

    def open(self, folder: Path, threads: int) -> None:
        import hnswlib

        columns = np.load(folder / "columns.npz")
        self.columns = {"bucket": columns["buckets"], "label": columns["labels"]}
        self.index = hnswlib.Index(space="ip", dim=int(columns["dim"]))
        self.index.load_index(str(folder / "index.bin"))
        self.index.set_num_threads(threads)

    def search(self, queries: Floats, width: int) -> Ids:
        self.index.set_ef(max(width, K))
        return np.asarray(self.index.knn_query(queries, k=K)[0].astype(np.int64))

    def search_where(self, query: Floats, condition: tuple[str, int], width: int) -> Ids | None:
        column, value = condition
        mask = (self.columns[column] < value if column == "bucket" else self.columns[column] == value).tolist()
        self.index.set_ef(max(width, K))
        try:
            rows = self.index.knn_query(query, k=K, filter=lambda row: mask[row], num_threads=1)[0][0]
        except RuntimeError:  # it finds fewer than K, and then gives none
            return np.empty(0, dtype=np.int64)
        return np.asarray(rows.astype(np.int64))


class Usearch:
    """USearch: float32."""

    widths: Sequence[int] = WIDTHS
    asked = 1000
    kind = "f32"

    def build(self, base: Floats, buckets: Ids, labels: Ids, folder: Path) -> dict[str, float]:
        from usearch.index import Index

        index = Index(ndim=base.shape[1], metric="ip", dtype=self.kind, connectivity=LINKS, expansion_add=BUILD_WIDTH)
        index.add(np.arange(len(base)), base)
        index.save(str(folder / "index.usearch"))
        return {}

    def open(self, folder: Path, threads: int) -> None:
        from usearch.index import Index

        self.threads = threads
        self.index = Index.restore(str(folder / "index.usearch"), view=False)

    def search(self, queries: Floats, width: int) -> Ids:
        self.index.expansion_search = max(width, K)
        found = self.index.search(queries, K, threads=self.threads)
        return np.asarray(found.keys.reshape(len(queries), -1).astype(np.int64))

    def search_where(self, query: Floats, condition: tuple[str, int], width: int) -> Ids | None:
        return None  # its Python interface has no filters


class UsearchHalf(Usearch):
    """USearch: half precision."""

    kind = "f16"


class Lance:
    """LanceDB: HNSW on 8-bit codes in inverted lists, refined by exact comparison."""

    widths: Sequence[int] = (10, 20, 40, 80, 160, 320, 640)
    asked = 200

    def build(self, base: Floats, buckets: Ids, labels: Ids, folder: Path) -> dict[str, float]:
        import lancedb
        import pyarrow as pa

        vectors = pa.FixedSizeListArray.from_arrays(pa.array(base.ravel()), base.shape[1])
        columns = {"row": np.arange(len(base)), "bucket": buckets, "label": labels}
        rows = pa.table({"vector": vectors, **{name: pa.array(column) for name, column in columns.items()}})
        table = lancedb.connect(folder).create_table("items", rows)
        if len(base) > 1000:
            table.create_index(metric="dot", index_type="IVF_HNSW_SQ", m=LINKS, ef_construction=BUILD_WIDTH)
        for column in ("bucket", "label"):
            table.create_scalar_index(column)
        return {}

    def open(self, folder: Path, threads: int) -> None:
        import lancedb

        self.table = lancedb.connect(folder).open_table("items")

    def search(self, queries: Floats, width: int) -> Ids:
        return np.stack([self._ask(query, width, None) for query in queries])

    def search_where(self, query: Floats, condition: tuple[str, int], width: int) -> Ids | None:
        column, value = condition
        return self._ask(query[0], width, f"{column} {'<' if column == 'bucket' else '='} {value}")

    def _ask(self, query: Floats, width: int, where: str | None) -> Ids:
        asked = self.table.search(query).distance_type("dot").nprobes(width).ef(max(width, 30)).refine_factor(3).limit(K)
        if where is not None:
            asked = asked.where(where, prefilter=True)
        rows = asked.select(["row"]).to_arrow()["row"].to_numpy()
        return np.concatenate([rows, np.full(K - len(rows), -1)]).astype(np.int64)


class SqliteVec:
    """sqlite-vec: exact, float32 in SQLite."""

    widths: Sequence[int] = (0,)
    asked = 20

    def _connect(self, folder: Path) -> Any:
        import apsw  # Python's own sqlite3 may have been built without extensions
        import sqlite_vec

        connection = apsw.Connection(str(folder / "items.sqlite"))
        connection.enable_load_extension(True)
        connection.load_extension(sqlite_vec.loadable_path())
        return connection

    def build(self, base: Floats, buckets: Ids, labels: Ids, folder: Path) -> dict[str, float]:
        connection = self._connect(folder)
        connection.execute(
            f"CREATE VIRTUAL TABLE items USING vec0(vector float[{base.shape[1]}] distance_metric=cosine, "
            "bucket integer, label integer)"
        )
        rows = ((row, base[row].tobytes(), int(buckets[row]), int(labels[row])) for row in range(len(base)))
        with connection:
            connection.executemany("INSERT INTO items (rowid, vector, bucket, label) VALUES (?, ?, ?, ?)", rows)
        connection.close()
        return {}

    def open(self, folder: Path, threads: int) -> None:
        self.connection = self._connect(folder)

    def search(self, queries: Floats, width: int) -> Ids:
        return np.stack([self._ask(query, "", ()) for query in queries])

    def search_where(self, query: Floats, condition: tuple[str, int], width: int) -> Ids | None:
        column, value = condition
        return self._ask(query[0], f"AND {column} {'<' if column == 'bucket' else '='} ?", (value,))

    def _ask(self, query: Floats, where: str, values: tuple[int, ...]) -> Ids:
        packed = struct.pack(f"{len(query)}f", *query)
        rows = self.connection.execute(
            f"SELECT rowid FROM items WHERE vector MATCH ? AND k = {K} {where} ORDER BY distance", (packed, *values)
        ).fetchall()
        return np.array([row[0] for row in rows] + [-1] * (K - len(rows)), dtype=np.int64)


ENGINES: dict[str, type[Any]] = {
    "faiss-hnsw": Faiss, "faiss-hnsw-8bit": FaissCodes, "faiss-ivf": FaissInverted, "faiss-flat": FaissFlat,
    "hnswlib": Hnswlib, "usearch": Usearch, "usearch-half": UsearchHalf, "lancedb": Lance, "sqlite-vec": SqliteVec,
}  # fmt: skip

if __name__ == "__main__":
    main(ENGINES)
