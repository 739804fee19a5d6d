"""Searching: by items, words, pictures that are sent, and descriptors; and what was sent."""

import re
from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request, Response
from starlette.datastructures import FormData, UploadFile

from podoba.serve.problems import Problem
from podoba.serve.queries.answers import encoded
from podoba.serve.queries.bodies import PageAnswer, SearchAnswer, SearchBody, UploadAnswer, parsed, schema_of
from podoba.serve.queries.exporting import Format, export
from podoba.serve.queries.searching import SentFile
from podoba.serve.queries.settings import DEFAULT
from podoba.serve.served import Served, of

router = APIRouter(tags=["search"])
BYTES = {"schema": {"type": "string", "format": "binary"}}
FORM_SCHEMA = {
    "type": "object",
    "required": ["query"],
    "properties": {
        "query": {"type": "string", "description": "The same as JSON."},
        "image_0": {"type": "string", "format": "binary", "description": "A picture; more as `image_1` ..."},
    },
}
BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": schema_of(SearchBody)},
            "multipart/form-data": {"schema": FORM_SCHEMA},
        },
    }
}
SENT = {"requestBody": {"required": True, "content": {"application/octet-stream": BYTES}}}
PICTURE: dict[int | str, dict[str, Any]] = {200: {"content": {"image/jpeg": BYTES}}}
FILE: dict[int | str, dict[str, Any]] = {200: {"content": dict.fromkeys(("text/csv", "application/json", "text/html"), BYTES)}}
Sha256 = Annotated[str, Path(pattern="^[0-9a-f]{64}$", description="As `POST /uploads` answered.")]
QueryId = Annotated[str, Path(max_length=100)]
FORM = "multipart/form-data"
IMAGE = re.compile(r"image_(\d{1,3})")


@router.post("/collections/{name}/search", response_model=SearchAnswer, openapi_extra=BODY)
async def search(request: Request, name: str) -> Response:
    """The items most like what is asked for. It may well be that nothing is similar."""
    served = of(request)
    if not request.headers.get("content-type", "").lower().startswith(FORM):
        body = parsed(SearchBody, await request.body())
        return await answer(served, lambda: found(served, name, body, []))
    async with request.form(max_files=DEFAULT.parts, max_fields=4) as form:
        files, asked = await pictures(form), form.get("query")
    if not isinstance(asked, str):
        raise Problem(422, "invalid", "the form has no field `query` with the search as JSON")
    body = parsed(SearchBody, asked)
    return await answer(served, lambda: found(served, name, body, files))


@router.get("/collections/{name}/results/{query_id}", response_model=PageAnswer)
async def page(request: Request, name: str, query_id: QueryId, cursor: Annotated[str, Query(max_length=20)] = "0") -> Response:
    """A page of a result as it was found, whatever became of the collection since."""
    served = of(request)
    show = served.settings.show_paths
    return await answer(
        served, lambda: served.queries.searches.page(served.queries.opened(name), query_id, cursor, show_paths=show)
    )


@router.get("/collections/{name}/results/{query_id}/export", responses=FILE, response_class=Response)
async def exported(request: Request, name: str, query_id: QueryId, format: Format = "csv") -> Response:
    """A result as a file to be saved: a table, JSON as of the command line, or a page with its pictures."""
    served = of(request)

    def make() -> Response:
        opened = served.queries.opened(name)
        result = served.queries.searches.frozen(opened, query_id).result()
        file = export(opened, result, format, show_paths=served.settings.show_paths)
        headers = {"Content-Disposition": f'attachment; filename="{re.sub(r"[^A-Za-z0-9._-]", "_", file.name)}"'}
        return Response(file.data, media_type=file.kind, headers=headers)

    return await served.room.run(make)


@router.post("/uploads", response_model=UploadAnswer, openapi_extra=SENT)
async def upload(request: Request, name: Annotated[str, Query(max_length=1000)] = "") -> Response:
    """Send a picture: it is kept for an hour after its last use, and searched by under the sha256 of its bytes."""
    served, data = of(request), await request.body()
    return await answer(served, lambda: served.queries.uploads.add(data, name).to_json())


@router.get("/uploads/{sha256}/preview", responses=PICTURE, response_class=Response)
async def preview(request: Request, sha256: Sha256, side: Literal["384", "1024", "2048"] = "384") -> Response:
    """A JPEG of a picture that was sent, upright, by the pixels of its longer side."""
    served = of(request)
    jpeg = await served.room.run(served.queries.uploads.preview, sha256, int(side))
    return Response(jpeg, media_type="image/jpeg", headers={"Cache-Control": "private, max-age=3600, immutable"})


def found(served: Served, name: str, body: SearchBody, files: list[SentFile]) -> dict[str, Any]:
    """The answer to a search."""
    return served.queries.searches.search(served.queries.opened(name), body, files, show_paths=served.settings.show_paths)


async def answer(served: Served, work: Callable[[], Any]) -> Response:
    """What is computed in the room, as JSON that is written there too; it is of the described form by its making."""
    return Response(await served.room.run(lambda: encoded(work())), media_type="application/json")


async def pictures(form: FormData) -> list[SentFile]:
    """Names and bytes of the files image_0, image_1 ... of a form, up to the first number that is missing."""
    numbered = {int(match[1]): file for key, file in form.items() if (match := IMAGE.fullmatch(key))}
    files: list[SentFile] = []
    while isinstance(file := numbered.get(len(files)), UploadFile):
        files.append((file.filename or "", await file.read()))
    return files
