"""One argument for images, the same everywhere, whatever form they come in."""

import glob
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from podoba.errors import PodobaError, SourceError, did_you_mean, near_paths
from podoba.images.sources import archive, catalogue, folder, table
from podoba.images.sources.base import ImageSource, located
from podoba.plugins import plugins

Opener = Callable[[str], ImageSource]
"""What a plugin is: from a path in full, or an address such as `s3://...`, to its images."""

GROUP = "podoba.sources"  # of entry points; the name of one is a file ending without its dot, or the scheme of an address
OPENERS: Mapping[str, Callable[[Path], ImageSource]] = {
    ".csv": table.open_csv,
    ".parquet": table.open_parquet,
    ".zip": archive.open_zip,
    **dict.fromkeys((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz"), archive.open_tar),
}


def open_source(spec: str | Path | Sequence[str | Path], split: str | None = None) -> ImageSource:
    """The images that `spec` names.

    Args:
        spec: a folder (class = first sub-folder), `.csv`, `.parquet`, `.zip`, `.tar`, a named set (`cifar10`,
            `cifar10:test`), a pattern with `*`, what a plugin opens, or a list of these, which are joined.
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
    elif (of_plugin := _open_address(text)) is not None:
        source = of_plugin
    elif glob.has_magic(text):
        matches = sorted(glob.glob(str(path)))
        if not matches:
            raise SourceError(f"{text}: no file matches this pattern")
        # Its root is the pattern itself, whatever matches it today, so that what matched before and vanished can be named.
        return _joined([open_source(one, split) for one in matches], str(located(path)))
    else:
        return _open_named(text, split)
    if split is None:
        return source
    rows = [i for i, record in enumerate(source.records) if record.split == split]
    if not rows:
        splits = sorted({record.split for record in source.records if record.split})
        raise SourceError(f"{text}: no images of split {split!r} (it has: {', '.join(splits) or 'no splits'})")
    return source.subset(rows)


def _open_path(path: Path) -> ImageSource:
    path = located(path)
    if path.is_dir():
        return folder.open_folder(path)
    name = path.name.lower()
    for ending, opener in OPENERS.items():
        if name.endswith(ending):
            return opener(path)
    if path.suffix.lower() not in folder.EXTENSIONS:
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


def _open_named(text: str, split: str | None) -> ImageSource:
    name, _, own_split = text.partition(":")
    if name in catalogue.NAMES:
        return catalogue.open_named(name, own_split or split)
    otherwise = f"name a folder, a file, or one of {', '.join(catalogue.NAMES)}"
    hint = did_you_mean(name, catalogue.NAMES, otherwise, count=2, cutoff=0.6, also=near_paths(Path(text)))
    raise SourceError(f"{text}: no such file, folder or named set: {hint}")


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
