"""Named sets of images: where they are published, and how their files are laid out."""

import shutil
import tarfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from podoba.cache.download import Terms, download
from podoba.cache.location import cache_dir
from podoba.errors import DownloadError, SourceError
from podoba.files import new_folder_beside
from podoba.images.record import ImageRecord
from podoba.images.sources import layouts
from podoba.images.sources.base import ImageSource
from podoba.progress import OnProgress

OXFORD = "https://www.robots.ox.ac.uk/~vgg/data"
TORONTO = "https://www.cs.toronto.edu/~kriz"


@dataclass(frozen=True)
class PublishedFile:
    """A file of a set: its address, and its checksum where one is published."""

    url: str
    checksum: str | None = None

    @property
    def name(self) -> str:
        """The last part of the address."""
        return self.url.rpartition("/")[2]


@dataclass(frozen=True)
class NamedSet:
    """A published set of images.

    Attributes:
        files: archives, unpacked into one folder, and other files, put beside.
        read: records of the unpacked folder, in a fixed order.
        splits: names of the splits it declares.
        terms: licence or terms of use, as published.
        by_hand: what a person must do where the files cannot be fetched by a program.
    """

    read: Callable[[Path], list[ImageRecord]]
    files: Sequence[PublishedFile] = ()
    splits: Sequence[str] = ()
    terms: str = "see the publisher's page"
    by_hand: str = ""


_PARIS = NamedSet(
    layouts.read_flat,
    [
        PublishedFile(f"{OXFORD}/parisbuildings/paris_1.tgz"),
        PublishedFile(f"{OXFORD}/parisbuildings/paris_2.tgz"),
    ],
    terms="photographs from Flickr, under their owners' terms",
)
_OXFORD = NamedSet(
    layouts.read_flat,
    [PublishedFile(f"{OXFORD}/oxbuildings/oxbuild_images.tgz")],
    terms="photographs from Flickr, under their owners' terms",
)

CATALOGUE: dict[str, NamedSet] = {
    "digits": NamedSet(layouts.read_digits, splits=("train", "test"), terms="UCI, CC BY 4.0; ships with scikit-learn"),
    "cifar10": NamedSet(
        layouts.read_cifar10,
        [PublishedFile(f"{TORONTO}/cifar-10-binary.tar.gz", "md5:c32a1d4ab5d03f1284b67883e8d87530")],
        ("train", "test"),
    ),
    "cifar100": NamedSet(
        layouts.read_cifar100,
        [PublishedFile(f"{TORONTO}/cifar-100-binary.tar.gz", "md5:03b5dce01913d631647c71ecec9e9cb8")],
        ("train", "test"),
    ),
    "food101": NamedSet(
        layouts.read_food101,
        [PublishedFile("http://data.vision.ee.ethz.ch/cvl/food-101.tar.gz", "md5:85eeb15f3717b99a5da872d97d918f87")],
        ("train", "test"),
        terms="photographs from Foodspotting; scientific use",
    ),
    "flowers": NamedSet(
        layouts.read_by_folder,
        [PublishedFile("https://storage.googleapis.com/download.tensorflow.org/example_images/flower_photos.tgz")],
        terms="CC BY 2.0, photographers in LICENSE.txt",
    ),
    "flowers102": NamedSet(
        layouts.read_flowers102,
        [
            PublishedFile(f"{OXFORD}/flowers/102/102flowers.tgz", "md5:52808999861908f626f3c1f4e79d11fa"),
            PublishedFile(f"{OXFORD}/flowers/102/imagelabels.mat", "md5:e0620be6f572b9609742df49c70aed4d"),
            PublishedFile(f"{OXFORD}/flowers/102/setid.mat", "md5:a5357ecc9cb78c4bef273ce3793fc85c"),
        ],
        ("train", "validation", "test"),
    ),
    "natural": NamedSet(
        layouts.read_by_folder,
        by_hand="it is published on Kaggle (prasunroy/natural-images), where a person must log in: fetch and unpack it there",
    ),
    "paris6k": _PARIS,
    "rparis6k": _PARIS,
    "oxford5k": _OXFORD,
    "roxford5k": _OXFORD,
}
NAMES = tuple(CATALOGUE)


def open_named(name: str, split: str | None, progress: OnProgress | None = None) -> ImageSource:
    """The images of a named set, fetched first where they are not in the cache.

    Raises:
        SourceError: a split that the set does not have, or a set that only a person can fetch.
        DownloadError: no network, or a damaged download; names the alternative.
    """
    entry = CATALOGUE[name]
    if split is not None and split not in entry.splits:
        has = f"the splits {', '.join(entry.splits)}" if entry.splits else "no splits of its own"
        raise SourceError(f"{name} has {has}, not {split!r}")
    records = entry.read(_unpacked(name, entry, progress) if entry.files or entry.by_hand else Path(name))
    if split is not None:
        records = [record for record in records if record.split == split]
    return ImageSource(name, records, f"{name} {split} {len(records)}", split=split)


def _unpacked(name: str, entry: NamedSet, progress: OnProgress | None) -> Path:
    """The folder of a set in the cache; it stands there only when it is whole."""
    folder = cache_dir() / "sets" / name
    if folder.is_dir():
        return folder
    alternative = f"put the unpacked images into {folder}, or name a folder of yours instead of {name!r}"
    if entry.by_hand:
        raise SourceError(f"{name}: {entry.by_hand}, {alternative}")
    kept = cache_dir() / "downloads" / name
    terms = Terms(alternative=alternative)
    files = [download(file.url, kept / file.name, checksum=file.checksum, terms=terms, progress=progress) for file in entry.files]
    draft = new_folder_beside(folder)
    try:
        for path in files:
            if path.name.endswith((".tgz", ".tar.gz", ".tar")):
                _unpack(path, draft)
            else:
                shutil.copyfile(path, draft / path.name)
        draft.replace(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(kept, ignore_errors=True)
    return folder


def _unpack(path: Path, folder: Path) -> None:
    try:
        with tarfile.open(path) as archive:
            archive.extractall(folder, filter="data")
    except (tarfile.TarError, OSError, EOFError) as error:
        path.unlink(missing_ok=True)
        raise DownloadError(f"{path.name}: damaged ({error}); it was removed: run the command again") from error
