"""What a person found right and wrong."""

from typing import Any

from fastapi import APIRouter, Request, Response

from podoba.serve.queries.bodies import MarksAnswer, MarksBody, parsed, schema_of
from podoba.serve.queries.marking import change_marks, mark_json
from podoba.serve.routes.search import answer
from podoba.serve.served import of

router = APIRouter(prefix="/collections/{name}/marks", tags=["marks"])


@router.get("", response_model=MarksAnswer)
async def marks(request: Request, name: str) -> Response:
    """All marks, those of a query together."""
    served = of(request)
    return await answer(served, lambda: {"marks": [mark_json(mark) for mark in served.searchable(name).marks()], "result": None})


@router.post(
    "",
    response_model=MarksAnswer,
    openapi_extra={"requestBody": {"required": True, "content": {"application/json": {"schema": schema_of(MarksBody)}}}},
)
async def mark(request: Request, name: str) -> Response:
    """Mark answers to a query as right or wrong, or forget marks; answered are all its marks, and a search that uses them."""
    served, body = of(request), parsed(MarksBody, await request.body())

    def work() -> dict[str, Any]:
        queries = served.queries
        return change_marks(queries.searches, queries.opened(name), body, show_paths=served.settings.show_paths)

    return await answer(served, work)
