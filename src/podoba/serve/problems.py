"""Errors as RFC 9457 problems, with a stable `code`; never a path, a traceback or advice for the command line."""

import json
import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from podoba.errors import (
    CollectionAway,
    CollectionBusy,
    CollectionError,
    ContradictoryQuery,
    DownloadError,
    FilterError,
    MissingExtra,
    ModelError,
    NeedsAFile,
    PodobaError,
    SettingsError,
    SourceError,
    TrainingError,
    UnknownItem,
    UnreadableImage,
)

logger = logging.getLogger(__name__)

TYPE = "application/problem+json"
REFUSALS = {  # what Starlette and FastAPI refuse by themselves
    400: ("bad_request", "the request cannot be understood"),
    404: ("not_found", "there is nothing at this address"),
    405: ("method_not_allowed", "this address knows no such method"),
    413: ("too_large", "the request is too large"),
    416: ("wrong_range", "there is no such part"),
}

# What a client is told of an error of the rooms below: their own sentences name files and commands, and go to the log.
MEANINGS: dict[type[PodobaError], tuple[int, str, str]] = {
    UnreadableImage: (422, "unreadable_image", "this picture cannot be read"),
    CollectionBusy: (503, "busy", "another program is writing to this collection: try again when it is done"),
    CollectionAway: (503, "away", "the database of this collection does not answer: try again when it is back"),
    NeedsAFile: (409, "needs_a_file", "this needs a collection file, and this collection lies in a database"),
    UnknownItem: (404, "unknown_item", "the collection has no such item (any more)"),
    ContradictoryQuery: (
        422,
        "contradictory_query",
        "the pictures cancel each other: give the unwanted ones less weight",
    ),
    CollectionError: (409, "collection_error", "the collection cannot do this now: the log of the server says why"),
    ModelError: (409, "model_error", "the model cannot do this: the log of the server says why"),
    SourceError: (422, "wrong_source", "there are no pictures that can be read here"),
    DownloadError: (502, "download_failed", "a published file could not be fetched"),
    MissingExtra: (501, "missing_extra", "a part of podoba that this needs is not installed"),
    SettingsError: (422, "wrong_setting", "a setting is unknown or does not fit"),
    TrainingError: (409, "training_error", "the training cannot go on"),
    PodobaError: (409, "refused", "this cannot be done: the log of the server says why"),
}


OWN_FAULT = (404, 410, 422)  # of a request, about which there is nothing more to say in the log
REFUSED = (400, 401, 403, 404, 409, 410, 413, 415, 422, 501, 503)
SCHEMA = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "code": {"type": "string", "description": "Stable, for programs.", "examples": ["unknown_item"]},
    },
}
DOCUMENTED: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase, "content": {TYPE: {"schema": SCHEMA}}} for status in REFUSED
}
"""What the description of the API says of the answers that any of its routes may give instead of its own."""


class Problem(HTTPException):
    """An error that a client may read.

    Attributes:
        code: stable; the page translates by it.
        detail: a sentence in English, which names no place on this machine.
        headers: of the answer, beside those that it has anyway.
        more: further members of the answer.
    """

    def __init__(self, status: int, code: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(status, detail, headers)
        self.status, self.code, self.more = status, code, more

    def answer(self) -> Response:
        """The problem as a response."""
        facts = {"title": HTTPStatus(self.status).phrase, "status": self.status, "detail": self.detail, "code": self.code}
        # Escaped: what is said of a request may repeat half a character of it, which UTF-8 cannot express.
        return Response(json.dumps({"type": "about:blank", **facts, **self.more}), self.status, self.headers, TYPE)


def problem_of(error: PodobaError) -> Problem:
    """What a client is told of an error of the rooms below."""
    if isinstance(error, FilterError):  # whose sentence is about the filter alone
        return Problem(422, "wrong_filter", str(error), place=error.place)
    status, code, detail = next(MEANINGS[kind] for kind in type(error).__mro__ if kind in MEANINGS)
    return Problem(status, code, detail, {"Retry-After": "1"} if status == HTTPStatus.SERVICE_UNAVAILABLE else None)


def explain(app: FastAPI) -> None:
    """Answer every error of an application as a problem."""
    app.add_exception_handler(HTTPException, refused)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(PodobaError, _meant)


async def refused(_: Request, error: Exception) -> Response:
    """What a route or the framework refuses, as a problem."""
    assert isinstance(error, HTTPException)
    if isinstance(error, Problem):
        return error.answer()
    status = HTTPStatus(error.status_code)
    code, detail = REFUSALS.get(status, ("refused", status.phrase.lower()))
    return Problem(status, code, detail, error.headers).answer()


async def _invalid(_: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = [{"place": ".".join(map(str, one["loc"])), "reason": one["msg"]} for one in error.errors()]
    return Problem(422, "invalid", "the request is not as the API describes it", errors=wrong).answer()


async def _meant(request: Request, error: Exception) -> Response:
    assert isinstance(error, PodobaError)
    problem = problem_of(error)
    if problem.status not in OWN_FAULT:
        logger.warning("%s %s: %s", request.method, request.url.path, error)
    return problem.answer()
