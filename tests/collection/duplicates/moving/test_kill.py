"""A process that is killed at any moment of a move, or of its undoing, loses nothing, and the next run goes on.

Each system call that changes a file is one moment: a child process ends before it, without a word, or right after it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.collection.collection import Collection
from podoba.collection.duplicates.moving.log import LOG
from podoba.collection.duplicates.results import Duplicates

Indexed = Callable[[], Collection]
KILLED = 77
CALLS = ("link", "unlink", "fsync", "mkdir")  # of `os`, by which Path changes files as well


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def die_at(moment: int, work: Callable[[], object], *, links: bool) -> bool:
    """Whether a child that does this work ended at its moment-th call, rather than at the end of its work."""
    child = os.fork()
    if child == 0:
        count = 0

        def counted(call: Callable[..., Any]) -> Callable[..., Any]:
            def step(*values: Any, **options: Any) -> Any:
                nonlocal count
                count += 1
                if count == moment:
                    os._exit(KILLED)
                if call is real["link"] and not links:
                    raise OSError("no links here")
                return call(*values, **options)

            return step

        real = {name: getattr(os, name) for name in CALLS}
        for name in CALLS:
            setattr(os, name, counted(real[name]))
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    assert code in (0, KILLED)
    return code == KILLED


@pytest.fixture
def ready(photos: Path, indexed: Indexed, tmp_path: Path) -> tuple[Path, Duplicates]:
    """The path of a collection with two copies, one of them with a companion, and what was found in it."""
    for seed in range(2):
        shutil.copy(photos / f"{seed}.png", photos / f"copy{seed}.png")
    (photos / "copy1.png.xmp").write_text("edits")
    collection = indexed()
    found = collection.find_duplicates(kinds=["identical"], keep=[f"folder:{photos / f'{seed}.png'}" for seed in range(2)])
    assert [Path(group.copies[0].item.uri).name for group in found.groups] == ["copy0.png", "copy1.png"]
    return collection.path, found


def move(path: Path, found: Duplicates) -> None:
    with Collection.open(path) as collection:
        collection.move_copies(found, path.parent / "away")


def undo(path: Path) -> None:
    with Collection.open(path) as collection:
        collection.undo_moves(path.parent / "away" / LOG)


@pytest.mark.parametrize("links", [True, False])
def test_killed_at_any_moment_of_a_move(ready: tuple[Path, Duplicates], photos: Path, links: bool) -> None:
    path, found = ready
    before, away = contents(photos), path.parent / "away"
    for moment in range(1, 100):
        killed = die_at(moment, lambda: move(path, found), links=links)
        now, there = contents(photos), contents(away)
        for name, data in before.items():
            assert now.get(name, data) == data
            assert name in now or there[f"photos/{name}"] == data
        if not killed:
            break
        if (away / LOG).exists():
            undo(path)
        assert contents(photos) == before
        shutil.rmtree(away, ignore_errors=True)
    assert not killed
    assert moment > 12
    assert set(before) - set(contents(photos)) == {"copy0.png", "copy1.png", "copy1.png.xmp"}


@pytest.mark.parametrize("links", [True, False])
def test_killed_at_any_moment_of_undoing(ready: tuple[Path, Duplicates], photos: Path, links: bool) -> None:
    path, found = ready
    before, away = contents(photos), path.parent / "away"
    for moment in range(1, 100):
        move(path, found)
        assert contents(photos) != before
        killed = die_at(moment, lambda: undo(path), links=links)
        now, there = contents(photos), contents(away)
        for name, data in before.items():
            assert now.get(name, data) == data
            assert name in now or there[f"photos/{name}"] == data
        undo(path)
        assert contents(photos) == before
        assert list(contents(away)) == [LOG]
        if not killed:
            break
        shutil.rmtree(away)
    assert not killed
    assert moment > 6


def test_killed_and_moved_again(ready: tuple[Path, Duplicates], photos: Path) -> None:
    """The next run finishes what was begun; undone, every picture is where it was."""
    path, found = ready
    before, away = contents(photos), path.parent / "away"
    for moment in range(1, 100):
        killed = die_at(moment, lambda: move(path, found), links=True)
        move(path, found)
        assert set(before) - set(contents(photos)) == {"copy0.png", "copy1.png", "copy1.png.xmp"}
        undo(path)
        assert contents(photos) == before
        shutil.rmtree(away)
        if not killed:
            break
    assert not killed
