"""What is left out of a folder or an archive by its name: what systems keep beside pictures, and what a person names."""

from collections.abc import Sequence
from pathlib import Path

from podoba.errors import SourceError
from podoba.files import shown

IGNORE_FILE = ".podobaignore"  # in the root of a folder: patterns, one a line
SYSTEM_FOLDERS = frozenset(
    [
        *("@eadir", "#recycle", "#snapshot", "@tmp"),  # of storage servers: thumbnails, waste, earlier states
        *("$recycle.bin", "system volume information", "lost+found", "__macosx"),  # of Windows, Linux, macOS
    ]
)
"""Names of folders, in lower case, that no person keeps pictures in; hidden ones are left out anyway."""


class Exclusion:
    """Which files and folders below a root are left out: hidden ones, those of `SYSTEM_FOLDERS`, and what patterns name.

    Patterns are those of `.gitignore`: `*.thumb.jpg`, `drafts/`, `/2019/**/raw`, `!keep.jpg`. Nothing below a folder that is
    left out can be taken in again.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        """Read patterns. Raises `SourceError` for one that is none."""
        self._patterns = None
        if not patterns:
            return
        from pathspec import GitIgnoreSpec  # what .gitignore means is intricate: anchors, `**`, negation

        try:
            self._patterns = GitIgnoreSpec.from_lines(patterns)
        except ValueError as error:
            raise SourceError(f"a pattern of what is left out is not understood: {' '.join(str(error).split())}") from error

    def hides_folder(self, path: str, name: str) -> bool:
        """Whether a folder is left out, by its path below the root (with `/` between) and its name."""
        if name[0] == "." or name.lower() in SYSTEM_FOLDERS:
            return True
        return self._patterns is not None and self._patterns.match_file(f"{path}/")

    def hides_file(self, path: str, name: str) -> bool:
        """Whether a file is left out, by its path below the root and its name."""
        return name[0] == "." or (self._patterns is not None and self._patterns.match_file(path))

    def hides(self, path: str) -> bool:
        """Whether a file is left out by its own name or by a folder that it lies in."""
        parts = path.split("/")
        folders = ("/".join(parts[:depth]) for depth in range(1, len(parts)))
        return self.hides_file(path, parts[-1]) or any(
            self.hides_folder(folder, name) for folder, name in zip(folders, parts, strict=False)
        )


def read_ignore_file(root: Path) -> list[str]:
    """The patterns that a folder's `.podobaignore` holds; none where there is no such file.

    Raises:
        SourceError: it cannot be read.
    """
    try:
        return (root / IGNORE_FILE).read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{shown(str(root / IGNORE_FILE))}: cannot be read ({error}): save it as UTF-8 text") from error
