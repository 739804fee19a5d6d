"""Where the program starts and ends: exit codes, errors, interrupts, closed and full outputs."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.errors import PodobaError


def test_an_error_is_one_line_and_ends_with_1(podoba: Callable[..., Any], tmp_path: Path) -> None:
    done = podoba("info", "nothing.podoba", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"error: nothing\.podoba: no such collection: .+\n", done.stderr)


@pytest.mark.parametrize("arguments", [("--debug", "info", "no.podoba"), ("info", "no.podoba", "--debug")])
def test_debug_shows_the_traceback_wherever_it_stands(
    podoba: Callable[..., Any], arguments: tuple[str, ...], tmp_path: Path
) -> None:
    done = podoba(*arguments, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("Traceback")
    assert done.stderr.splitlines()[-1].startswith("error: no.podoba")


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (PodobaError("one:\n  two"), 1, "error: one: two\n"),
        (PodobaError("clears the screen: \x1b[2J"), 1, "error: clears the screen: \\x1b[2J\n"),
        (PermissionError(13, "Permission denied", "/there"), 1, "error: /there: Permission denied: mend that"),
        (ZeroDivisionError("by nought"), 1, "error: ZeroDivisionError: by nought: a fault in podoba"),
        (KeyboardInterrupt(), 130, "\nstopped; what is done is kept, and the same command goes on from there\n"),
    ],
)
def test_every_end_has_its_code_and_its_line(
    command: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: BaseException, code: int, message: str
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("podoba.collection.collection.Collection.open", fails)
    done = command("info", tmp_path / "any.podoba")
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith(message)
    assert len(done.err.strip().splitlines()) == 1


def test_a_closed_pipe_is_quiet(collection: Path) -> None:
    line = f"{shlex.quote(sys.executable)} -m podoba search {shlex.quote(str(collection))} id:$ID -k 36 | true"
    from podoba.collection.collection import Collection

    with Collection.open(collection, read_only=True) as opened:
        first = opened.items()[0].id
    done = subprocess.run(["bash", "-c", line], env={**os.environ, "ID": first}, capture_output=True, text=True, check=False)
    assert done.stderr == ""


def test_ctrl_c_while_the_program_loads_is_one_line() -> None:
    code = """
import sys
class Interrupt:
    def find_spec(self, name, *_):
        if name == "podoba.cli.program":
            raise KeyboardInterrupt
sys.meta_path.insert(0, Interrupt())
from podoba.cli.main import run
run()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == "\nstopped; what is done is kept, and the same command goes on from there\n"


def test_the_end_of_the_process_does_not_look_through_all_that_was_loaded() -> None:
    code = """
import atexit, gc, sys
atexit.register(lambda: print(gc.get_freeze_count() > 10000))  # the last of all
sys.argv = ["podoba", "models", "list"]
from podoba.cli.main import run
run()
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "True"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("arguments", [("--help",), ("models", "list"), ("models", "list", "--json")])
def test_a_full_disk_under_the_output_is_one_line(arguments: tuple[str, ...]) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [sys.executable, "-m", "podoba", *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert done.returncode == 1
    assert done.stderr == "error: No space left on device: make room and give the same command again\n"


COMMANDS = (
    "info c.podoba", "info c.podoba --json", "check c.podoba", "search c.podoba id:ID", "search c.podoba id:ID --csv",
    "index c.podoba pictures", "duplicates c.podoba", "mark c.podoba --list", "export c.podoba c.csv --json", "models list",
    "models show small", "cache", "--version", "--help",
)  # fmt: skip


@pytest.fixture
def in_shell(collection: Path, pictures: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs a command on the collection, beside which `pictures` leads to its images, with redirections of the shell."""
    from podoba.collection.collection import Collection

    with Collection.open(collection, read_only=True) as opened:
        first = opened.items()[0].id
    collection.rename(collection.with_name("c.podoba"))
    collection.with_name("pictures").symlink_to(pictures / "train")

    def run(command: str, redirected: str) -> subprocess.CompletedProcess[str]:
        line = f"{shlex.quote(sys.executable)} -m podoba {command.replace('ID', first)} {redirected}"
        return subprocess.run(["bash", "-c", line], cwd=collection.parent, capture_output=True, text=True, check=False)

    return run


