"""A published model fetched and made into a model file: all its files of one commit, each checked, or nothing."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from podoba.errors import DownloadError, ModelError
from podoba.models.card import Source
from podoba.models.hub.files import RepositoryFiles
from podoba.models.hub.site import Hub, RemoteFile
from podoba.models.hub.store import Pulled, lock_path, model_path, recall, remember, work_folder
from podoba.models.published.address import Address
from podoba.models.published.catalogue import Entry, entry_of
from podoba.models.published.layout import IMAGE_GRAPHS, NETWORK, OWN, PROCESSORS, README
from podoba.progress import OnProgress

log = logging.getLogger(__name__)


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
    with alone(address.repository):
        if not again and (path := find_pulled(address)) is not None:
            return path
        known = None if again else recall(address)
        entry = entry_of(address.repository)
        if recall(address) is None and entry is not None and entry.accept and not accept:
            raise ModelError(
                f"{address.repository}: its licence ({entry.licence}) must be accepted first: read {entry.terms}, then run "
                "`podoba models pull NAME --accept-licence`"
            )
        files = files_of(address, entry, known, hub, progress)
        graph = _find_graph(files, address, entry, known)
        return _import(files, graph, address, entry)


def files_of(
    address: Address, entry: Entry | None, known: Pulled | None, hub: Hub | None = None, progress: OnProgress | None = None
) -> RepositoryFiles:
    """The files of an address, at the commit that is remembered, and with the checksums that are remembered or pinned."""

    def pinned(path: str, commit: str) -> str | None:
        remembered = known.sha256.get(path) if known is not None and known.commit == commit else None
        return remembered or (entry.sha256_of(path, commit) if entry is not None else None)

    revision = address.revision if known is None else known.commit
    return RepositoryFiles(hub or Hub(), address.repository, revision, pinned, progress)


def _find_graph(files: RepositoryFiles, address: Address, entry: Entry | None, known: Pulled | None) -> RemoteFile:
    """The graph of pictures: the one that is named, remembered or in the catalogue, else the first in the order of search."""
    wanted = known.graph if known is not None else address.file
    if wanted is None and entry is not None and entry.revision in (None, files.revision):
        wanted = entry.image
    if wanted is not None:
        found = files.facts(wanted)
        if found is None:
            raise DownloadError(f"{address}: the repository has no file {wanted} at {files.revision}: check the name")
        return found
    own, first = files.facts(OWN), files.first(path for path in IMAGE_GRAPHS if path != OWN)
    found = own if own is not None and (first is None or files.has_card(own)) else first
    if found is None:
        owner, _, name = address.repository.partition("/")
        if owner == "timm":
            raise ModelError(f"{address}: the repository has weights and no graph: did you mean timm/{name}?")
        raise ModelError(
            f"{address}: the repository has no graph of a known name ({', '.join(IMAGE_GRAPHS)}): name the file as "
            f"{address}:<path>.onnx, or another repository"
        )
    return found


def _import(files: RepositoryFiles, graph: RemoteFile, address: Address, entry: Entry | None) -> Path:
    name = address.repository
    folder = work_folder(name, graph.commit)
    sha256 = files.fetch(graph, (*PROCESSORS, NETWORK, README), folder)
    path = model_path(name, Pulled(commit=graph.commit, graph=graph.path))
    path.parent.mkdir(parents=True, exist_ok=True)
    source = Source(repository=name, revision=graph.commit, file=graph.path, sha256=sha256[graph.path])
    licence = None if entry is None else entry.licence
    from podoba.models.foreign.importing import import_folder  # imports onnx: a second that most commands need not spend

    try:
        card = import_folder(folder, path, file=graph.path, name=name, source=source, licence=licence)
    finally:
        shutil.rmtree(folder)  # also where it is not understood: fetched again it would be the same
    remember(address, Pulled(commit=graph.commit, graph=graph.path, licence=card.licence, sha256=sha256))
    return path


@contextmanager
def alone(repository: str) -> Iterator[None]:
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
