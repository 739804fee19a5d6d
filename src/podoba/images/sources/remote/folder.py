"""A prefix of a bucket, or a page of links, as a folder of pictures: classes, splits and exclusions as of a folder here."""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache, partial

from podoba.errors import SourceError
from podoba.images.kinds import ending_of, is_picture, kind_passed_over
from podoba.images.record import ImageRecord
from podoba.images.remote.address import beside, without_end
from podoba.images.remote.filesystem import asked, filesystem
from podoba.images.remote.listing import Entry, children_of, files_below
from podoba.images.remote.reading import read_head, read_remote
from podoba.images.sources.base import MAX_BYTES, Beside, ImageSource, record_id
from podoba.images.sources.classes import Classes
from podoba.images.sources.exclude import IGNORE_FILE, Exclusion
from podoba.images.sources.signature import HEAD, starts_like_picture
from podoba.images.split import split_named

IGNORE_BYTES = 1 << 20  # of an ignore file


class RemoteFolder:
    """Pictures below an address, never all of them in memory.

    Attributes:
        address: without a `/` at its end.
        passed_over, excluded: as in `Beside`, of what was listed until now.
    """

    def __init__(self, address: str, exclude: Sequence[str] = ()) -> None:
        """Read its ignore file. Raises `SourceError` where the store refuses or cannot be reached, or a pattern is none."""
        self.address = without_end(address)
        self.exclusion = Exclusion([*exclude, *_ignore_file(self.address)])
        self.passed_over: Counter[str] = Counter()
        self.excluded = 0
        self._hides_folder = lru_cache(maxsize=256)(self._is_hidden)  # names come sorted, those of a folder together

    def pictures(self, below: str = "", *, counting: bool = True) -> Iterator[Entry]:
        """Files that are pictures by their names, or may be since they have no ending; paths are below the address.

        Args:
            below: only those in this folder of it, a path with a `/` at its end.
            counting: what is left out is counted.

        Raises:
            SourceError: as `files_below`.
        """
        for entry in files_below(f"{self.address}/{below}"):
            found = Entry(f"{below}{entry.path}", entry.size, entry.stamp)
            folder, _, name = found.path.rpartition("/")
            if (folder and self._hides_folder(folder)) or self.exclusion.hides_file(found.path, name):
                self.excluded += counting and not any(part.startswith(".") for part in found.path.split("/"))
            elif is_picture(name) or not ending_of(name):
                yield found
            elif counting and (kind := kind_passed_over(name)) is not None:
                self.passed_over[kind.name] += 1

    def classes(self) -> Classes:
        """Where its classes are, as `find_classes`; found level by level, so that not every name has to be listed for it."""
        around, before = "", ""
        while True:
            here, holding = self._scan(around)
            if here and around:
                return Classes(before)
            if holding and all(split_named(name) for name in holding):
                return Classes(around, tuple(sorted(holding)))
            if here or len(holding) != 1:
                return Classes(around)
            before, around = around, f"{around}{holding[0]}/"

    def _scan(self, around: str) -> tuple[bool, list[str]]:
        """Whether pictures lie in a folder itself, and its folders with pictures below: as many as decide."""
        here, holding = False, list[str]()
        for child in children_of(self.address, around):
            path = child.path
            name = path.rpartition("/")[2]
            if not child.is_folder:
                here = here or (not self.exclusion.hides_file(path, name) and self.holds_picture(child))
            elif not (_decided(holding) or self._hides_folder(path)) and any(
                map(self.holds_picture, self.pictures(f"{path}/", counting=False))
            ):
                holding.append(name)
            if (here and around) or (not around and (_decided(holding) or (here and holding and not split_named(holding[0])))):
                break
        return here, holding

    def holds_picture(self, entry: Entry) -> bool:
        """Whether a file is a picture by its name, or without an ending by its first bytes."""
        if ending_of(entry.path):
            return is_picture(entry.path)
        return starts_like_picture(read_head(self.uri(entry), HEAD))

    def uri(self, entry: Entry) -> str:
        """The address of a file that was listed."""
        return f"{self.address}/{entry.path}"

    def excludes(self, uri: str) -> bool:
        """As `Beside.excludes`."""
        below = f"{self.address}/"
        return uri.startswith(below) and self.exclusion.hides(uri[len(below) :])

    def _is_hidden(self, folder: str) -> bool:
        parts = folder.split("/")
        places = ["/".join(parts[: depth + 1]) for depth in range(len(parts))]
        return any(name and self.exclusion.hides_folder(place, name) for place, name in zip(places, parts, strict=True))


def open_remote_folder(address: str, exclude: Sequence[str] = ()) -> ImageSource:
    """All pictures below an address, as `open_folder`. Raises `SourceError`, also where nothing is there."""
    folder = RemoteFolder(address, exclude)
    classes = folder.classes()
    records, stamps = [], []
    for entry in folder.pictures():
        if not ending_of(entry.path) and not folder.holds_picture(entry):
            continue
        label, split = classes.of(entry.path.rpartition("/")[0])
        records.append(remote_record(folder.uri(entry), entry.stamp, label, split, size=entry.size))
        stamps.append(f"{entry.path} {entry.stamp}")
    if not records and not folder.passed_over and not folder.excluded:
        raise SourceError(f"{address}: no picture is there: check the bucket, or the host, and the path")
    note = classes.note(folder.address)
    rest = Beside([note] if note else [], folder.passed_over, folder.excluded, folder.excludes)
    return ImageSource(folder.address, records, "\n".join([folder.address, str(classes), *stamps]), beside=rest)


def open_remote_file(address: str) -> ImageSource:
    """One remote picture as a source of one."""
    return ImageSource(address, [remote_record(address, None, None, None)], address)


def remote_record(
    address: str, stamp: str | None, label: str | None, split: str | None, *, size: int | None = None
) -> ImageRecord:
    """The record of a picture at an address."""
    return ImageRecord(record_id(address), address, label, partial(read_remote, address, MAX_BYTES, size), stamp, split)


def match(pattern: str) -> list[str]:
    """The addresses that a pattern with `*` matches, sorted. Raises `SourceError` where there is none."""
    store = filesystem(pattern)
    names = asked(pattern, lambda: store.glob(pattern))
    if not names:
        raise SourceError(f"{pattern}: no file matches this pattern")
    scheme = pattern.partition("://")[0]
    return [name if "://" in name else f"{scheme}://{name.lstrip('/')}" for name in sorted(names)]


def _decided(holding: Sequence[str]) -> bool:
    return len(holding) > 1 and not all(split_named(name) for name in holding)


def _ignore_file(address: str) -> list[str]:
    file = beside(f"{address}/x", IGNORE_FILE)
    store = filesystem(file)

    def read() -> list[str]:
        if not store.exists(file):
            return []
        return bytes(store.cat_file(file, start=0, end=IGNORE_BYTES)).decode("utf-8-sig").splitlines()

    try:
        return asked(file, read)
    except UnicodeDecodeError as error:
        raise SourceError(f"{file}: cannot be read ({error}): save it as UTF-8 text") from error
