"""Folders of image files: the class is the first sub-folder."""

import os
from functools import partial
from pathlib import Path

from podoba.errors import SourceError
from podoba.images.record import ImageRecord, Skipped
from podoba.images.sources.base import ImageSource, file_stamp, read_file, record_id

EXTENSIONS = frozenset(
    [
        ".jpg",
        ".jpeg",
        ".jpe",
        ".jfif",
        ".png",
        ".webp",
        ".gif",
        ".bmp",
        ".tif",
        ".tiff",
        ".ppm",
        ".pgm",
        ".pbm",
        ".pnm",
        ".mpo",
        ".avif",
        ".ico",
        ".tga",
    ]
)


def open_file(path: Path) -> ImageSource:
    """One image file as a source of one. Raises `SourceError` for a file that is no image by its name."""
    if path.suffix.lower() not in EXTENSIONS:
        raise SourceError(f"{path}: not a kind of source that is known (folder, .csv, .parquet, .zip, .tar, image file)")
    stamp = file_stamp(path)
    record = ImageRecord(record_id(str(path)), str(path), None, partial(read_file, path), stamp)
    return ImageSource(str(path), [record], f"{path} {stamp}")


def open_folder(root: Path) -> ImageSource:
    """All files named like images below a folder, sorted; hidden folders are left out, links to folders followed once."""
    records: list[ImageRecord] = []
    problems: list[Skipped] = []
    stamps: list[str] = []
    seen: set[tuple[int, int]] = set()

    def walk(folder: str, label: str | None) -> None:
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen:
                problems.append(Skipped(folder, "a link back into a folder already read"))
                return
            seen.add((status.st_dev, status.st_ino))
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            problems.append(Skipped(folder, error.strerror or type(error).__name__))
            return
        for entry in entries:
            if entry.name.startswith("."):
                continue
            image_name = os.path.splitext(entry.name)[1].lower() in EXTENSIONS
            try:
                if entry.is_dir():
                    if image_name:
                        problems.append(Skipped(entry.path, "a folder named like an image"))
                    walk(entry.path, label if label is not None else entry.name)
                    continue
                if not image_name:
                    continue
                stamp = file_stamp(Path(entry.path))
            except OSError as error:
                if image_name or entry.is_symlink():
                    problems.append(Skipped(entry.path, error.strerror or type(error).__name__))
                continue
            # A `Path` each would be most of what a record takes.
            records.append(ImageRecord(record_id(entry.path), entry.path, label, partial(read_file, entry.path), stamp))
            stamps.append(f"{entry.path} {stamp}")

    walk(str(root), None)
    return ImageSource(str(root), records, "\n".join([str(root), *stamps]), problems)
