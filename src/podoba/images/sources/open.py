"""One argument for images, the same everywhere, whatever form they come in."""

from __future__ import annotations

import difflib
import glob
from collections.abc import Sequence
from pathlib import Path

from podoba.errors import SourceError
from podoba.images.sources import archive, catalogue, folder, table
from podoba.images.sources.base import ImageSource, located


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


def _open_path(path: Path) -> ImageSource:
    path = located(path)
    name = path.name.lower()
    if path.is_dir():
        return folder.open_folder(path)
    if name.endswith(".csv"):
        return table.open_csv(path)
    if name.endswith(".parquet"):
        return table.open_parquet(path)
    if name.endswith(".zip"):
        return archive.open_zip(path)
    if name.endswith((".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")):
        return archive.open_tar(path)
    return folder.open_file(path)


def _open_named(text: str, split: str | None) -> ImageSource:
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
