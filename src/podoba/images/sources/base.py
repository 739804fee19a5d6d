"""Sources of images: one argument, the same everywhere, whatever form the images come in."""

from __future__ import annotations

import difflib
import glob
import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

from podoba.errors import SourceError
from podoba.images.reading import Skipped
from podoba.images.record import ImageRecord


def record_id(uri: str) -> str:
    """The stable id of an image: 16 hexadecimal digits of its absolute uri, so that two sources never collide."""
    return hashlib.sha256(uri.encode("utf-8", "surrogateescape")).hexdigest()[:16]


def located(path: str | Path) -> Path:
    """A path in full and without `..`, so that a file has one name, and by it one id, wherever it is named from."""
    place = Path(path).expanduser()
    return place.resolve() if ".." in place.parts else place.absolute()


class ImageSource:
    """Images that can be read one by one, in a fixed order.

    Attributes:
        name: as a person would call it.
        root: where it is, in full: an absolute path, or the name of a named set.
        records: light objects; bytes are read when a record is opened.
        problems: what was met while listing and cannot be an image at all, with the reason.
        parts: the sources that were joined into this one, or none.
    """

    def __init__(
        self,
        root: str,
        records: Sequence[ImageRecord],
        stamp: str,
        problems: Sequence[Skipped] = (),
        parts: Sequence[ImageSource] = (),
    ) -> None:
        self.root = root
        self.parts = list(parts)
        self.name = Path(root).name
        self.records = records
        self.problems = list(problems)
        self._stamp = stamp

    def __len__(self) -> int:
        return len(self.records)

    def __iter__(self) -> Iterator[ImageRecord]:
        return iter(self.records)

    @property
    def labels(self) -> list[str | None]:
        """Class name of each record, or None."""
        return [record.label for record in self.records]

    @property
    def classes(self) -> list[str]:
        """Class names present, sorted."""
        return sorted({record.label for record in self.records if record.label is not None})

    def fingerprint(self) -> str:
        """16 hexadecimal digits that change when images are added, removed or changed (by name, size and time)."""
        return hashlib.sha256(self._stamp.encode("utf-8", "surrogateescape")).hexdigest()[:16]

    def subset(self, indices: Sequence[int]) -> ImageSource:
        """The records at `indices`, in that order."""
        records = [self.records[i] for i in indices]
        stamp = self._stamp + "\n" + "\n".join(record.id for record in records)
        return ImageSource(self.root, records, stamp, self.problems)


def open_source(spec: str | Path | Sequence[str | Path], split: str | None = None) -> ImageSource:
    """The images that `spec` names.

    Args:
        spec: a folder (class = first sub-folder), `.csv`, `.parquet`, `.zip`, `.tar`, a named set (`cifar10`,
            `cifar10:test`), a pattern with `*`, or a list of these, which are joined.
        split: only the images of this split, where the source knows splits.

    Raises:
        SourceError: nothing is there, or it cannot be understood.
    """
    if not isinstance(spec, str | Path):
        return _joined([open_source(one, split) for one in spec])
    text = str(spec)
    path = Path(text).expanduser()
    if path.exists():
        source = _open_path(path)
    elif glob.has_magic(text):
        found = sorted(glob.glob(str(path)))
        if not found:
            raise SourceError(f"{text}: no file matches this pattern")
        # Its root is the pattern itself, whatever matches it today, so that what matched before and is gone can be told.
        return _joined([open_source(one, split) for one in found], str(located(path)))
    else:
        return _open_named(text, split)
    if split is None:
        return source
    rows = [i for i, record in enumerate(source.records) if record.split == split]
    if not rows:
        splits = sorted({record.split for record in source.records if record.split})
        raise SourceError(f"{text}: no images of split {split!r} (it has: {', '.join(splits) or 'no splits'})")
    return source.subset(rows)


def file_stamp(path: Path) -> str:
    """Size and time of the last change of a file, as `ImageRecord.stamp`. Raises `OSError`."""
    status = path.stat()
    return f"{status.st_size}-{status.st_mtime_ns}"


def _open_path(path: Path) -> ImageSource:
    from podoba.images.sources import archive as archives
    from podoba.images.sources import folder as folders
    from podoba.images.sources import table as tables

    path = located(path)
    name = path.name.lower()
    if path.is_dir():
        return folders.open_folder(path)
    if name.endswith(".csv"):
        return tables.open_csv(path)
    if name.endswith(".parquet"):
        return tables.open_parquet(path)
    if name.endswith(".zip"):
        return archives.open_zip(path)
    if name.endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")):
        return archives.open_tar(path)
    return folders.open_file(path)


def _open_named(text: str, split: str | None) -> ImageSource:
    from podoba.images.sources import catalogue

    name, _, own_split = text.partition(":")
    if name in catalogue.NAMES:
        return catalogue.open_named(name, own_split or split)
    near = difflib.get_close_matches(name, catalogue.NAMES, 2, 0.6)
    near += [str(p) for p in _near_paths(Path(text))]
    hint = f"did you mean {' or '.join(near)}?" if near else f"name a folder, a file, or one of {', '.join(catalogue.NAMES)}"
    raise SourceError(f"{text}: no such file, folder or named set: {hint}")


def _near_paths(path: Path) -> list[Path]:
    try:
        names = [p.name for p in path.absolute().parent.iterdir()]
    except OSError:
        return []
    return [path.parent / name for name in difflib.get_close_matches(path.name, names, 2, 0.7)]


def _joined(sources: list[ImageSource], root: str | None = None) -> ImageSource:
    """Sources as one; with a root of its own it is no longer made of parts."""
    if len(sources) == 1 and root is None:
        return sources[0]
    records = [record for source in sources for record in source.records]
    stamp = "\n".join(source.fingerprint() for source in sources)
    problems = [p for s in sources for p in s.problems]
    if root is not None:
        return ImageSource(root, records, stamp, problems)
    return ImageSource(" + ".join(s.root for s in sources), records, stamp, problems, sources)
