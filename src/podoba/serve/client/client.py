"""A server of collections, from a program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any
from urllib.parse import quote

from podoba.collection.search.query import Part, Query, as_parts, in_words
from podoba.progress import OnProgress, silent
from podoba.serve.client.answers import (
    CollectionFacts,
    DuplicateGroup,
    Facet,
    Folder,
    Item,
    Job,
    Mark,
    ModelFacts,
    SearchResult,
    SkippedFile,
)
from podoba.serve.client.connection import Connection, ServerError, find_server
from podoba.serve.client.parts import Files, form_of, part_of, parts_of

PAGE = 500  # items that are asked for at a time


class Client:
    """What a server of `podoba serve` can do, as calls; used as a context it is closed at the end.

    `Client()` finds the server that runs on this computer, `Client(link)` is the one whose link is given. Collections go by the
    names that `collections` lists. A busy server is asked again. May be used by any number of threads.

    Every call raises `ServerError`, a `PodobaError`, for what the server refuses, with its own words, and where none answers.
    """

    def __init__(
        self,
        link: str | None = None,
        token: str | None = None,
        *,
        timeout: float = 120.0,
        patience: float = 60.0,
        verify: Any = True,
    ) -> None:
        """Find a server; nothing is asked of it yet.

        Args:
            link: the link that the server printed, or its address; None: the newest one of this person on this computer.
            token: what gives access; None: that of the link, or of the server of that address, if it runs here.
            timeout: seconds for one answer.
            patience: seconds for which a busy server is asked again, in all.
            verify: as of `httpx.Client`: for a server with a certificate of its own, an `ssl.SSLContext` that knows it.

        Raises:
            ServerError: no server is found, or nothing gives access to it.
        """
        address, found = find_server(link, token)
        self._connection = Connection(address, found, timeout=timeout, patience=patience, verify=verify)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the server."""
        self._connection.close()

    @property
    def address(self) -> str:
        """Of the server, such as http://127.0.0.1:8765."""
        return self._connection.address

    # Collections and their items.

    def collections(self) -> list[CollectionFacts]:
        """The collections that are served."""
        return [CollectionFacts.model_validate(one) for one in self._connection.get("/collections")["collections"]]

    def collection(self, name: str) -> CollectionFacts:
        """One of them."""
        return CollectionFacts.model_validate(self._connection.get(_of(name)))

    def items(self, collection: str, where: str | None = None, sort: str | None = None) -> Iterator[Item]:
        """The items, all or those of a filter, asked for some at a time.

        Args:
            sort: `added`, `name`, `label`, `size`, `width` ... or an attribute; `-` before it turns the order round.
        """
        offset, total = 0, 1
        while offset < total:
            page = self._connection.get(f"{_of(collection)}/items", where=where, sort=sort, offset=offset, k=PAGE)
            yield from map(Item.model_validate, page["items"])
            offset, total = offset + PAGE, page["total"]

    def item(self, collection: str, id_: str) -> Item:
        """One item."""
        return Item.model_validate(self._connection.get(f"{_of(collection)}/items/{quote(id_, safe='')}"))

    def thumbnail(self, collection: str, id_: str, side: int = 192) -> bytes:
        """A JPEG of an item, upright, by the pixels of its longer side: 96, 192 or 384."""
        return self._connection.bytes(f"{_of(collection)}/items/{quote(id_, safe='')}/thumbnail", side=side)

    def original(self, collection: str, id_: str) -> bytes:
        """The file of an item as it is, where it is of a kind that browsers show."""
        return self._connection.bytes(f"{_of(collection)}/items/{quote(id_, safe='')}/original")

    def facets(self, collection: str, where: str | None = None) -> list[Facet]:
        """How many items, all or those of a filter, have which label, format, size or attribute."""
        answer = self._connection.get(f"{_of(collection)}/facets", where=where)
        return [Facet.model_validate(one) for one in answer["facets"]]

    # Search.

    def search(
        self,
        collection: str,
        query: Query | Part | Sequence[Query | Part],
        *,
        unwanted: Query | Part | Sequence[Query | Part] = (),
        k: int = 10,
        where: str | None = None,
        min_probability: float | None = None,
        min_score: float | None = None,
        diversity: float = 0.0,
        rerank: str | None = None,
        feedback: str | None = None,
        with_itself: bool = False,
        exact: bool = False,
    ) -> SearchResult:
        """The k items most similar to a query, as of `Collection.search`; k is 1,000 at most.

        Args:
            query: paths are of this computer: the pictures are sent.
            exact: every item is compared, also where the collection is large and has an index.

        Raises:
            SourceError, UnreadableImage: a file that cannot be read here.
        """
        files: Files = []
        body = {
            "query": parts_of(query, files), "not": parts_of(unwanted, files), "k": k, "page": k, "where": where,
            "min_probability": min_probability, "min_score": min_score, "diversity": diversity, "rerank": rerank,
            "feedback": feedback, "with_itself": with_itself, "exact": exact,
        }  # fmt: skip
        path = f"{_of(collection)}/search"
        answer = self._connection.post(path, **form_of(json.dumps(body), files)) if files else self._connection.post(path, body)
        return SearchResult.model_validate(answer | {"query": in_words(as_parts(query), as_parts(unwanted))})

    # Marks.

    def mark(
        self,
        collection: str,
        query: Query | Part,
        *,
        right: Sequence[str] = (),
        wrong: Sequence[str] = (),
        clear: Sequence[str] = (),
    ) -> list[Mark]:
        """Keep that items, by their ids, are right or wrong as answers to a query, or forget it.

        Returns:
            all marks of the query.
        """
        files: Files = []
        part = part_of(as_parts(query)[0], files)
        for name, data in files:
            sent = self._connection.post("/uploads", content=data, params={"name": name})
            part = {key: value for key, value in part.items() if key != "image"} | {"upload": sent["upload"]}
        body = {"query": part, "right": list(right), "wrong": list(wrong), "clear": list(clear)}
        return [Mark.model_validate(one) for one in self._connection.post(f"{_of(collection)}/marks", body)["marks"]]

    def marks(self, collection: str) -> list[Mark]:
        """All marks of a collection."""
        return [Mark.model_validate(one) for one in self._connection.get(f"{_of(collection)}/marks")["marks"]]

    # Duplicates.

    def find_duplicates(self, collection: str, kinds: Iterable[str] | None = None, where: str | None = None) -> Job:
        """Have duplicates looked for: a job, after which `duplicates` gives what was found."""
        body = {"kinds": None if kinds is None else list(kinds), "where": where}
        return Job.model_validate(self._connection.post(f"{_of(collection)}/duplicates/find", body))

    def duplicates(self, collection: str, state: str = "all") -> Iterator[DuplicateGroup]:
        """Groups that were found: `open`, `decided` or `all`."""
        after: str | None = ""
        while after is not None:
            page = self._connection.get(f"{_of(collection)}/duplicates/groups", state=state, after=after, k=100)
            yield from map(DuplicateGroup.model_validate, page["groups"])
            after = page["next"]

    def decide_duplicates(self, collection: str, keep: Mapping[str, Sequence[str]]) -> int:
        """Decide groups: which items stay, by their ids; all of them: they are no duplicates. Returns a number for undoing it."""
        decisions = [{"group": group, "keep": list(ids)} for group, ids in keep.items()]
        return int(self._connection.post(f"{_of(collection)}/duplicates/decisions", {"decisions": decisions})["batch"])

    def undo_duplicates(self, collection: str, batch: int | None = None) -> int:
        """Take decisions back: those of a number, else the last. Returns how many groups they were of."""
        return int(self._connection.post(f"{_of(collection)}/duplicates/undo", {"batch": batch})["undone"])

    # Jobs.

    def index(self, collection: str, folder: Folder | None = None, *, model: str | None = None, forget: bool = False) -> Job:
        """Bring a collection up to date: a job.

        Args:
            folder: one of `folders`; None: the places that the collection knows.
            model: of a collection without items; None: `photo`.
            forget: pictures that are no longer there are removed, however many they are.
        """
        place = None if folder is None else {"root": folder.root, "path": folder.path}
        body = {"kind": "index", "collection": collection, "folder": place, "model": model, "forget": forget}
        return Job.model_validate(self._connection.post("/jobs", body))

    def folders(self, inside: Folder | None = None) -> list[Folder]:
        """The folders that the server may index, or those inside one of them."""
        answer = self._connection.get("/folders" if inside is None else f"/folders/{inside.root}", path=inside and inside.path)
        return [Folder.model_validate(one) for one in answer["folders"]]

    def jobs(self) -> list[Job]:
        """Jobs that wait, run or are paused, and the last that ended, the newest first."""
        return [Job.model_validate(one) for one in self._connection.get("/jobs")["jobs"]]

    def job(self, id_: str) -> Job:
        """A job as it stands now."""
        return Job.model_validate(self._connection.get(f"/jobs/{quote(id_, safe='')}"))

    def pause(self, job: Job) -> Job:
        """Have a job rest: it holds nothing, and goes on from where it was."""
        return self._act(job, "pause")

    def resume(self, job: Job) -> Job:
        """Start a job again that is paused, was stopped or failed."""
        return self._act(job, "resume")

    def stop(self, job: Job) -> Job:
        """End a job; what it has done is kept."""
        return self._act(job, "stop")

    def wait(self, job: Job, on_progress: OnProgress = silent) -> Job:
        """Follow a job until it has ended, also across a connection that breaks.

        Args:
            on_progress: called with what is being done, how much of it, and of how much.

        Raises:
            ServerError: the job failed, with its reason; or as everywhere.
        """
        seen: str | None = None
        while not job.has_ended:
            try:
                for version, data in self._connection.events(f"/jobs/{job.id}/events", seen):
                    seen, job = version, Job.model_validate_json(data)
                    on_progress(job.stage, job.done, job.total)
            except ServerError as error:
                if error.status:
                    raise
            if not job.has_ended:  # the connection broke
                job = self.job(job.id)
        if job.state == "failed":
            raise ServerError(200, job.code or "failed", job.message or "the job failed", {"job": job.id})
        return job

    def skipped(self, job: Job) -> Iterator[SkippedFile]:
        """The files that a job left out, each with its reason."""
        offset, total = 0, 1
        while offset < total:
            page = self._connection.get(f"/jobs/{job.id}/skipped", offset=offset, k=PAGE)
            yield from map(SkippedFile.model_validate, page["skipped"])
            offset, total = offset + PAGE, page["total"]

    def models(self) -> list[ModelFacts]:
        """The models on the server's computer."""
        return [ModelFacts.model_validate(one) for one in self._connection.get("/models")["models"]]

    def _act(self, job: Job, act: str) -> Job:
        return Job.model_validate(self._connection.post(f"/jobs/{job.id}/{act}"))


def _of(collection: str) -> str:
    return f"/collections/{quote(collection, safe='')}"
