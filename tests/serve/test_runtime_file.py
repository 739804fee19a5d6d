"""The file by which programs find a server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from podoba.serve.runtime_file import Running, announced, running_servers, runtime_folder


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of its own for a test."""
    monkeypatch.setenv("PODOBA_RUNTIME", str(tmp_path / "run"))
    return tmp_path / "run"


def server(number: int) -> Running:
    return Running(f"http://127.0.0.1:{number}", "secret", os.getpid(), float(number), {"photos": "/home/anna/photos.podoba"})


def test_a_server_is_found_while_it_runs(folder: Path) -> None:
    assert running_servers() == []
    with announced(server(1)), announced(server(2)):
        assert running_servers() == [server(2), server(1)]
    assert running_servers() == []
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="modes of files are of POSIX")
def test_nobody_else_can_read_it(folder: Path) -> None:
    with announced(server(1)) as place:
        assert place.parent == folder
        assert (place.stat().st_mode & 0o777, folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_one_that_was_killed_is_recognised_and_cleared_away(folder: Path) -> None:
    code = """
import os
from podoba.serve.runtime_file import Running, announced
with announced(Running("http://127.0.0.1:1", "secret", os.getpid(), 1.0, {})):
    print("there", flush=True)
    os.kill(os.getpid(), 9)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout == "there\n"
    assert len(list(folder.glob("*.json"))) == 1
    assert running_servers() == []
    assert list(folder.iterdir()) == []


def test_what_is_of_another_version_is_passed_over(folder: Path) -> None:
    with announced(server(1)) as place:
        place.write_text('{"port": 5}')
        assert running_servers() == []
        place.write_text("{")
        assert running_servers() == []


def test_without_a_folder_of_the_login_it_is_in_that_for_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PODOBA_RUNTIME")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "login"))
    assert runtime_folder() == tmp_path / "login" / "podoba" / "serve"
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert runtime_folder() == tmp_path / "state" / "podoba" / "serve"


def test_it_is_read_without_what_serves() -> None:
    code = "import sys, podoba.serve.runtime_file; print(sorted({'fastapi', 'uvicorn', 'numpy'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"
