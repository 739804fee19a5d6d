"""One argument for images, the same everywhere, whatever form they come in."""

import glob
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from podoba.errors import PodobaError, SourceError, did_you_mean, near_paths
from podoba.images.kinds import is_picture
from podoba.images.remote.address import file_name, is_remote, is_web
from podoba.images.remote.file import RemoteFile
from podoba.images.sources import archive, catalogue, folder, manifest, table
from podoba.images.sources.base import Beside, ImageSource, located
from podoba.images.sources.remote import folder as remote_folder
from podoba.images.split import as_split, split_named
from podoba.plugins import plugins

Opener = Callable[[str], ImageSource]
"""What a plugin is: from a path in full, or an address such as `s3://...`, to its images."""

GROUP = "podoba.sources"  # of entry points; the name of one is a file ending without its dot, or the scheme of an address
OPENERS: Mapping[str, Callable[[Path | RemoteFile], ImageSource]] = {
    ".csv": manifest.open_csv,
    ".parquet": table.open_parquet,
}
ARCHIVES: Mapping[str, Callable[[Path | RemoteFile, Sequence[str]], ImageSource]] = {
    ".zip": archive.open_zip,
    **dict.fromkeys((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"), archive.open_tar),
}


def open_source(spec: str | Path | Sequence[str | Path], split: str | None = None, *, exclude: Sequence[str] = ()) -> ImageSource:
    """The images that `spec` names.

    Args:
        spec: a folder (class = first sub-folder), `.csv`, `.parquet`, `.zip`, `.tar`, a named set, a pattern with `*`, any of
            these with the name of a split (`cifar10:test`, `photos:train`, `shop.csv:test`) or at an address such as
            `s3://bucket/folder` (needs podoba[scale]), what a plugin opens, or a list of these, which are joined.
        split: only the images of this split, of what names none itself.
        exclude: patterns of what is left out of folders and archives, as in `Exclusion`.

    Raises:
        SourceError: nothing is there, it cannot be understood, or it has no such split.
    """
    if not isinstance(spec, str | Path):
        return _joined([open_source(one, split, exclude=exclude) for one in spec])
    text, own_split = divide_split(str(spec))
    wanted = as_split(own_split or split)
    if text.partition(":")[0] in catalogue.NAMES and not _exists(text):
        return catalogue.open_named(text, wanted)
    source = _open_whole(text, exclude)
    if wanted is None:
        return source
    part = source.of_split(wanted)
    if not part.records:
        splits = sorted({record.split for record in source.records if record.split})
        raise SourceError(f"{text}: no images of split {own_split or split!r} (it has: {', '.join(splits) or 'no splits'})")
    return part


def open_part(spec: str | Path | Sequence[str | Path], part: str) -> ImageSource:
    """The images that `spec` names for a part in learning or evaluating: `train`, `validation` or `test`.

    A split that `spec` names itself is taken; else, of a source that declares a split of the part's name, only that one. Of a
    list each source is looked at by itself.

    Raises:
        SourceError: as `open_source`.
    """
    if not isinstance(spec, str | Path):
        return _joined([open_part(one, part) for one in spec])
    source = open_source(spec)
    chosen = source if source.split is not None else source.of_split(part)
    if not chosen.records or chosen is source:
        return source
    note = f"{spec}: only its split {part}, {len(chosen)} of {len(source)} images"
    chosen.beside = replace(source.beside, notes=[*source.beside.notes, note])
    return chosen


def spec_of_split(spec: str | Path | Sequence[str | Path], split: str) -> str | None:
    """What names a split of a source that is named whole, such as `photos:validation`; None where it declares none of that name.

    Raises:
        SourceError: as `open_source`.
    """
    if not isinstance(spec, str | Path):
        return None
    source = open_source(spec)
    return f"{spec}:{split}" if source.split is None and source.of_split(split).records else None


def divide_split(text: str) -> tuple[str, str | None]:
    """A source and the split that is named after it, if any: `photos:test`. What is there by its whole name is that."""
    base, separator, split = text.rpartition(":")
    if "://" in text:  # where a `:` may be of a port, or of a key
        return (base, split) if "/" not in split and split_named(split) else (text, None)
    is_divided = separator and base and split and "/" not in split and not _exists(text)
    return (base, split) if is_divided else (text, None)


def _open_whole(text: str, exclude: Sequence[str]) -> ImageSource:
    path = Path(text).expanduser()
    if path.exists():
        return _open_path(path, exclude)
    if (of_plugin := _open_address(text)) is not None:
        return of_plugin
    if is_remote(text):
        return _open_remote(text, exclude)
    if not glob.has_magic(text):
        raise _unknown(text)
    matches = sorted(glob.glob(str(path)))
    if not matches:
        raise SourceError(f"{text}: no file matches this pattern")
    # Its root is the pattern itself, whatever matches it today, so that what matched before and vanished can be named.
    return _joined([_open_path(Path(one), exclude) for one in matches], str(located(path)))


def is_container(address: str) -> bool:
    """Whether an address is of a table or an archive, by its ending."""
    return file_name(address).lower().endswith((*OPENERS, *ARCHIVES))


def _open_remote(address: str, exclude: Sequence[str]) -> ImageSource:
    if glob.has_magic(address) and not is_web(address):
        return _joined([_open_remote(one, exclude) for one in remote_folder.match(address)], address)
    name = file_name(address).lower()
    for ending, opener in OPENERS.items():
        if name.endswith(ending):
            return opener(RemoteFile(address))
    for ending, unpacker in ARCHIVES.items():
        if name.endswith(ending):
            return unpacker(RemoteFile(address), exclude)
    if is_picture(name):
        return remote_folder.open_remote_file(address)
    return remote_folder.open_remote_folder(address, exclude)


def _exists(text: str) -> bool:
    return Path(text).expanduser().exists()


def _open_path(path: Path, exclude: Sequence[str]) -> ImageSource:
    path = located(path)
    if path.is_dir():
        return folder.open_folder(path, exclude)
    name = path.name.lower()
    for ending, opener in OPENERS.items():
        if name.endswith(ending):
            return opener(path)
    for ending, unpacker in ARCHIVES.items():
        if name.endswith(ending):
            return unpacker(path, exclude)
    if not is_picture(path.name):
        added = plugins(GROUP)
        for ending in added:
            if name.endswith(f".{ending.lower()}"):
                return _opened_by(added[ending], ending, str(path))
    return folder.open_file(path)


def _open_address(text: str) -> ImageSource | None:
    """The source of an address such as `s3://...`, where another distribution opens its scheme."""
    scheme, separator, _ = text.partition("://")
    added = plugins(GROUP) if separator else {}
    return _opened_by(added[scheme], scheme, text) if scheme in added else None


def _opened_by(opener: Opener, name: str, address: str) -> ImageSource:
    """What a plugin makes of a path or an address; whatever it throws is one line."""
    try:
        source = opener(address)
    except PodobaError:
        raise
    except Exception as error:
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        raise SourceError(f"{address}: the plugin {name!r} of {GROUP} cannot open it ({what})") from error
    if not isinstance(source, ImageSource):
        raise SourceError(f"{address}: the plugin {name!r} of {GROUP} gives {type(source).__name__}, not an ImageSource")
    return source


def _unknown(text: str) -> SourceError:
    otherwise = f"name a folder, a file, or one of {', '.join(catalogue.NAMES)}"
    name = text.partition(":")[0]
    hint = did_you_mean(name, catalogue.NAMES, otherwise, count=2, cutoff=0.6, also=near_paths(Path(text)))
    return SourceError(f"{text}: no such file, folder or named set: {hint}")


def _joined(sources: list[ImageSource], root: str | None = None) -> ImageSource:
    """Sources as one; with a root of its own it is no longer made of parts."""
    if len(sources) == 1 and root is None:
        return sources[0]
    records = [record for source in sources for record in source.records]
    stamp = "\n".join(source.fingerprint() for source in sources)
    problems = [p for s in sources for p in s.problems]
    beside = Beside.of_all([source.beside for source in sources])
    if root is not None:
        return ImageSource(root, records, stamp, problems, beside=beside)
    return ImageSource(" + ".join(s.root for s in sources), records, stamp, problems, sources, beside=beside)
