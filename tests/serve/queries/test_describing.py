"""Tests of descriptors of what was sent, and of their short form."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from podoba.images.decode import decode_pixels
from podoba.serve.problems import Problem
from podoba.serve.queries.describing import from_short, to_short
from podoba.serve.queries.opened import OpenedFile
from podoba.serve.queries.queries import Queries

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("box", [None, (20.0, 10.0, 100.0, 90.0)])
def test_a_descriptor_is_that_of_the_command_line_and_made_once(
    queries: Queries, opened: OpenedFile, shapes: Path, box: tuple[float, float, float, float] | None
) -> None:
    data = (shapes / "square" / "square-03.jpg").read_bytes()
    read = 0

    def count() -> bytes:
        nonlocal read
        read += 1
        return data

    described = [queries.describer.describe(opened.collection, "key", count, box) for _ in range(3)]
    encoder = opened.collection.store.models.open_encoder()
    expected = encoder.encode(decode_pixels(data, "x", encoder.card.pixels, box).pixels[None])[0]
    assert read == 1
    np.testing.assert_allclose(described[0].descriptor, expected, atol=1e-6)
    assert (described[0].width, described[0].height) == (320, 140)
    assert queries.describer.encoder(opened.collection) is queries.describer.encoder(opened.collection)
    assert queries.describer.encoder(opened.collection).threads == 1


def test_a_box_outside_and_a_damaged_picture_are_problems(queries: Queries, opened: OpenedFile, shapes: Path) -> None:
    data = (shapes / "square" / "square-03.jpg").read_bytes()
    for sent, box, code in ((data, (999.0, 999.0, 5.0, 5.0), "wrong_box"), (data[:200], None, "unreadable_image")):
        read: Callable[[], bytes] = lambda sent=sent: sent  # type: ignore[misc]  # noqa: E731
        with pytest.raises(Problem) as raised:
            queries.describer.describe(opened.collection, "key", read, box)
        assert (raised.value.status, raised.value.code) == (422, code)


def test_the_short_form_of_a_descriptor_finds_the_same(opened: OpenedFile) -> None:
    collection = opened.collection
    for item in collection.items()[:6]:
        descriptor = collection.store.descriptors.get(item.id)
        text = to_short(descriptor)
        assert len(text) == 683
        short = from_short(text, 256)
        np.testing.assert_allclose(short, descriptor, atol=1e-3)
        found, expected = (collection.search(query, k=20).hits for query in (short, descriptor))
        assert len({hit.id for hit in found} & {hit.id for hit in expected}) >= 19  # one at the end may change with its neighbour
        np.testing.assert_allclose([hit.similarity for hit in found], [hit.similarity for hit in expected], atol=1e-4)


@pytest.mark.parametrize("text", ["", "AAAA", "кіт", "A" * 683, "!" * 683, "_" * 683, "A" * 684 + "="])
def test_what_is_no_descriptor_is_a_problem(text: str) -> None:
    with pytest.raises(Problem) as raised:
        from_short(text, 256)
    assert raised.value.code == "wrong_descriptor"
