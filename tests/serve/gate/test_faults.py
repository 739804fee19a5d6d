"""Errors that nobody foresaw."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from podoba.serve.gate.faults import Faults

SCOPE = {"type": "http", "method": "GET", "path": "/api/v1/x", "headers": []}


def alone(asked: Coroutine[Any, Any, None]) -> None:
    """Run it in a thread, where a browser of other tests runs no loop already."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, asked).result(20)


def test_a_fault_has_a_number_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Any, receive: Any, send: Any) -> None:
        raise ValueError("/home/anna/secret.jpg")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    with caplog.at_level(logging.DEBUG, "podoba"):
        alone(Faults(broken)(SCOPE, None, send))  # type: ignore[arg-type]
    answer = json.loads(sent[1]["body"])
    assert (sent[0]["status"], answer["code"]) == (500, "fault")
    assert "secret" not in sent[1]["body"].decode()
    first, *rest = [record.getMessage() for record in caplog.records]
    assert first.startswith(f"fault {answer['fault']}: GET /api/v1/x: ValueError: /home/anna/secret.jpg (")
    assert "test_faults.py" in first
    assert any("Traceback" in line for line in rest)
    assert [record.levelname for record in caplog.records] == ["ERROR", *["DEBUG"] * len(rest)]


def test_half_an_answer_is_not_finished_as_if_nothing_had_happened(caplog: pytest.LogCaptureFixture) -> None:
    async def breaks(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start"})
        raise ValueError("late")

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(ValueError, match="late"):
        alone(Faults(breaks)(SCOPE, None, send))  # type: ignore[arg-type]
    assert len(sent) == 1
    assert "late" in caplog.text
