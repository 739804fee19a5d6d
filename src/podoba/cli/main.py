"""Where the program starts and ends: how errors and Ctrl-C reach the person, and the exit codes."""

import atexit
import errno
import gc
import os
import sys
import traceback
from io import TextIOWrapper

from podoba.cli.interrupts import INTERRUPTED, Interrupted

STDERR = 2  # the last of the three files that a program starts with


def run() -> None:
    """Run the program: exit 0, 1 with one line `error: ...`, 2 on wrong usage, 130 when interrupted."""
    atexit.register(gc.freeze)  # else the end of the process looks for circles among all that torch and Numba made: seconds
    try:
        _prepare_output()
        from podoba.cli.console import printed_log  # here: Ctrl-C while it loads is no traceback either
        from podoba.cli.program import app

        try:
            with printed_log():
                app(prog_name="podoba")
        except Exception as error:
            sys.exit(_report(error))
    except (KeyboardInterrupt, Interrupted):
        print("\nstopped; what is done is kept, and the same command goes on from there", file=sys.stderr)
        sys.exit(INTERRUPTED)


def _prepare_output() -> None:
    """Where the caller closed an output, write to nothing; escape the letters that its encoding does not have.

    The numbers 0 to 2 are taken first: a file that got one of them would be written into by libraries that print.
    """
    while (free := os.open(os.devnull, os.O_RDWR)) <= STDERR:
        os.set_inheritable(free, True)
    os.close(free)
    if sys.stdin is None:
        sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(STDERR, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _report(error: Exception) -> int:
    """Print one line about an error, and its traceback where `--debug` was given. Returns the exit code."""
    from podoba.cli.console import say

    if os.environ.get("PODOBA_DEBUG"):
        traceback.print_exception(error)
    say("error: " + " ".join(_explain(error).split()))
    return 1


def _explain(error: Exception) -> str:
    """What happened, why, and how to mend it."""
    from podoba.errors import PodobaError

    if isinstance(error, PodobaError):
        return str(error)
    if isinstance(error, OSError):
        place = f"{error.filename}: " if error.filename else ""
        remedy = "make room" if error.errno == errno.ENOSPC else "mend that"
        return f"{place}{error.strerror or error}: {remedy} and give the same command again"
    return f"{type(error).__name__}: {error}: a fault in podoba: the same command with --debug shows where, please report it"
