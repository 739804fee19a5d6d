"""Tests of the limits of decoding."""

from __future__ import annotations

from podoba.serve.decoding.settings import DEFAULT


def test_the_largest_picture_fits_into_a_worker() -> None:
    assert DEFAULT.workers >= 1
    assert DEFAULT.workers * DEFAULT.usual <= DEFAULT.largest
    assert 17 * DEFAULT.workers * DEFAULT.usual < 300 << 20
    assert 4 * DEFAULT.largest + (60 << 20) < DEFAULT.memory
