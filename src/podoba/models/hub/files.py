"""The files of one repository at one commit, each as it is pinned."""

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from podoba.errors import DownloadError
from podoba.models.card import CARD_KEY
from podoba.models.hub.site import Hub, RemoteFile
from podoba.models.published.layout import OUTSIDE
from podoba.progress import OnProgress

ALTERNATIVE = "fetch the repository where there is a network, and name its folder instead"
CARD_WITHIN = 1 << 20  # bytes at the end of a model file that have its card
SHA256 = "sha256:"


def not_pinned(path: str, commit: str) -> str | None:
    """The checksum of a file of which none is known."""
    return None


class RepositoryFiles:
    """A repository at the commit that a revision stands for when it is first asked for.

    Attributes:
        revision: that commit; as long as nothing told it, the revision.
    """

    def __init__(
        self,
        hub: Hub,
        name: str,
        revision: str,
        pinned: Callable[[str, str], str | None] = not_pinned,
        progress: OnProgress | None = None,
    ) -> None:
        """Ask the hub for the list of files.

        Args:
            pinned: the sha256 that a file (its path) at a commit must have; None where any will do.

        Raises:
            DownloadError: as `Hub.listing`.
        """
        self.hub, self.name, self.revision = hub, name, revision
        self._pinned, self._progress = pinned, progress
        self._listing = hub.listing(name, revision, ALTERNATIVE)
        if self._listing is not None:
            self.revision = self._listing.commit

    def facts(self, path: str) -> RemoteFile | None:
        """What is known of a file, its checksum as it is pinned; None where there is none of this path.

        Raises:
            DownloadError: as `Hub.facts`, or the hub has another file than the pinned one.
        """
        if self._listing is not None and path not in self._listing.files:
            return None
        file = self.hub.facts(self.name, self.revision, path, ALTERNATIVE)
        if file is None:
            return None
        self.revision = file.commit  # from here on all are of this one
        pinned = self._pinned(path, file.commit)
        if pinned is None:
            return file
        if _told(file) not in (None, pinned):
            raise DownloadError(
                f"{self.name}: {path} at {file.commit} is said to be {file.checksum}, and must be {SHA256}{pinned}: "
                "nothing was fetched; check HF_ENDPOINT"
            )
        return replace(file, checksum=SHA256 + pinned)

    def first(self, paths: Iterable[str]) -> RemoteFile | None:
        """The first of some files that is there. Raises `DownloadError`."""
        return next((file for path in paths if (file := self.facts(path)) is not None), None)

    def has_card(self, file: RemoteFile) -> bool:
        """Whether a file is a model of ours, by its end. Raises `DownloadError`."""
        return CARD_KEY.encode() in self.hub.ends_with(self.name, file, CARD_WITHIN)

    def around(self, graph: RemoteFile, beside: Iterable[str]) -> list[RemoteFile]:
        """A graph, its weights outside it, and files of some names beside it or at the root. Raises `DownloadError`."""
        return [*self._beside(graph, beside), graph, *self._outside(graph)]

    def fetch(self, graph: RemoteFile, beside: Iterable[str], folder: Path) -> dict[str, str]:
        """Put `around` into a folder.

        Returns:
            the sha256 of each file, by its path.

        Raises:
            DownloadError: as `Hub.fetch`.
        """
        return {file.path: self._fetch(file, folder) for file in self.around(graph, beside)}

    def sha256_of(self, file: RemoteFile) -> str:
        """The sha256 of a file, which is fetched where the hub does not tell it. Raises `DownloadError`."""
        told = _told(file)
        if told is not None:
            return told
        with tempfile.TemporaryDirectory(prefix="podoba-") as folder:
            return self._fetch(file, Path(folder))

    def _fetch(self, file: RemoteFile, folder: Path) -> str:
        path = self.hub.fetch(self.name, file, folder, alternative=ALTERNATIVE, progress=self._progress)
        told = _told(file)  # it was held against what came
        if told is not None:
            return told
        with path.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest()

    def _beside(self, graph: RemoteFile, names: Iterable[str]) -> Iterator[RemoteFile]:
        folders = dict.fromkeys((PurePosixPath("."), PurePosixPath(graph.path).parent))
        for path in [str(folder / name) for folder in folders for name in names]:
            if (file := self.facts(path)) is not None:
                yield file

    def _outside(self, graph: RemoteFile) -> Iterator[RemoteFile]:
        paths = [graph.path + end for end in OUTSIDE]
        if self._listing is not None:
            paths = [path for path in self._listing.files if path.startswith(tuple(paths))]
        for path in paths:
            if (file := self.facts(path)) is not None:
                yield file


def _told(file: RemoteFile) -> str | None:
    return file.checksum.removeprefix(SHA256) if file.checksum is not None and file.checksum.startswith(SHA256) else None
