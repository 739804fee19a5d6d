"""For tests of pages: to wait for what a page becomes, whose policy lets Playwright evaluate nothing inside of it by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

Until = Callable[..., None]


@pytest.fixture(scope="session")
def until() -> Until:
    """Waits until an expression is true on a page; fails where it never is, and says what it was."""

    def wait(page: Any, expression: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not page.evaluate(expression):
            assert time.monotonic() < end, f"never true: {expression}"
            page.wait_for_timeout(20)

    return wait
