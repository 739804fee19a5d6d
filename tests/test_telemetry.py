"""Nothing leaves the machine: every command runs under an audit of look-ups, connections and written files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from podoba.cli.program import app
from podoba.images.sources.base import record_id
from podoba.telemetry import OFF, switch_off

AUDIT = """
import os, sys
log = os.open(os.environ["AUDIT_LOG"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
ASKS = ("socket.getaddrinfo", "socket.gethostby", "socket.getnameinfo", "socket.connect", "socket.sendto", "socket.sendmsg")
def hook(event, arguments):
    if event.startswith(ASKS):
        os.write(log, f"asks {event} {arguments[-5:]}\\n".encode("utf-8", "backslashreplace"))
    elif event == "open" and isinstance(arguments[0], str | bytes) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
        os.write(log, b"writes " + os.path.abspath(os.fsencode(arguments[0])) + b"\\n")
sys.addaudithook(hook)
"""

SHIM = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
static void note(const char *call, const char *name) {
    int log = open(getenv("AUDIT_LOG"), O_WRONLY | O_APPEND | O_CREAT, 0600);
    dprintf(log, "asks %s %s\n", call, name ? name : "");
    close(log);
}
int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **found) {
    int (*real)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
    note("libc.getaddrinfo", node);
    return real(node, service, hints, found);
}
int connect(int socket, const struct sockaddr *address, socklen_t length) {
    int (*real)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    if (address->sa_family == AF_INET || address->sa_family == AF_INET6) note("libc.connect", "");
    return real(socket, address, length);
}
"""  # what libraries in C do, the audit of Python does not see

PLAN = """
title: Two losses
description: Of three colours.
base:
  input_size: 16
  batch_size: 12
  epochs: 1
  device: cpu
  validation: 0.25
  sampler: {per_class: 4}
  backbone: {name: small-digits, transfer: scratch}
  head: {hidden: null, dim: 8, dropout: 0.0}
cells:
  - {name: cross-entropy}
  - {name: triplet, set: {loss.name: triplet}}
seeds: [0]
"""

COMMANDS = (
    "train pictures/train --test pictures/test --out run --set loggers=[tensorboard,mlflow] --set backbone.name=small-digits "
    "--set backbone.transfer=scratch --set input_size=16 --set head.hidden=null --set head.dim=8 --set head.dropout=0 "
    "--set batch_size=12 --set sampler.per_class=4 --set validation=0.25 --set epochs=1 --set device=cpu",
    "index a.podoba pictures/train --model run",
    "index b.podoba pictures/train",
    "index pictures/train --into shards --workers 1",
    "search b.podoba pictures/test/red/12.png --html a.html --sheet a.png",
    "search b.podoba id:ID --csv --rerank whitening",
    "mark b.podoba pictures/test/red/12.png --right id:ID",
    "search b.podoba pictures/test/red/12.png --feedback --json",
    "duplicates b.podoba --html d.html",
    "map b.podoba --html m.html",
    "info b.podoba",
    "mcp b.podoba",
    "check b.podoba",
    "export b.podoba b.parquet",
    "import c.podoba b.parquet",
    "copy b.podoba d.podoba",
    "remove d.podoba id:ID",
    "models list",
    "models show small",
    "models export run run.onnx",
    "cache --free made",
)
LONG = (  # after those
    "evaluate run pictures/test --gallery pictures/train --figures figures",
    "evaluate small pictures/test",
    "study plan.yaml --train pictures/train --test pictures/test --out study",
    "report study",
    "models quantize run small.onnx --images pictures/train",
    "demo --epochs 1 --out demo",
)


@dataclass(frozen=True)
class Audit:
    """A folder to work in, a home and a folder for temporary files of its own, and the environment of an audited process."""

    root: Path
    environment: Mapping[str, str]

    def run(self, *arguments: str) -> tuple[subprocess.CompletedProcess[str], list[str], set[Path]]:
        """Run Python: how it ended, whom it asked, what it opened for writing."""
        log = self.root / "log"
        log.write_bytes(b"")
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=self.root / "work",
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = log.read_text("utf-8", "surrogateescape").splitlines()
        asked = [line.removeprefix("asks ") for line in lines if line.startswith("asks ")]
        return done, asked, {Path(line.removeprefix("writes ")) for line in lines if line.startswith("writes ")}


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Audit:
    root = tmp_path_factory.mktemp("audit").resolve()
    for name in ("work", "home", "tmp", "site"):
        (root / name).mkdir()
    (root / "site" / "sitecustomize.py").write_text(AUDIT)
    paths = [str(root / "site"), *filter(None, [os.environ.get("PYTHONPATH")])]
    # An environment that says nothing of tests or of continuous integration, where some libraries are silent by themselves.
    environment = {
        "PATH": os.environ["PATH"], "HOME": str(root / "home"), "TMPDIR": str(root / "tmp"), "LC_ALL": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(paths), "AUDIT_LOG": str(root / "log"), "OMP_NUM_THREADS": "1",
    }  # fmt: skip
    compiler = shutil.which("cc")
    if sys.platform == "linux" and compiler is not None:
        (root / "shim.c").write_text(SHIM)
        subprocess.run([compiler, "-shared", "-fPIC", "-o", root / "shim.so", root / "shim.c", "-ldl"], check=True)
        environment["LD_PRELOAD"] = str(root / "shim.so")
    return Audit(root, environment)


def watch(audit: Audit, line: str) -> None:
    """Run a command, which may ask nobody, and write nowhere but where the documentation says."""
    work, home, tmp = audit.root / "work", audit.root / "home", audit.root / "tmp"
    id_ = record_id(str(work / "pictures" / "train" / "red" / "00.png"))
    named = [home / ".cache" / "podoba", home / ".cache" / "matplotlib", home / ".config" / "matplotlib"]
    done, asked, written = audit.run("-m", "podoba", *(word.replace("ID", id_) for word in line.split()))
    assert done.returncode == 0, (line, done.stderr)
    assert asked == [], line
    allowed = [work, tmp, *named, Path("/dev/null")]
    strange = {path for path in written if "__pycache__" not in path.parts and not any(map(path.is_relative_to, allowed))}
    assert strange == set(), line
    # What libraries in C wrote shows in the folders themselves.
    assert {path for path in home.rglob("*") if path.is_file() and not any(map(path.is_relative_to, named))} == set(), line
    assert {path for path in tmp.rglob("*") if path.is_file()} == set(), line


@pytest.fixture(scope="module")
def used(audit: Audit, pictures: Path) -> Audit:
    """The same after the commands that take seconds, each watched."""
    shutil.copytree(pictures, audit.root / "work" / "pictures")
    (audit.root / "work" / "plan.yaml").write_text(PLAN)
    for line in COMMANDS:
        watch(audit, line)
    return audit


def test_no_command_asks_anybody_or_writes_where_the_documentation_does_not_say(used: Audit) -> None:
    group: Any = get_command(app)
    # The server goes on until it is ended, and listens: whom it asks is watched by tests/serve/security/test_files.py. `vectors`
    # needs a database, whose address is named.
    assert {line.split()[0] for line in (*COMMANDS, *LONG)} == set(group.commands) - {"serve", "vectors"}
    assert any((used.root / "home" / ".cache" / "podoba").iterdir())


@pytest.mark.thorough
@pytest.mark.parametrize("line", LONG)
def test_no_long_command_does(used: Audit, line: str) -> None:
    watch(used, line)


@pytest.mark.parametrize(
    ("code", "asks", "writes"),
    [
        ("import socket; socket.getaddrinfo('127.0.0.1', 80)", "socket.getaddrinfo", False),
        ("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 9))", "socket.connect", False),
        ("open('/tmp/../dev/null', 'w')", None, True),
    ],
)
def test_the_audit_sees_what_it_is_there_for(audit: Audit, code: str, asks: str | None, writes: bool) -> None:
    done, asked, written = audit.run("-c", code)
    assert done.returncode == 0, done.stderr
    assert (Path("/dev/null") in written) == writes
    kinds = {line.split()[0] for line in asked}
    libc = {f"libc.{asks.removeprefix('socket.')}"} if asks is not None and "LD_PRELOAD" in audit.environment else set()
    assert kinds == ({asks, *libc} if asks is not None else set())


def test_variables_are_set_before_anything_is_loaded_and_a_choice_of_ones_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import podoba, os, sys, json; print(json.dumps([dict(os.environ), sorted(sys.modules)]))"
    clean = {name: value for name, value in os.environ.items() if name not in OFF}
    done = subprocess.run([sys.executable, "-c", code], env=clean, capture_output=True, text=True, check=True)
    environment, modules = json.loads(done.stdout)
    assert {name: environment[name] for name in OFF} == OFF
    assert not {"onnxruntime", "mlflow", "timm", "torch"} & set(modules)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "false")
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY")
    switch_off()
    assert (os.environ["MLFLOW_DISABLE_TELEMETRY"], os.environ["ORT_DISABLE_TELEMETRY"]) == ("false", "1")
