"""The process of a job: `python -m podoba.serve.jobs.worker KIND JSON`, started by the server alone.

It reports on its standard output, and stops when its standard input ends: so it also ends with the server, however that ends.
"""

import json
import os
import signal
import sys
import threading
import traceback
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from podoba.errors import PodobaError
from podoba.serve.jobs.kinds import KINDS
from podoba.serve.jobs.report import Report, as_line
from podoba.serve.jobs.settings import DEFAULT

STOPPED, FAILED = 130, 1  # exit codes


def run(kind: str, collection: Path, arguments: Mapping[str, Any], out: int) -> int:
    """Do the work and report on a file descriptor. Returns the exit code."""
    lock = threading.Lock()

    def say(said: dict[str, Any]) -> None:
        with lock:
            os.write(out, as_line(said).encode())

    report = Report(say)
    try:
        result = KINDS[kind].load()(collection, arguments, report)
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:  # the server is gone
        return STOPPED
    except PodobaError as error:
        say({"failed": [type(error).__name__, str(error)]})
        return FAILED
    except MemoryError:
        say({"failed": ["MemoryError", ""]})
        return FAILED
    except OSError as error:
        say({"failed": ["OSError", error.strerror or str(error)]})
        return FAILED
    except Exception as error:
        traceback.print_exc()  # for whoever runs the server
        say({"failed": [type(error).__name__, ""]})
        return FAILED
    say({"result": result})
    return 0


def stop_when_input_ends() -> None:
    """Interrupt the main thread, as Ctrl-C does, when nobody holds the other end of the standard input any more."""

    def watch() -> None:
        while os.read(0, 4096):
            pass
        if hasattr(signal, "pthread_kill"):  # wakes the thread from what it waits for
            signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        else:
            os.kill(os.getpid(), signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)  # a parent may have it ignored
    threading.Thread(target=watch, daemon=True).start()


def main() -> int:
    """Run the job that the arguments name."""
    out = os.dup(1)
    os.dup2(2, 1)  # what libraries print is no report
    if hasattr(os, "nice"):
        os.nice(DEFAULT.niceness)
    try:
        stop_when_input_ends()
        asked = json.loads(sys.argv[2])
        return run(sys.argv[1], Path(asked["collection"]), asked["arguments"], out)
    except KeyboardInterrupt:
        return STOPPED


if __name__ == "__main__":
    sys.exit(main())
