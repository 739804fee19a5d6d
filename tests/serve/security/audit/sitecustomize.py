"""Writes what a process does into the file that the variable AUDIT names: what it opens, runs, unpickles and connects to."""

import os
import sys

NOTED = {
    "open": 0, "socket.connect": 1, "socket.getaddrinfo": 0, "socket.gethostbyname": 0, "subprocess.Popen": 1, "os.system": 0,
    "pickle.find_class": 0, "os.listdir": 0, "os.scandir": 0,
}  # fmt: skip
place = os.environ.get("AUDIT")
if place:
    log = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(event: str, arguments: tuple[object, ...]) -> None:
        """One line for an event."""
        if event in NOTED:
            os.write(log, f"{event} {arguments[NOTED[event]]!r}\n".encode("utf-8", "backslashreplace"))

    sys.addaudithook(note)
