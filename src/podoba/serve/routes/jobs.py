"""Long work: asked for, followed, paused, stopped; and the folders that may be indexed."""

from collections.abc import Callable
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import PurePath
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from podoba.models.names import list_models
from podoba.serve.jobs.events import events_of
from podoba.serve.jobs.job import Job
from podoba.serve.jobs.runner import Jobs, State
from podoba.serve.problems import Problem
from podoba.serve.served import Served, of

router = APIRouter(tags=["jobs"])
Number = Annotated[int, Query(ge=1, le=1000)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]
LastEvent = Annotated[str | None, Header(alias="Last-Event-ID", max_length=100)]
EVENTS: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}, "description": "One event a change."}}


class ChosenFolder(BaseModel):
    """A folder as `GET /folders` names it."""

    root: int = Field(ge=0, le=1000)
    path: str = Field("", max_length=4096)


class IndexJob(BaseModel):
    """Bring a collection up to date with the places that its pictures came from, or with a folder that may be indexed."""

    kind: Literal["index"]
    collection: str = Field(max_length=255, examples=["photos"])
    folder: ChosenFolder | None = Field(None, description="None: the places that the collection knows.")
    model: str | None = Field(None, max_length=255, description="Of a collection without pictures; None: `photo`.")
    forget: bool = Field(False, description="Remove pictures that are no longer there, however many they are.")


class MapJob(BaseModel):
    """Make the UMAP map of a collection, which is then kept beside it."""

    kind: Literal["map"]
    collection: str = Field(max_length=255, examples=["photos"])
    again: bool = Field(False, description="Anew, even where a map is kept.")


@router.post("/jobs", status_code=202)
def start(request: Request, body: Annotated[IndexJob | MapJob, Field(discriminator="kind")]) -> dict[str, Any]:
    """Have long work done; what waits or runs already is not done twice."""
    served = of(request)
    arguments = _map_arguments(served, body) if isinstance(body, MapJob) else _index_arguments(served, body)
    return _told(served, served.jobs.start(body.kind, body.collection, arguments))


@router.get("/jobs")
def jobs(request: Request) -> dict[str, Any]:
    """All that wait, run or are paused, and the last that ended, the newest first."""
    return of(request).jobs.states()[2]


@router.get("/jobs/events", response_class=StreamingResponse, responses=EVENTS)
async def all_events(request: Request, last: LastEvent = None) -> Response:
    """All jobs after each change, as `GET /jobs` gives them, as server-sent events until the server ends."""
    return _stream(of(request).jobs, of(request).jobs.states, last)


@router.get("/jobs/{id}")
def job(request: Request, id: str) -> dict[str, Any]:
    """One job."""
    return of(request).jobs.state(id)[2]


@router.get("/jobs/{id}/events", response_class=StreamingResponse, responses=EVENTS)
async def events(request: Request, id: str, last: LastEvent = None) -> Response:
    """One job after each change, as server-sent events, until it has ended; `Last-Event-ID` resumes."""
    found = of(request).jobs
    version, final, _ = found.state(id)
    if final and last == str(version):
        return Response(status_code=204)  # then a browser asks no more
    return _stream(found, lambda: found.state(id), last)


@router.get("/jobs/{id}/skipped")
def skipped(request: Request, id: str, offset: Offset = 0, k: Number = 100) -> dict[str, Any]:
    """Files that were left out, each with its reason."""
    served = of(request)
    rows, total = served.jobs.skipped(id, offset, k)
    return {
        "skipped": [
            {"name": PurePath(row.uri).name, "uri": row.uri if served.settings.show_paths else None, "reason": row.reason}
            for row in rows
        ],
        "total": total,
    }


@router.post("/jobs/{id}/pause")
def pause(request: Request, id: str) -> dict[str, Any]:
    """End it for now; it holds nothing, and goes on from where it was."""
    served = of(request)
    return _told(served, served.jobs.pause(id))


@router.post("/jobs/{id}/resume")
def resume(request: Request, id: str) -> dict[str, Any]:
    """Start one again that is paused, was stopped or failed."""
    served = of(request)
    return _told(served, served.jobs.resume(id))


@router.post("/jobs/{id}/stop")
def stop(request: Request, id: str) -> dict[str, Any]:
    """End it; what it has done is kept."""
    served = of(request)
    return _told(served, served.jobs.stop(id))


@router.get("/folders")
def folders(request: Request) -> dict[str, Any]:
    """The folders below which pictures may be indexed."""
    return {"folders": [asdict(folder) for folder in of(request).folders.roots()]}


@router.get("/folders/{root}")
def folder(request: Request, root: int, path: Annotated[str, Query(max_length=4096)] = "") -> dict[str, Any]:
    """One of them, or a folder below it, and what lies in it."""
    return of(request).folders.listing(root, path).to_json()


def _told(served: Served, job: Job) -> dict[str, Any]:
    return served.jobs.state(job.id)[2]


def _stream(jobs: Jobs, state: Callable[[], State], last: str | None) -> Response:
    seen = int(last) if last is not None and last.isascii() and last.isdigit() else None
    return StreamingResponse(events_of(jobs, state, seen), media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _map_arguments(served: Served, body: MapJob) -> dict[str, Any]:
    """What the job is handed; raises `Problem` for what cannot be done."""
    served.collection(body.collection)
    if find_spec("umap") is None:
        raise Problem(409, "missing_umap", "UMAP is not installed where this server runs")
    return {"again": body.again}


def _index_arguments(served: Served, body: IndexJob) -> dict[str, Any]:
    """What the job is handed; raises `Problem` for what cannot be done."""
    if body.collection not in served.places:
        raise Problem(404, "unknown_collection", "no collection of this name is served")
    has_pictures = served.state(body.collection) == "ready"
    if body.folder is None and not has_pictures:
        raise Problem(409, "no_sources", "this collection has no pictures yet, so it knows no place of theirs: choose a folder")
    if body.model is not None and has_pictures:
        raise Problem(409, "has_model", "this collection has pictures of another model: make a new collection for this one")
    if body.model is not None and body.model not in list_models():
        raise Problem(404, "unknown_model", "no model of this name is on this computer")
    place = None if body.folder is None else str(served.folders.place(body.folder.root, body.folder.path))
    return {"folder": place, "model": body.model, "forget": body.forget}
