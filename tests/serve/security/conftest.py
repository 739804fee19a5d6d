"""A server in a process of its own, which is attacked; what it does is written down."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from podoba.collection.collection import Collection

HOSTILE = (
    "<img src=x onerror=alert(1)>", '"><script>alert(1)<!--script>', "'-alert(1)-'", "<svg onload=alert(1)>", "<!--", "]]>",
    "javascript:alert(1)", "data:text#html,<script>alert(1)<#script>", "{{7*7}}", "${7*7}", "<%= 7*7 %>", "#{7*7}", "%s%n%x",
    "%2e%2e%2fetc%2fpasswd", "a\\..\\windows", "~root", "-rf", "--json", "$(touch pwned)", "`touch pwned`", "; touch pwned",
    "| cat", "__proto__", "constructor", "prototype", "toString", "null", "undefined", "NaN", "true", "' OR 1=1 --",
    '"; DROP TABLE items; --',
    "cat\u202egpj.exe", "\u2066a\u2069b", "a\u200bb", "\ufeffbom", "line\nbreak", "tab\tstop", "bell\x07", "\x1b[31mred",
    "e\u0301" * 40, "\u0ba8\u0bbf\u0baf", "👩‍👩‍👧‍👦" * 3, "ﷺ" * 20, "Z\u0351\u036b\u0343\u036a\u0302\u036b" * 8,
    "אבג 123", "&lt;b&gt;",
    "&#x3c;b&#x3e;", "a" * 200, " leading and trailing ",
)  # fmt: skip


@dataclass(frozen=True)
class Attacked:
    """A server that is attacked.

    Attributes:
        pid: of its process.
        log: what it does, a line each.
        shown: the folder in which all lies that it serves.
    """

    address: str
    token: str
    pid: int
    log: Path
    shown: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def client(self, **headers: str) -> httpx.Client:
        """A client with the token."""
        return httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {self.token}", **headers}, timeout=60)

    def done_since(self, mark: int) -> list[str]:
        """What it did since the log had this size."""
        return self.log.read_bytes()[mark:].decode().splitlines()

    @property
    def mark(self) -> int:
        return self.log.stat().st_size


@pytest.fixture(scope="session")
def hostile_collection(shapes: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection whose pictures, labels and attributes have the names of `HOSTILE`."""
    folder = tmp_path_factory.mktemp("hostile")
    pictures = sorted(shapes.rglob("*.jpg"))
    for number, name in enumerate(HOSTILE):
        place = folder / "pictures" / name
        place.mkdir(parents=True)
        (place / f"{name[:50]}.jpg").write_bytes(pictures[number % len(pictures)].read_bytes())
    with Collection.open(folder / "hostile.podoba", create=True) as opened:
        opened.update([folder / "pictures"], "small")
        assert len(opened) == len(HOSTILE) == 50
    return folder / "hostile.podoba"


@pytest.fixture(scope="session")
def attacked(
    shapes_collection: Path, hostile_collection: Path, tmp_path_factory: pytest.TempPathFactory, traced: dict[str, str]
) -> Iterator[Attacked]:
    """The server, as it is for browsers that come by another name: it shows no paths."""
    folder = tmp_path_factory.mktemp("attacked")
    copied = folder / "served" / "shapes.podoba"
    copied.parent.mkdir()
    with Collection.open(shapes_collection) as opened:
        opened.copy_to(copied)
    here = Path(__file__).parent / "audit"
    paths = [str(here), *([os.environ["PYTHONPATH"]] if os.environ.get("PYTHONPATH") else [])]
    environment = {
        **os.environ, **traced, "PYTHONPATH": os.pathsep.join(paths), "AUDIT": str(folder / "log"), "PODOBA_RUNTIME": str(folder)
    }  # fmt: skip
    places = [str(copied), str(hostile_collection), str(folder / "served" / "new.podoba")]
    options = ["--json", "--no-browser", "--port", "0", "--allowed-host", "photos.example.org"]
    command = [sys.executable, "-m", "podoba", "serve", *places, *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        assert running.stdout is not None
        said = ""
        while not said.endswith("}\n}\n"):
            line = running.stdout.readline()
            assert line, "it did not start"
            said += line
        told: dict[str, Any] = json.loads(said)
        yield Attacked(told["address"], told["token"], running.pid, folder / "log", copied.parent)
        running.terminate()
        assert running.wait(20) == 0


@pytest.fixture(scope="session")
def stranger(attacked: Attacked) -> Iterator[httpx.Client]:
    """A client of that server without the token."""
    with httpx.Client(base_url=attacked.address, timeout=60) as made:
        yield made


@pytest.fixture(scope="session")
def hostile_names() -> tuple[str, ...]:
    return HOSTILE


@pytest.fixture(scope="session")
def parsed() -> Callable[[str], str]:
    """What an event of the log was about: its argument, as it was."""
    return lambda line: str(ast.literal_eval(line.partition(" ")[2]))
