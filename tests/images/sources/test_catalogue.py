from __future__ import annotations

import io
import tarfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy.io import savemat

from podoba.errors import DownloadError, SourceError
from podoba.images.decode import decode
from podoba.images.sources.catalogue import CATALOGUE, PublishedFile
from podoba.images.sources.open import open_source

Files = dict[str, bytes]


def jpeg(value: int = 0) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (12, 9), (value, value, value)).save(buffer, "JPEG")
    return buffer.getvalue()


def cifar(labels: list[int], label_bytes: int) -> bytes:
    """Images whose red plane is their number, green and blue 7 and 9."""
    rows = [
        bytes([99] * (label_bytes - 1) + [c]) + bytes([i]) * 1024 + b"\7" * 1024 + b"\x09" * 1024 for i, c in enumerate(labels)
    ]
    return b"".join(rows)


def mat(**values: object) -> bytes:
    buffer = io.BytesIO()
    savemat(buffer, values)
    return buffer.getvalue()


def archives(name: str) -> dict[str, Files | bytes]:
    """A small archive of the same layout as the published one, by file name."""
    match name:
        case "cifar10":
            inner = {f"cifar-10-batches-bin/data_batch_{i}.bin": cifar([i % 2], 1) for i in range(1, 6)}
            inner |= {"cifar-10-batches-bin/test_batch.bin": cifar([1, 0], 1)}
            return {"cifar-10-binary.tar.gz": inner | {"cifar-10-batches-bin/batches.meta.txt": b"airplane\nautomobile\n\n"}}
        case "cifar100":
            inner = {f"cifar-100-binary/{split}.bin": cifar([0, 1], 2) for split in ("train", "test")}
            return {"cifar-100-binary.tar.gz": inner | {"cifar-100-binary/fine_label_names.txt": b"apple\nbear\n"}}
        case "food101":
            inner = {f"food-101/images/{c}/{i}.jpg": jpeg() for c in ("pie", "soup") for i in (1, 2)}
            meta = {"food-101/meta/train.txt": b"pie/1\nsoup/1\n", "food-101/meta/test.txt": b"pie/2\nsoup/2\n"}
            return {"food-101.tar.gz": inner | meta}
        case "flowers":
            return {"flower_photos.tgz": {f"flower_photos/{c}/{i}.jpg": jpeg() for c in ("daisy", "rose") for i in (1, 2)}}
        case "flowers102":
            sets = mat(trnid=[[1]], valid=[[2]], tstid=[[3, 4]])
            images = {f"jpg/image_{i:05}.jpg": jpeg() for i in range(1, 5)}
            return {"102flowers.tgz": images, "imagelabels.mat": mat(labels=[[1, 2, 1, 2]]), "setid.mat": sets}
        case "paris6k" | "rparis6k":
            return {f"paris_{i}.tgz": {f"paris/defense/paris_defense_{i}.jpg": jpeg()} for i in (1, 2)}
        case _:
            return {"oxbuild_images.tgz": {f"all_souls_{i}.jpg": jpeg() for i in (1, 2)}}


EXPECTED: dict[str, tuple[int, list[str], dict[str, int]]] = {
    "cifar10": (7, ["airplane", "automobile"], {"train": 5, "test": 2}),
    "cifar100": (4, ["apple", "bear"], {"train": 2, "test": 2}),
    "food101": (4, ["pie", "soup"], {"train": 2, "test": 2}),
    "flowers": (4, ["daisy", "rose"], {}),
    "flowers102": (4, ["001", "002"], {"train": 1, "validation": 1, "test": 2}),
    "paris6k": (2, [], {}),
    "rparis6k": (2, [], {}),
    "oxford5k": (2, [], {}),
    "roxford5k": (2, [], {}),
}


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Keep the test's output clean."""


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a small set of a name on a server of this machine, and the catalogue's addresses to it."""
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path / "cache"))
    web = tmp_path / "web"
    web.mkdir()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(web)))
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()

    def put(name: str) -> None:
        for file, content in archives(name).items():
            if isinstance(content, bytes):
                (web / file).write_bytes(content)
                continue
            with tarfile.open(web / file, "w:gz") as archive:
                for inner, data in content.items():
                    info = tarfile.TarInfo(inner)
                    info.size = len(data)
                    archive.addfile(info, io.BytesIO(data))
        moved = [PublishedFile(f"http://127.0.0.1:{server.server_port}/{f.name}") for f in CATALOGUE[name].files]
        monkeypatch.setitem(CATALOGUE, name, replace(CATALOGUE[name], files=moved))

    yield put
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_fetched_and_read_as_published(name: str, publish: Callable[[str], None], monkeypatch: pytest.MonkeyPatch) -> None:
    publish(name)
    count, classes, splits = EXPECTED[name]
    source = open_source(name)
    assert (len(source), source.classes) == (count, classes)
    assert {split: len(open_source(f"{name}:{split}")) for split in splits} == splits
    assert all(decode(record.open(), record.uri).mode == "RGB" for record in source)
    monkeypatch.setitem(CATALOGUE, name, replace(CATALOGUE[name], files=[PublishedFile("http://127.0.0.1:9/none")]))
    assert [r.id for r in open_source(name)] == [r.id for r in source], "the second time nothing is fetched"


def test_cifar_pixels_lie_where_they_should(publish: Callable[[str], None]) -> None:
    publish("cifar10")
    record = open_source("cifar10:test").records[1]
    pixels = np.asarray(decode(record.open(), record.uri))
    assert pixels.shape == (32, 32, 3)
    assert pixels[0, 0].tolist() == pixels[31, 31].tolist() == [1, 7, 9]
    assert record.label == "airplane"


def test_every_set_has_a_test_or_needs_a_person() -> None:
    assert set(CATALOGUE) - set(EXPECTED) == {"digits", "natural"}
    assert all(file.url.startswith("http") for entry in CATALOGUE.values() for file in entry.files)


def test_offline_names_the_local_alternative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path))
    monkeypatch.setitem(CATALOGUE, "cifar10", replace(CATALOGUE["cifar10"], files=[PublishedFile("http://127.0.0.1:9/x.tgz")]))
    with pytest.raises(DownloadError, match="name a folder of yours instead"):
        open_source("cifar10")
    with pytest.raises(SourceError, match="Kaggle"):
        open_source("natural")
    with pytest.raises(SourceError, match="train, test"):
        open_source("cifar10:validation")


def test_files_put_by_hand_are_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PODOBA_CACHE", str(tmp_path))
    for name in ("car", "cat"):
        (tmp_path / "sets" / "natural" / name).mkdir(parents=True)
        (tmp_path / "sets" / "natural" / name / "1.jpg").write_bytes(jpeg())
    assert open_source("natural").classes == ["car", "cat"]


def test_a_damaged_archive_is_removed(publish: Callable[[str], None], tmp_path: Path) -> None:
    publish("flowers")
    (tmp_path / "web" / "flower_photos.tgz").write_bytes(b"junk" * 100)
    with pytest.raises(DownloadError, match="damaged"):
        open_source("flowers")
    publish("flowers")
    assert len(open_source("flowers")) == 4
