"""Following folders."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from podoba.collection.update.watch import WatchSettings, changes_in, watched_places
from podoba.errors import SourceError

QUICK = WatchSettings(quiet_ms=50, patience_ms=50)


def test_a_folder_is_followed_or_the_one_that_a_file_or_pattern_is_in(tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b"
    folder.mkdir(parents=True)
    (folder / "list.csv").touch()
    assert watched_places([str(folder), str(folder / "list.csv"), str(tmp_path / "a" / "*" / "*.png")]) == [
        tmp_path / "a",
        folder,
    ]
    with pytest.raises(SourceError, match="does not change"):
        watched_places(["digits:test"])


def test_changes_are_told_after_some_quiet_until_stopped(tmp_path: Path) -> None:
    stop = threading.Event()
    seen = []
    for count in changes_in([tmp_path], stop, QUICK):
        seen.append(count)
        if len(seen) == 1:  # from now on nothing is missed
            (tmp_path / "new.png").write_bytes(b"x")
        else:
            stop.set()
    assert seen[0] == 0
    assert seen[1] >= 1
    assert len(seen) == 2


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="no such folder"):
        next(changes_in([tmp_path / "none"]))


def test_a_folder_that_was_taken_away_is_followed_again(tmp_path: Path) -> None:
    place = tmp_path / "photos"
    place.mkdir()
    stop = threading.Event()
    timers = [threading.Timer(20, stop.set), threading.Timer(1.5, place.mkdir)]  # the first: a failure, not a hanging test
    again = False
    for count in changes_in([place], stop, QUICK):
        if place.is_dir() and not timers[1].is_alive() and not timers[1].finished.is_set():
            place.rename(tmp_path / "away")
            for timer in timers:
                timer.start()
        elif place.is_dir() and not again and count == 0:
            again = True
            (place / "new.png").write_bytes(b"x")
        elif again and count:
            timers[0].cancel()
            break
    assert again
    assert not stop.is_set()
