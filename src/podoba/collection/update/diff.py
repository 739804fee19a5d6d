"""What is new, changed, moved or removed since a collection last saw its sources; nothing is read but names and times."""

import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from podoba.collection.storage.items import Item, clean_attributes
from podoba.collection.storage.store import Store
from podoba.collection.update.vanishing import CLOSED, Gone, folders_without_pictures
from podoba.files import shown
from podoba.images.exif import NAMES
from podoba.images.locate import INSIDE, container_of
from podoba.images.record import Attribute, ImageRecord, Skipped
from podoba.images.remote.address import is_remote
from podoba.images.sources.base import ImageSource

log = logging.getLogger(__name__)

MODIFIED = "modified"
PART = "//split="  # between a source's root and the split that was listed; no path has two slashes


@dataclass(frozen=True)
class Change:
    """An image of a source that is new, or whose file has another size or time than before."""

    record: ImageRecord
    source: str


@dataclass
class Diff:
    """What has to be done.

    Attributes:
        known: items of the collection by id, as they are.
        to_read: images whose bytes must be read.
        relabelled: items whose image is the same, with their new label and attributes.
        gone: items whose image is no longer listed; it may turn up elsewhere among `to_read`.
        seen: number of images listed.
        unchanged: number of those that are as they were.
        skipped: what is no image, and images found unreadable before that have not changed.
        notes: images that were noted as unreadable.
        notes_gone: those of them that are no longer listed.
    """

    known: dict[str, Item]
    to_read: list[Change] = field(default_factory=list)
    relabelled: list[Item] = field(default_factory=list)
    gone: Gone = field(default_factory=Gone)
    seen: int = 0
    unchanged: int = 0
    skipped: list[Skipped] = field(default_factory=list)
    notes: set[str] = field(default_factory=set)
    notes_gone: list[str] = field(default_factory=list)


def compare_with_sources(store: Store, sources: Sequence[ImageSource], verify: bool = False) -> Diff:
    """Compare the sources with the collection.

    An image listed by several sources counts where it is listed first; the others add the label and the attributes that the first
    does not know.

    Args:
        verify: every image that is listed is to be read, whatever its file's size and time.
    """
    diff = Diff({item.id: item for item in store.items.select()})
    notes = store.skipped.select()
    listed: dict[str, tuple[ImageRecord, str]] = {}
    problems: dict[str, Skipped] = {}
    places: set[str] = set()
    for source in (part for joined in sources for part in joined.parts or [joined]):
        problems |= {problem.uri: problem for problem in source.problems}
        place = place_of(source)
        places.add(place)
        for record in source:
            first = listed.get(record.id)
            listed[record.id] = (record, place) if first is None else (_together(first[0], record), first[1])
    for record, place in listed.values():
        _sort(record, place, diff, notes, verify)
    uris = {record.uri for record, _ in listed.values()}
    whole = {place for place in places if PART not in place and place not in uris}
    _warn_of_one_folder(sorted(whole))
    diff.seen = len(listed)
    diff.skipped.extend(problems.values())
    inside = tuple(f"{root}{end}" for root in whole for end in ("/", "!/"))
    parts = tuple(f"{root}{PART}" for root in whole)
    before = [
        item
        for item in diff.known.values()
        if item.source in places or item.source.startswith(parts) or item.uri.startswith(inside)
    ]
    there = {record.uri for record, _ in listed.values() if record.stamp is not None}  # a manifest also lists what is not there
    diff.gone = _gone([item for item in before if item.id not in listed], len(before), there, sources)
    diff.notes = set(notes)
    diff.notes_gone = [uri for uri in notes if uri not in uris and uri.startswith(inside)]
    return diff


def _warn_of_one_folder(roots: Sequence[str]) -> None:
    """Say which of these places are the same, as a folder and a link to it."""
    names: dict[tuple[int, int], str] = {}
    for root in roots:
        try:
            status = os.stat(root)
        except OSError:  # no folder at all, such as a named set
            continue
        first = names.setdefault((status.st_dev, status.st_ino), root)
        if first != root:
            log.warning("%s and %s are one folder: each of its pictures is indexed under both names", first, root)


def _gone(items: list[Item], of: int, there: Iterable[str], sources: Sequence[ImageSource]) -> Gone:
    """Of items that are no longer listed those that may have vanished; what is in a closed folder has not.

    Args:
        of: how many items the sources had.
        there: paths of the images that are listed and there.
    """
    if not items:
        return Gone(of=of)
    manifests = {source.root for source in sources for source in source.parts or [source] if os.path.isfile(source.root)}
    excluded = {item.id for item in items if any(source.beside.excludes(item.uri) for source in sources)}
    in_folders = [
        item
        for item in items
        if item.id not in excluded
        and item.source.partition(PART)[0] not in manifests
        and container_of(item.uri) is None
        and not is_remote(item.uri)  # an object store has no folders that could be empty
    ]
    away = folders_without_pictures(in_folders, there)
    closed = {id_ for id_, folder in away.items() if folder == CLOSED}
    gone = sorted((item for item in items if item.id not in closed), key=lambda item: item.id not in away)
    return Gone(gone, {id_: folder for id_, folder in away.items() if id_ not in closed}, excluded, of)


def place_of(source: ImageSource) -> str:
    """What an item remembers of its source: the root, and the split where only one of them was listed.

    So the images of `cifar10:train` do not vanish when `cifar10:test` is listed.
    """
    return source.root if source.split is None else f"{source.root}{PART}{source.split}"


def _together(first: ImageRecord, later: ImageRecord) -> ImageRecord:
    """A folder and a manifest of it: what both know of an image."""
    label = later.label if first.label is None else first.label
    own = {name: value for name, value in first.attributes.items() if value is not None}
    return replace(first, label=label, attributes={**first.attributes, **later.attributes, **own})


def _sort(record: ImageRecord, source: str, diff: Diff, notes: dict[str, tuple[str | None, str]], verify: bool) -> None:
    before = diff.known.get(record.id)
    if verify or record.stamp is None or (before.stamp if before else notes.get(record.uri, (None, ""))[0]) != record.stamp:
        diff.to_read.append(Change(record, source))
    elif before is None:
        diff.skipped.append(Skipped(record.uri, notes[record.uri][1]))
    else:
        label, attributes = facts_of(record, before.attributes)
        if (label, attributes) == (before.label, before.attributes):
            diff.unchanged += 1
        else:
            diff.relabelled.append(replace(before, label=label, attributes=attributes))


def facts_of(record: ImageRecord, seen: Mapping[str, Attribute]) -> tuple[str | None, dict[str, Attribute]]:
    """Label and attributes of a record as a collection keeps them.

    Args:
        seen: what is known of the image from its bytes (`read_exif`); other names in it are left out.

    Attributes are these, `modified` (when its file was last written, UTC, as ISO 8601 text), and over them the record's own.
    """
    attributes = {name: seen[name] for name in NAMES if name in seen} | _dates(record) | clean_attributes(record.attributes)
    return None if record.label is None else shown(record.label), attributes


def undated(attributes: Mapping[str, Attribute]) -> dict[str, Attribute]:
    """Attributes without the date of the file: a file that was only touched counts as unchanged."""
    return {name: value for name, value in attributes.items() if name != MODIFIED}


def _dates(record: ImageRecord) -> dict[str, Attribute]:
    if record.stamp is None or INSIDE in record.uri:  # an archive's own time says nothing of what is in it
        return {}
    try:
        seconds = int(record.stamp.partition("-")[2]) // 1_000_000_000
        return {MODIFIED: datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")}
    except (ValueError, OverflowError, OSError):  # a time that no calendar has
        return {}
