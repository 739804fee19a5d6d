"""Models, two of them side by side, and studies."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse

from podoba.collection.vector_collection import VectorCollection
from podoba.serve.gate.headers import SANDBOXED
from podoba.serve.library import models as shelf
from podoba.serve.library import studies as studies_of
from podoba.serve.library.bodies import ComparisonBody, ModelBody
from podoba.serve.library.comparison import compare
from podoba.serve.library.speed import measure
from podoba.serve.problems import Problem
from podoba.serve.served import Served, of

Name = Annotated[str, Query(max_length=255, description="Name of a collection.")]
Label = Annotated[str, Query(max_length=1000)]
Neighbours = Annotated[int, Query(ge=1, le=50, description="How many of what each query finds count.")]

router = APIRouter(tags=["models and studies"])


@router.get("/models")
def models(request: Request) -> dict[str, Any]:
    """The models of the collections that are served, then all others that are on this computer."""
    served = of(request)
    return {"models": [shelf.described(model, served.settings.show_paths) for model in shelf.models_here(_collections(served))]}


@router.get("/models/{name:path}")
def model(request: Request, name: str) -> dict[str, Any]:
    """One of them."""
    served = of(request)
    return shelf.described(shelf.find_model(_collections(served), name), served.settings.show_paths)


@router.post("/models/speed")
async def speed(request: Request, body: ModelBody) -> dict[str, Any]:
    """Measure how fast a model is on this computer, which takes a few seconds."""
    served = of(request)
    found = await run_in_threadpool(lambda: shelf.find_model(_collections(served), body.model))
    if found.path is None:
        raise Problem(409, "model_missing", "the file of this model is no longer there")
    return (await served.room.run(measure, found.path)).to_json()


@router.post("/comparison")
async def comparison(request: Request, body: ComparisonBody) -> dict[str, Any]:
    """One query in two collections: what each of their models finds, the same pictures joined by their bytes."""
    served = of(request)
    return await served.room.run(compare, served.queries, body, served.settings.show_paths)


@router.get("/comparison/confusion")
async def confusion(request: Request, a: Name, b: Name, k: Neighbours = 5) -> dict[str, Any]:
    """Which classes either model takes for which, on a sample of the labelled pictures that both collections have."""
    served = of(request)
    return await served.room.run(served.confusions.described, a, b, k)


@router.get("/comparison/confusion/entry")
async def entry(request: Request, a: Name, b: Name, query: Label, found: Label, k: Neighbours = 5) -> dict[str, Any]:
    """The queries of one class for which most pictures of another were found, and these pictures."""
    served = of(request)
    return await served.room.run(served.confusions.entry, a, b, k, query, found, served.settings.show_paths)


@router.get("/studies")
def studies(request: Request) -> dict[str, Any]:
    """All studies that are served, and how far they have come."""
    served = of(request)
    return {"studies": [studies_of.outline(name, folder) for name, folder in served.studies.items()]}


@router.get("/studies/{name}")
def study(request: Request, name: str) -> Response:
    """One of them: its trainings, scores and losses so far. `ETag` changes with them: asking again costs little."""
    served = of(request)
    folder = _study(served, name)
    body = json.dumps(studies_of.details(name, folder, served.settings.show_paths), allow_nan=False).encode()
    tag = f'"{sha256(body).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache"}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


@router.get("/studies/{name}/report", response_class=FileResponse)
def report(request: Request, name: str) -> Response:
    """The report of a study: a page with scripts in it, which gets an origin of its own, from which nothing can be asked."""
    path = _study(of(request), name) / studies_of.REPORT
    if not path.is_file():
        raise Problem(404, "no_report", "no report of this study was drawn yet")
    return FileResponse(path, headers=SANDBOXED | {"Cache-Control": "private, no-cache"}, media_type="text/html; charset=utf-8")


def _collections(served: Served) -> dict[str, VectorCollection]:
    return {name: served.searchable(name) for name in served.places if served.state(name) in ("ready", "empty")}


def _study(served: Served, name: str) -> Path:
    folder = served.studies.get(name)
    if folder is None:
        raise Problem(404, "unknown_study", "no study of this name is served")
    return folder
