"""Archives of image files, read in place: the class is the first folder inside."""

import tarfile
import threading
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath

from podoba.errors import SourceError, UnreadableImage
from podoba.images.record import ImageRecord
from podoba.images.sources.base import ImageSource, file_stamp, record_id
from podoba.images.sources.folder import EXTENSIONS


def open_zip(path: Path) -> ImageSource:
    """The images of a `.zip`. Raises `SourceError` where it is damaged."""
    try:
        archive = zipfile.ZipFile(path)
        names = sorted(info.filename for info in archive.infolist() if not info.is_dir())
    except (OSError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path}: cannot be read as a zip archive ({error})") from error

    def read(name: str, uri: str) -> bytes:
        try:
            return archive.read(name)
        except Exception as error:  # what decompressors throw shares no base but Exception
            raise UnreadableImage(uri, f"damaged in the archive: {error}") from error

    return _source(path, names, read)


def open_tar(path: Path) -> ImageSource:
    """The images of a `.tar`, compressed or not, in the order of the file.

    A compressed one can only be read forwards: what is read in order is decompressed once, and every step back begins at the
    start of the archive.

    Raises:
        SourceError: a damaged archive.
    """
    lock = threading.Lock()
    try:
        archive = tarfile.open(path)  # noqa: SIM115  (stays open as long as the records live)
        members = {member.name: member for member in archive if member.isfile()}
    except (OSError, tarfile.TarError, EOFError) as error:
        raise SourceError(f"{path}: cannot be read as a tar archive ({error})") from error

    def read(name: str, uri: str) -> bytes:
        try:
            with lock:
                file = archive.extractfile(members[name])
                return file.read() if file is not None else b""
        except (OSError, tarfile.TarError, EOFError) as error:
            raise UnreadableImage(uri, f"damaged in the archive: {error}") from error

    return _source(path, list(members), read)


def _source(path: Path, names: list[str], read: Callable[[str, str], bytes]) -> ImageSource:
    records = []
    stamp = file_stamp(path)
    for name in names:
        inner = PurePosixPath(name)
        parts = [part for part in inner.parts if part != "."]
        if inner.suffix.lower() not in EXTENSIONS or any(part.startswith(".") or part == "__MACOSX" for part in parts):
            continue
        uri = f"{path}!/{name}"
        label = parts[0] if len(parts) > 1 else None
        records.append(ImageRecord(record_id(uri), uri, label, partial(read, name, uri), stamp))
    # An archive often holds one folder with all the rest: the classes are then one level deeper.
    tops = {record.label for record in records}
    if len(tops) == 1 and None not in tops:
        deeper = [PurePosixPath(record.uri.partition("!/")[2]).parts for record in records]
        if all(len([p for p in parts if p != "."]) > 2 for parts in deeper):
            records = [
                ImageRecord(r.id, r.uri, [p for p in parts if p != "."][1], r.open, stamp)
                for r, parts in zip(records, deeper, strict=True)
            ]
    return ImageSource(str(path), records, f"{path} {stamp}")
