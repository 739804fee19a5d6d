"""Errors as problems."""

from __future__ import annotations

import inspect
import json
import logging
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from podoba import errors
from podoba.errors import CollectionError, MissingExtra, PodobaError, UnreadableImage
from podoba.serve.problems import MEANINGS, Problem, explain, problem_of

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, PodobaError)]


def raising(error: Exception) -> TestClient:
    """A client of an application that raises an error."""
    app = FastAPI()
    explain(app)

    @app.get("/{name}")
    def fail(name: str, number: int = 0) -> None:
        raise error

    return TestClient(app, raise_server_exceptions=False)


def test_a_problem_is_what_the_standard_says() -> None:
    answer = raising(Problem(409, "busy", "try again", {"Retry-After": "1"}, place=3)).get("/x")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "1"
    assert answer.json() == {
        "type": "about:blank", "title": "Conflict", "status": 409, "detail": "try again", "code": "busy", "place": 3,
    }  # fmt: skip


def test_half_characters_are_answered_too() -> None:
    assert json.loads(bytes(Problem(422, "invalid", "\ud800").answer().body))["detail"] == "\ud800"


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_of_a_person_has_a_meaning(kind: type[PodobaError]) -> None:
    error = kind("what", "why") if kind in (MissingExtra, UnreadableImage) else kind("what")
    problem = problem_of(error)
    assert 400 <= problem.status < 600
    assert problem.code
    assert "`" not in problem.detail  # advice for the command line


def test_the_nearest_meaning_is_taken() -> None:
    class Damaged(CollectionError):
        pass

    assert problem_of(Damaged("x")).code == MEANINGS[CollectionError][1]
    assert problem_of(PodobaError("x")).code == "refused"


def test_an_error_names_no_place_but_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "podoba"):
        answer = raising(CollectionError("/home/anna/secret.podoba: damaged")).get("/x")
        raising(UnreadableImage("/home/anna/other.jpg", "cut off")).get("/x")
    assert (answer.status_code, answer.json()["code"]) == (409, "collection_error")
    assert "secret" not in answer.text
    assert "/home/anna/secret.podoba: damaged" in caplog.text
    assert "other" not in caplog.text  # every request for what is not there would fill the log


def test_what_is_invalid_is_named() -> None:
    answer = raising(Problem(400, "x", "y")).get("/x?number=seven")
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid")
    assert answer.json()["errors"][0]["place"] == "query.number"


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"), ("POST", "/", 405, "method_not_allowed"),
        ("DELETE", "/api/v1/collections", 405, "method_not_allowed"), ("TRACE", "/", 405, "method_not_allowed"),
        ("GET", "/api/v1/collections/", 404, "not_found"), ("GET", "/static/", 404, "not_found"),
    ],
)  # fmt: skip
def test_what_no_route_answers(client: httpx.Client, site: Any, method: str, path: str, status: int, code: str) -> None:
    answer = client.request(method, site.address + path)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (status == 405) == ("allow" in answer.headers)


@pytest.mark.parametrize("body", [b"{", b"[" * 10_000, b"1" * 10_000, b'"\xff"', b"nul", b'{"token": "\\ud800"}'])
def test_a_body_that_is_no_json(client: httpx.Client, body: bytes) -> None:
    answer = client.post("/session", content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["code"] in ("bad_request", "invalid")
