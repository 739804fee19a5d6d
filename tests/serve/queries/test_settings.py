"""Tests of the limits of queries."""

from __future__ import annotations

from podoba.serve.queries.settings import DEFAULT
from podoba.serve.settings import ServeSettings


def test_an_upload_of_any_allowed_size_can_be_kept() -> None:
    assert DEFAULT.upload_bytes >= ServeSettings().largest_upload
    assert DEFAULT.result_hits > ServeSettings().most_hits
