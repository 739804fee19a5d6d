"""A published model fetched and made into a model file: all its files of one commit, each checked, or nothing."""

import hashlib
import logging
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from filelock import FileLock, Timeout

from podoba.errors import DownloadError, ModelError
from podoba.models.address import Address
from podoba.models.card import CARD_KEY, Source
from podoba.models.catalogue import Entry, entry_of
from podoba.models.hub.site import Hub, Listing, RemoteFile
from podoba.models.hub.store import Pulled, lock_path, model_path, pulled_as, recall, remember, work_folder
from podoba.progress import OnProgress

log = logging.getLogger(__name__)

OWN = "model.onnx"  # at the root: a model file of ours where it has a card
GRAPHS = ("onnx/vision_model.onnx", "onnx/model.onnx", "visual/model.onnx", OWN)  # of pictures, in the order of search
TEXT_GRAPHS = ("onnx/text_model.onnx", "textual/model.onnx", "onnx/model.onnx")
OUTSIDE = ("_data", ".data")  # ends of the names of files that hold a graph's weights
FACTS = ("config.json", "preprocessor_config.json", "preprocess_cfg.json", "open_clip_config.json", "README.md")
TOKENS = ("tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "config.json", "open_clip_config.json")
CARD_WITHIN = 1 << 20  # bytes at the end of a model file that have its card


def find_pulled(address: Address) -> Path | None:
    """The file of a model that was fetched before; nobody is asked. Raises `ModelError` for a damaged record."""
    pulled = recall(address)
    path = None if pulled is None else model_path(address.repository, pulled)
    return path if path is not None and path.is_file() else None


def pull(
    address: Address,
    *,
    hub: Hub | None = None,
    accept: bool = False,
    again: bool = False,
    progress: OnProgress | None = None,
) -> Path:
    """The model file of an address; fetched and imported where it is not here yet. Two processes fetch it once.

    What was fetched before has the same bytes ever after: a branch that moved on is followed only `again`.

    Args:
        accept: the licence, where it must be accepted.
        again: fetch what the revision stands for now.

    Raises:
        DownloadError: as `Hub`, or the files are not those that are pinned or remembered.
        ModelError: a licence that was not accepted, or a repository that is not understood.
    """
    hub = hub or Hub()
    with _alone(address.repository):
        known = recall(address)
        if known is not None and not again and (path := model_path(address.repository, known)).is_file():
            return path
        entry = entry_of(address.repository)
        if known is None and entry is not None and entry.accept and not accept:
            raise ModelError(
                f"{address}: its licence ({entry.licence}) must be accepted before it is fetched: read {entry.terms}, then run "
                f"`podoba models pull {address} --accept-licence`"
            )
        if known is not None and not again:
            address_now = replace(address, revision=known.commit, file=known.graph)
        else:
            known, address_now = None, address
        repository = _Repository(hub, address_now, entry, {} if known is None else known.sha256, progress)
        graph = repository.find_graph()
        return _imported(address, repository, graph, entry)


def fetch_text_tower(model: Path, *, hub: Hub | None = None, progress: OnProgress | None = None) -> Path | None:
    """The text tower of a published model, fetched and imported where it is not here yet: beside the model's file.

    Args:
        model: the model's file.

    Returns:
        None where the model is no published one, or its repository has no text tower.

    Raises:
        DownloadError, ModelError: as `pull`.
    """
    from podoba.models.foreign.text_graph import import_text

    found = pulled_as(model)
    out = model.with_suffix(".text.onnx")
    if found is None or out.is_file():
        return out if out.is_file() else None
    address, pulled = found
    entry = entry_of(address.repository)
    with _alone(address.repository):
        if out.is_file():
            return out
        pinned = replace(address, revision=pulled.commit, file=pulled.graph)
        repository = _Repository(hub or Hub(), pinned, entry, pulled.sha256, progress)
        graph = repository.first((entry.text,) if entry is not None and entry.text else TEXT_GRAPHS)
        if graph is None:
            return None
        folder = repository.fetch(graph, TOKENS)
        import_text(folder, out, file=graph.path, model=model)
        remember(address, pulled.model_copy(update={"sha256": pulled.sha256 | repository.sha256}))
        shutil.rmtree(folder)
        return out


@dataclass
class _Repository:
    """A repository at one commit, from which files are fetched into one folder."""

    hub: Hub
    address: Address
    entry: Entry | None
    known: Mapping[str, str]  # sha256 of files that were fetched before
    progress: OnProgress | None

    def __post_init__(self) -> None:
        self.name, self.revision = self.address.repository, self.address.revision
        self.sha256: dict[str, str] = {}
        self.listing: Listing | None = self.hub.listing(self.name, self.revision, self._alternative)
        if self.listing is not None:
            self.revision = self.listing.commit

    @property
    def _alternative(self) -> str:
        return "fetch the repository where there is a network, and name its folder instead"

    def find_graph(self) -> RemoteFile:
        """The graph of pictures. Raises `DownloadError`, `ModelError`."""
        wanted = self.address.file
        if wanted is None and self.entry is not None and self.entry.revision in (None, self.revision):
            wanted = self.entry.image
        if wanted is not None:
            found = self.facts(wanted)
            if found is None:
                raise DownloadError(f"{self.address}: the repository has no file {wanted} at {self.revision}: check the name")
            return found
        own, first = self.facts(OWN), self.first(GRAPHS[:-1])
        if own is not None and (first is None or CARD_KEY.encode() in self.hub.ends_with(self.name, own, CARD_WITHIN)):
            return own
        if first is None:
            raise ModelError(
                f"{self.address}: the repository has no graph of a known name ({', '.join(GRAPHS)}): name the file as "
                f"{self.address}:<path>.onnx, or another repository"
            )
        return first

    def first(self, paths: tuple[str, ...]) -> RemoteFile | None:
        """The first of some files that is there."""
        return next((file for path in paths if (file := self.facts(path)) is not None), None)

    def facts(self, path: str) -> RemoteFile | None:
        """What is known of a file, its checksum as it is pinned or remembered; None where it is not there."""
        if self.listing is not None and path not in self.listing.files:
            return None
        file = self.hub.facts(self.name, self.revision, path, self._alternative)
        if file is None:
            return None
        self.revision = file.commit  # from here on all are of this one
        pinned = self.known.get(path) or (self.entry and self.entry.sha256_of(path, file.commit))
        if not pinned:
            return file
        expected = f"sha256:{pinned}"
        if file.checksum is not None and file.checksum.startswith("sha256:") and file.checksum != expected:
            raise DownloadError(
                f"{self.name}: {path} at {file.commit} is said to be {file.checksum}, and must be {expected}: "
                "nothing was fetched; check HF_ENDPOINT"
            )
        return replace(file, checksum=expected)

    def fetch(self, graph: RemoteFile, beside: tuple[str, ...]) -> Path:
        """A folder with a graph, its weights outside it, and what lies beside it or at the root of the repository."""
        folder = work_folder(self.name, graph.commit)
        for file in [*self._beside(graph, beside), graph, *self._outside(graph)]:
            path = self.hub.fetch(self.name, file, folder, alternative=self._alternative, progress=self.progress)
            if file.checksum is not None and file.checksum.startswith("sha256:"):
                self.sha256[file.path] = file.checksum.removeprefix("sha256:")
            else:
                with path.open("rb") as opened:
                    self.sha256[file.path] = hashlib.file_digest(opened, "sha256").hexdigest()
        return folder

    def _beside(self, graph: RemoteFile, names: tuple[str, ...]) -> Iterator[RemoteFile]:
        folders = dict.fromkeys((PurePosixPath("."), PurePosixPath(graph.path).parent))
        for path in (str(folder / name) for folder in folders for name in names):
            if (file := self.facts(path)) is not None:
                yield file

    def _outside(self, graph: RemoteFile) -> Iterator[RemoteFile]:
        if self.listing is not None:
            starts = tuple(graph.path + end for end in OUTSIDE)
            paths = [path for path in self.listing.files if path.startswith(starts)]
        else:
            paths = [graph.path + end for end in OUTSIDE]
        for path in paths:
            if (file := self.facts(path)) is not None:
                yield file


def _imported(address: Address, repository: _Repository, graph: RemoteFile, entry: Entry | None) -> Path:
    from podoba.models.foreign.importing import import_folder  # imports onnx: a second that most commands need not spend

    name = address.repository
    folder = repository.fetch(graph, FACTS)
    pulled = Pulled(commit=graph.commit, graph=graph.path, sha256=repository.sha256)
    path = model_path(name, pulled)
    path.parent.mkdir(parents=True, exist_ok=True)
    source = Source(repository=name, revision=graph.commit, file=graph.path, sha256=repository.sha256[graph.path])
    licence = None if entry is None else entry.licence
    card = import_folder(folder, path, file=graph.path, name=name, source=source, licence=licence)
    remember(address, pulled.model_copy(update={"licence": card.licence}))
    shutil.rmtree(folder)
    return path


@contextmanager
def _alone(repository: str) -> Iterator[None]:
    """Meanwhile no other process fetches from a repository; one that does is waited for."""
    path = lock_path(repository)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        log.info("another process fetches from %s: waiting for it", repository)
        lock.acquire()
    try:
        yield
    finally:
        lock.release()
