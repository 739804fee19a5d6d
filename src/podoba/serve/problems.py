"""Errors as RFC 9457 problems, with a stable `code`; never a path, a traceback or advice for the command line."""

from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

TYPE = "application/problem+json"
CODES = {401: "unauthorized", 403: "forbidden", 404: "not_found", 405: "method_not_allowed", 413: "too_large", 422: "invalid"}


class Problem(Exception):
    """An error that a client may read.

    Attributes:
        code: stable; the page translates by it.
        detail: a sentence in English, which names no place on this machine.
        more: further members of the answer; `retry_after`: seconds, also a header.
    """

    def __init__(self, status: int, code: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.more = status, code, detail, more

    def answer(self) -> JSONResponse:
        """The problem as a response."""
        title = HTTPStatus(self.status).phrase
        body = {
            "type": "about:blank",
            "title": title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.more,
        }
        headers = {"Retry-After": str(self.more["retry_after"])} if "retry_after" in self.more else None
        return JSONResponse(body, self.status, headers, TYPE)


def explain(app: FastAPI) -> None:
    """Answer every error of an application as a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _refused)
    app.add_exception_handler(RequestValidationError, _invalid)


async def _problem(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return error.answer()


async def _refused(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, "refused")
    return Problem(error.status_code, code, HTTPStatus(error.status_code).description or str(error.detail)).answer()


async def _invalid(_: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    wrong = [{"place": ".".join(map(str, one["loc"])), "reason": one["msg"]} for one in error.errors()]
    return Problem(422, "invalid", "the request is not as the API describes it", errors=wrong).answer()
