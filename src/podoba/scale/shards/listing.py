"""Sources into shards, one at a time: of the names that were listed nothing is kept."""

import glob
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from podoba.collection.update.diff import PART
from podoba.errors import SourceError
from podoba.images.kinds import is_picture
from podoba.images.record import ImageRecord, Skipped, report_skipped
from podoba.images.remote.address import file_name, is_remote, is_web
from podoba.images.remote.file import RemoteFile
from podoba.images.sources.base import file_stamp, located
from podoba.images.sources.manifest import Manifest
from podoba.images.sources.open import ARCHIVES, divide_split, open_source
from podoba.images.sources.remote.folder import RemoteFolder, match
from podoba.images.sources.table import ImageTable
from podoba.images.split import as_split
from podoba.scale.shards.boundaries import cut
from podoba.scale.shards.folders import local_pictures, remote_pictures, tell
from podoba.scale.shards.settings import DEFAULT, ShardSettings
from podoba.scale.shards.shard import Shard

TARS = tuple(ending for ending in ARCHIVES if ending != ".zip")
Row = tuple[ImageRecord, int]
"""A picture that is named, and its bytes as far as the listing knows them, else 0."""


def list_shards(sources: Sequence[str], settings: ShardSettings = DEFAULT, *, exclude: Sequence[str] = ()) -> Iterator[Shard]:
    """The shards of sources as `open_source` takes them, which together name every image of them once.

    Pictures of folders, buckets and manifests are cut by their names (`cut`), tables by row groups, zip archives and named sets
    by numbers; a tar is one shard. A shard is yielded as soon as it is listed. In memory are one shard, the names of the folder
    that is walked at the moment (of S3: a page of them), and the folders that decide where the classes are. What is no image at
    all is logged, and so is what lies beside the images.

    Args:
        exclude: as `open_source`.

    Raises:
        SourceError: a source that is not there or is not understood; also while it is listed.
        MissingExtra: an address without podoba[scale].
    """
    for source in sources:
        text, own = divide_split(source)
        found = False
        for shard in _Lister(text, as_split(own), settings, exclude).shards():
            found = True
            yield shard
        if own is not None and not found:
            raise SourceError(f"{text}: no images of split {own!r}")


class _Lister:
    """One source.

    Attributes:
        text: as a person named it.
        split: only its images are listed; None: all.
        place: what items remember of it (`Item.source`).
    """

    def __init__(self, text: str, split: str | None, settings: ShardSettings, exclude: Sequence[str]) -> None:
        self.text, self.split, self.settings, self.exclude = text, split, settings, list(exclude)
        self.place = ""

    def shards(self) -> Iterator[Shard]:
        path = Path(self.text).expanduser()
        if path.exists():
            yield from self._of(located(path))
        elif is_remote(self.text) and glob.has_magic(self.text) and not is_web(self.text):
            for address in match(self.text):
                yield from self._of(RemoteFile(address), self.text)
        elif is_remote(self.text):
            yield from self._of(RemoteFile(self.text))
        elif (matches := sorted(glob.glob(str(path)))) and glob.has_magic(self.text):
            for one in matches:
                yield from self._of(located(one), str(located(path)))
        else:
            yield from self._slices(self.text)

    def _of(self, place: Path | RemoteFile, root: str | None = None) -> Iterator[Shard]:
        """The shards of a file or folder; `root`: the pattern that it matches."""
        name = (place.name if isinstance(place, Path) else file_name(place.address)).lower()
        if isinstance(place, Path) and place.is_dir():
            self._at(root or str(place))
            yield from self._named(local_pictures(place, self.exclude), str(place))
        elif name.endswith(".csv"):
            self._at(root or str(place))
            yield from self._named(((record, 0) for record in _images(Manifest(place))), str(place))
        elif name.endswith(".parquet"):
            self._at(root or str(place))
            yield from self._row_groups(ImageTable(place))
        elif name.endswith(TARS):
            self._at(root or str(place))
            spec = {"address": str(place), "exclude": self.exclude}
            yield self._shard("tar", spec, [str(place), file_stamp(place), self.exclude], None)
        elif isinstance(place, RemoteFile) and not name.endswith(".zip") and not is_picture(name):
            folder = RemoteFolder(place.address, self.exclude)
            self._at(root or folder.address)
            yield from self._named(remote_pictures(folder), folder.address, may_be_none=True)
        else:
            yield from self._slices(str(place), root)

    def _at(self, root: str) -> None:
        self.place = root if self.split is None else f"{root}{PART}{self.split}"

    def _named(self, rows: Iterator[Row], root: str, *, may_be_none: bool = False) -> Iterator[Shard]:
        """Shards of pictures that are named one by one."""
        wanted = (row for row in rows if self.split is None or row[0].split == self.split)
        for some in cut(wanted, lambda row: row[0].uri, lambda row: row[1], self.settings):
            records = [_values(record) for record, _ in some]
            yield self._shard("records", {"records": records, "look": may_be_none}, records, len(records))

    def _row_groups(self, table: ImageTable) -> Iterator[Shard]:
        """As many row groups a shard as have `settings.images` rows, or one."""
        start, groups = 0, len(table.starts) - 1
        while start < groups:
            stop = start + 1
            while stop < groups and table.starts[stop + 1] - table.starts[start] <= self.settings.images:
                stop += 1
            spec = {"address": str(table.path), "start": start, "stop": stop, "are_whole": table.are_whole}
            count = table.starts[stop] - table.starts[start] if self.split is None else None
            yield self._shard("table", spec, [*map(str, spec.values()), table.stamp], count)
            start = stop

    def _slices(self, text: str, root: str | None = None) -> Iterator[Shard]:
        """Shards of a source whose images are known only all at once: a zip archive, a named set, what a plugin opens."""
        source = open_source(text, self.split, exclude=self.exclude)
        self._at(root or source.root)
        report_skipped(source.problems, None)
        tell(source.beside)
        for start in range(0, len(source), self.settings.images):
            some = source.records[start : start + self.settings.images]
            spec = {"source": text, "split": self.split, "exclude": self.exclude, "start": start, "stop": start + len(some)}
            yield self._shard("slice", spec, [_values(record) for record in some], len(some))

    def _shard(self, kind: str, spec: Mapping[str, Any], holds: Sequence[Any], count: int | None) -> Shard:
        text = json.dumps([kind, self.place, self.split, list(holds)], ensure_ascii=True)
        key = hashlib.sha256(text.encode()).hexdigest()
        return Shard(self.text, kind, {**spec, "place": self.place, "wanted": self.split}, key, count)


def _images(rows: Iterable[ImageRecord | Skipped]) -> Iterator[ImageRecord]:
    for row in rows:
        if isinstance(row, Skipped):
            report_skipped([row], None)
        else:
            yield row


def _values(record: ImageRecord) -> list[Any]:
    return [record.uri, record.label, record.split, record.stamp, dict(record.attributes)]
