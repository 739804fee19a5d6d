"""A cluster of Ray on this machine that runs before anybody needs it."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from machine import core_count
from scale.processes import LOOPBACK, Processes, free_port


@contextmanager
def ray_head() -> Iterator[tuple[str, int]]:
    """HOST:PORT of a head that works itself, and its number; programs that are started meanwhile know its token."""
    folder = Path(tempfile.mkdtemp(prefix="ray", dir="/tmp"))  # short: its sockets have names of a hundred letters at most
    address, ray = f"{LOOPBACK}:{free_port()}", str(Path(sys.executable).with_name("ray"))
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32), "RAY_USAGE_STATS_ENABLED": "0"}
    options = {
        "port": address.rpartition(":")[2], "node-ip-address": LOOPBACK, "num-cpus": core_count(), "include-dashboard": "false",
        "dashboard-port": free_port(), "object-store-memory": 80 * 2**20, "temp-dir": folder / "r",
    }  # fmt: skip
    command = [ray, "start", "--head", "--block", *(f"--{name}={value}" for name, value in options.items())]
    asked = [ray, "status", f"--address={address}"]
    try:
        with Processes(folder / "logs") as processes:
            number = processes.start("head", command)
            processes.wait_for("head", lambda: subprocess.run(asked, capture_output=True).returncode == 0)
            yield address, number
    finally:
        shutil.rmtree(folder, ignore_errors=True)