@pytest.mark.thorough
def test_an_output_that_the_caller_closed_is_written_to_nothing(in_shell: Callable[..., Any]) -> None:
    for command in COMMANDS:
        done = in_shell(command, ">&-")
        assert (done.returncode, done.stdout) == (0, ""), command
        assert "Error" not in done.stderr, command
        assert "Traceback" not in done.stderr, command
    for command in ("info c.podoba", "check c.podoba", "index c.podoba pictures"):
        for redirected in ("2>&-", "<&-", "<&- >&- 2>&-"):
            done = in_shell(command, redirected)
            assert done.returncode == 0, (command, redirected)
            assert bool(done.stdout) == (">&- 2" not in redirected and "check" not in command), (command, redirected)
    assert in_shell("nothing", ">&- 2>&-").returncode == 2
    assert in_shell("info no.podoba", "2>&-").returncode == 1


def test_a_reader_that_has_gone_ends_it_without_a_word(in_shell: Callable[..., Any]) -> None:
    for command in COMMANDS:
        if not command.startswith(("check", "duplicates", "mark")):  # which have nothing to print here
            done = in_shell(command, "| true; exit ${PIPESTATUS[0]}")
            assert (done.returncode, done.stderr) == (1, ""), command


def test_no_file_gets_the_number_of_an_output_that_was_closed() -> None:
    code = """
import os
from podoba.cli.main import _prepare_output
_prepare_output()
with open("/dev/null") as opened:
    assert opened.fileno() > 2
os.write(2, b"a library that prints")
print("a result", flush=True)
"""
    line = f"{shlex.quote(sys.executable)} -c {shlex.quote(code)}"
    for redirected in ("<&-", ">&-", "2>&-", "<&- >&-", ">&- 2>&-", "<&- >&- 2>&-"):
        done = subprocess.run(["bash", "-c", f"{line} {redirected}"], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (0, "" if ">&-" in redirected.split() else "a result\n"), redirected


def test_names_that_the_encoding_does_not_have_are_escaped(podoba: Callable[..., Any], tmp_path: Path) -> None:
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": "ascii"}
    done = podoba("info", "немає.podoba", cwd=tmp_path, **locale)
    assert done.returncode == 1
    assert re.fullmatch(r"error: (\\u\w{4}|\\udc\w\w)+\.podoba: no such collection: .+\n", done.stderr)


def test_ctrl_c_keeps_what_is_done_and_the_same_command_goes_on(
    podoba: Callable[..., Any], pictures: Path, tmp_path: Path, tiny_settings: Callable[..., list[str]]
) -> None:
    out = tmp_path / "run"
    arguments = ["train", str(pictures / "train"), "--out", str(out), *tiny_settings("epochs=2000")]
    # A suite that was started in the background hands on that interrupts are ignored; a person's shell does not.
    running = subprocess.Popen(
        [sys.executable, "-m", "podoba", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )
    assert running.stderr is not None
    for line in running.stderr:
        if line.startswith("epoch 3/"):
            running.send_signal(signal.SIGINT)
            break
    assert "stopped; what is done is kept" in running.stderr.read()
    assert running.wait(timeout=60) == 130
    epochs = len((out / "history.csv").read_text().splitlines()) - 1
    assert epochs >= 3
    again = subprocess.Popen([sys.executable, "-m", "podoba", *arguments], stderr=subprocess.PIPE, text=True)
    assert again.stderr is not None
    first = next(line for line in again.stderr if line.startswith("epoch "))
    again.kill()
    again.wait(timeout=60)
    assert int(re.findall(r"\d+", first)[0]) > 3
