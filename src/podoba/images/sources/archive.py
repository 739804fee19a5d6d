"""Archives of image files, read in place: the class is the first folder inside."""

import tarfile
import threading
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from podoba.errors import SourceError, UnreadableImage
from podoba.images.kinds import ending_of, is_picture, kind_passed_over
from podoba.images.record import ImageRecord, Skipped
from podoba.images.remote.file import RemoteFile, opened
from podoba.images.sources.base import MAX_BYTES, Beside, ImageSource, file_stamp, record_id
from podoba.images.sources.classes import find_classes
from podoba.images.sources.exclude import Exclusion
from podoba.images.sources.member_names import inner_path, zip_names
from podoba.images.sources.signature import HEAD, starts_like_picture

LINKS = 40  # of links to links that are followed, as Linux does


@dataclass(frozen=True)
class _Member:
    """A file in an archive.

    Attributes:
        path: below the archive, as `inner_path`.
        size: bytes, unpacked.
        read: its first bytes, or all of them for None; raises what the archive's library does.
        problem: why it can be no image, or None.
    """

    path: str
    size: int
    read: Callable[[int | None], bytes]
    problem: str | None = None


def open_zip(path: Path | RemoteFile, exclude: Sequence[str] = ()) -> ImageSource:
    """The images of a `.zip`. Raises `SourceError` where it is damaged. `exclude`: as in `open_folder`."""
    try:
        archive = zipfile.ZipFile(opened(path))
        infos = [info for info in archive.infolist() if not info.is_dir()]
    except (OSError, zipfile.BadZipFile) as error:
        raise SourceError(f"{path}: cannot be read as a zip archive ({error})") from error

    def read(info: zipfile.ZipInfo, size: int | None) -> bytes:
        with archive.open(info) as file:
            return file.read() if size is None else file.read(size)

    members = [
        _Member(inner_path(name), info.file_size, partial(read, info)) for info, name in zip(infos, zip_names(infos), strict=True)
    ]
    return _source(path, sorted(members, key=lambda member: member.path), exclude)


def open_tar(path: Path | RemoteFile, exclude: Sequence[str] = ()) -> ImageSource:
    """The images of a `.tar`, compressed or not, in the order of the file; links inside it are followed.

    A compressed one can only be read forwards: what is read in order is decompressed once, and every step back begins at the
    start of the archive.

    Args:
        exclude: as in `open_folder`.

    Raises:
        SourceError: a damaged archive.
    """
    lock = threading.Lock()
    try:
        archive = tarfile.open(fileobj=opened(path))  # noqa: SIM115  (stays open as long as the records live)
        infos = {info.name: info for info in archive}
    except (OSError, tarfile.TarError, EOFError) as error:
        raise SourceError(f"{path}: cannot be read as a tar archive ({' '.join(str(error).split())[:120]})") from error

    def read(info: tarfile.TarInfo, size: int | None) -> bytes:
        with lock:
            file = archive.extractfile(info)
            return b"" if file is None else file.read() if size is None else file.read(size)

    by_path = {inner_path(name): info for name, info in infos.items()}

    def members() -> Iterable[_Member]:
        for info in infos.values():
            file = _target(info, by_path)
            if file is not None:
                yield _Member(inner_path(info.name), file.size, partial(read, file))
            elif not info.isdir():
                reason = "a link that leads nowhere" if info.islnk() or info.issym() else "a device, no file that can be read"
                yield _Member(inner_path(info.name), 0, partial(read, info), reason)

    return _source(path, members(), exclude)


def _target(info: tarfile.TarInfo, by_path: Mapping[str, tarfile.TarInfo]) -> tarfile.TarInfo | None:
    """The file that a member is or links to inside its archive; None where there is none."""
    found: tarfile.TarInfo | None = info
    for _ in range(LINKS):
        if found is None or found.isfile():
            return found
        if found.islnk():
            found = by_path.get(inner_path(found.linkname))
        elif found.issym():
            found = by_path.get(_beside(inner_path(found.name), found.linkname))
        else:
            return None
    return None


def _beside(path: str, link: str) -> str:
    """Where a symbolic link leads, below the archive."""
    parts = [] if link.startswith("/") else path.split("/")[:-1]
    for part in link.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _source(path: Path | RemoteFile, members: Iterable[_Member], exclude: Sequence[str]) -> ImageSource:
    exclusion, stamp, problems = Exclusion(exclude), file_stamp(path), list[Skipped]()
    passed_over, excluded = Counter[str](), 0
    kept: dict[str, _Member] = {}
    for member in members:
        if not member.path:
            continue
        if exclusion.hides(member.path):
            excluded += not any(part.startswith(".") for part in member.path.split("/"))
        elif not is_picture(member.path) and ending_of(member.path):
            kind = kind_passed_over(member.path)
            passed_over.update([] if kind is None else [kind.name])
        elif member.problem is not None:
            problems.append(Skipped(f"{path}!/{member.path}", member.problem))
        elif is_picture(member.path) or _starts_like_picture(member):
            kept[member.path] = member
    classes = find_classes({_folder(name) for name in kept})
    records = []
    for name, member in kept.items():
        uri = f"{path}!/{name}"
        label, split = classes.of(_folder(name))
        records.append(ImageRecord(record_id(uri), uri, label, partial(_read, member, uri), stamp, split))
    note = classes.note(str(path))
    below = f"{path}!/"

    def excludes(uri: str) -> bool:
        return uri.startswith(below) and exclusion.hides(uri[len(below) :])

    beside = Beside([note] if note else [], passed_over, excluded, excludes)
    return ImageSource(str(path), records, f"{path} {stamp} {classes} {exclude}", problems, beside=beside)


def _folder(name: str) -> str:
    return name.rpartition("/")[0]


def _read(member: _Member, uri: str) -> bytes:
    """All bytes of a member. Raises `UnreadableImage`."""
    if member.size > MAX_BYTES:
        raise UnreadableImage(uri, f"{member.size} bytes, more than {MAX_BYTES} are refused")
    try:
        return member.read(None)
    except Exception as error:  # what decompressors throw shares no base but Exception
        raise UnreadableImage(uri, f"damaged in the archive: {error}") from error


def _starts_like_picture(member: _Member) -> bool:
    """Whether a member without an ending is a picture by its first bytes; one that is damaged is named when it is read."""
    try:
        return starts_like_picture(member.read(HEAD))
    except Exception:  # as in `_read`
        return False
