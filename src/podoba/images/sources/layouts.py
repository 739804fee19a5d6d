"""How the files of published sets are laid out, set by set."""

import io
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from podoba.errors import SourceError, UnreadableImage, require
from podoba.images.record import ImageRecord
from podoba.images.sources.base import file_stamp, read_file, record_id
from podoba.images.sources.folder import open_folder

SIDE = 32  # pixels of a CIFAR image
PIXELS = 3 * SIDE * SIDE


def read_digits(name: Path) -> list[ImageRecord]:
    """scikit-learn's 1,797 handwritten digits of 8x8 pixels, as PNG; every fifth is a test image."""
    data = require("sklearn.datasets", "train").load_digits()

    def png(row: int) -> bytes:
        buffer = io.BytesIO()
        Image.fromarray((data.images[row] * 15.9375).astype("uint8")).save(buffer, "PNG")
        return buffer.getvalue()

    return [
        ImageRecord(
            record_id(f"{name}!/{row}"),
            f"{name}!/{row}",
            str(label),
            partial(png, row),
            "1",
            "test" if row % 5 == 4 else "train",
        )
        for row, label in enumerate(data.target)
    ]


def read_cifar10(folder: Path) -> list[ImageRecord]:
    """CIFAR-10, binary version: a byte of class, then 3,072 of pixels, plane by plane."""
    root = folder / "cifar-10-batches-bin"
    classes = _lines(root / "batches.meta.txt")
    train = [root / f"data_batch_{i}.bin" for i in range(1, 6)]
    return [*_cifar(train, classes, 1, "train"), *_cifar([root / "test_batch.bin"], classes, 1, "test")]


def read_cifar100(folder: Path) -> list[ImageRecord]:
    """CIFAR-100, binary version: two bytes of class, the second the finer one, then 3,072 of pixels."""
    root = folder / "cifar-100-binary"
    classes = _lines(root / "fine_label_names.txt")
    return [*_cifar([root / "train.bin"], classes, 2, "train"), *_cifar([root / "test.bin"], classes, 2, "test")]


def read_food101(folder: Path) -> list[ImageRecord]:
    """Food-101: `images/CLASS/NUMBER.jpg`, with the splits listed in `meta/`."""
    root = folder / "food-101"
    return [
        _file(root / "images" / f"{name}.jpg", name.partition("/")[0], split)
        for split in ("train", "test")
        for name in _lines(root / "meta" / f"{split}.txt")
    ]


def read_flowers102(folder: Path) -> list[ImageRecord]:
    """Oxford's 102 flowers: numbered pictures, classes and splits in MATLAB files (class names are not published there)."""
    loadmat = require("scipy.io", "train").loadmat
    try:
        labels = loadmat(folder / "imagelabels.mat")["labels"].ravel()
        sets = loadmat(folder / "setid.mat")
        parts = {"train": sets["trnid"].ravel(), "validation": sets["valid"].ravel(), "test": sets["tstid"].ravel()}
    except (OSError, ValueError, KeyError, NotImplementedError) as error:
        raise SourceError(
            f"{folder}: the classes of the flowers cannot be read ({error}): remove the folder, run again"
        ) from error
    return [
        _file(folder / "jpg" / f"image_{number:05}.jpg", f"{labels[number - 1]:03}", split)
        for split, numbers in parts.items()
        for number in sorted(int(n) for n in numbers)
    ]


def read_by_folder(folder: Path) -> list[ImageRecord]:
    """Pictures in a folder a class, perhaps below one that holds them all."""
    return list(open_folder(folder).records)


def read_flat(folder: Path) -> list[ImageRecord]:
    """Pictures without classes, wherever they lie; the ground truth names them by file name."""
    return [_file(Path(record.uri), None, None) for record in open_folder(folder).records]


def _cifar(paths: Iterable[Path], classes: list[str], label_bytes: int, split: str) -> list[ImageRecord]:
    records = []
    size = label_bytes + PIXELS
    for path in paths:
        try:
            stamp = file_stamp(path)
            labels = np.fromfile(path, dtype=np.uint8)
        except OSError as error:
            raise SourceError(f"{path} is missing ({error.strerror}): remove the folder {path.parent} and run again") from error
        if not len(labels) or len(labels) % size:
            raise SourceError(f"{path} is damaged: remove the folder {path.parent} and run again")
        for row, label in enumerate(labels.reshape(-1, size)[:, label_bytes - 1].tolist()):
            uri = f"{path}!/{row}"
            opener = partial(_cifar_image, path, row * size + label_bytes, uri)
            records.append(ImageRecord(record_id(uri), uri, classes[label], opener, stamp, split))
    return records


def _cifar_image(path: Path, start: int, uri: str) -> bytes:
    """The pixels as a PPM file, which costs nothing to make or to read."""
    try:
        with path.open("rb") as file:
            file.seek(start)
            planes = file.read(PIXELS)
    except OSError as error:
        raise UnreadableImage(uri, error.strerror or type(error).__name__) from error
    if len(planes) != PIXELS:
        raise UnreadableImage(uri, "the file is cut off")
    pixels = np.frombuffer(planes, dtype=np.uint8).reshape(3, SIDE, SIDE).transpose(1, 2, 0)
    return b"P6 32 32 255\n" + pixels.tobytes()


def _file(path: Path, label: str | None, split: str | None) -> ImageRecord:
    uri = str(path)
    stamp = file_stamp(path) if path.exists() else None
    return ImageRecord(record_id(uri), uri, label, partial(read_file, path), stamp, split)


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").split()
    except OSError as error:
        raise SourceError(f"{path} is missing ({error.strerror}): remove its folder and run again") from error
