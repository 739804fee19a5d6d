"""Which images are one and the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from podoba.images.contents import Known, Shared, count_copies, count_shared, image_numbers, noting_contents
from podoba.images.sources.open import open_source

Contents = st.lists(st.sampled_from("abcdef"), max_size=8)


def test_contents_are_noted_as_they_are_read(tmp_path: Path, picture: Callable[..., Path]) -> None:
    for name, seed in (("one", 1), ("two", 2), ("copy", 1)):
        picture(tmp_path / f"{name}.png", seed)
    contents: dict[str, str] = {}
    records = {Path(record.uri).stem: record for record in noting_contents(open_source(tmp_path), contents)}
    assert contents == {}
    assert records["one"].open() == (tmp_path / "one.png").read_bytes()
    assert contents.keys() == {records["one"].id}
    for name in ("copy", "two"):
        records[name].open()
    assert contents[records["one"].id] == contents[records["copy"].id] != contents[records["two"].id]


@given(Contents, Contents)
def test_equal_contents_have_equal_numbers(first: list[str], second: list[str]) -> None:
    numbers = image_numbers(first, second)
    assert [len(part) for part in numbers] == [len(first), len(second)]
    pairs = list(zip(first + second, [n for part in numbers for n in part.tolist()], strict=True))
    assert all((a == b) == (m == n) for a, m in pairs for b, n in pairs)
    assert {n for _, n in pairs} == set(range(len({a for a, _ in pairs})))


@given(Contents)
def test_copies_are_counted(contents: list[str]) -> None:
    assert count_copies(contents) == sum(any(a == b for j, b in enumerate(contents) if j != i) for i, a in enumerate(contents))


def test_shared_images_are_counted_by_id_and_by_bytes() -> None:
    others = Known(["1", "2", "3"], ["a", "b", "b"])
    assert count_shared(Known(["1", "9", "2", "8"], ["a", "b", "changed", "new"]), others) == Shared(3, 2, 2)
    assert count_shared(Known([], []), others) == Shared(0, 0, 0)
