"""The process of a job by itself."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from podoba.collection.collection import Collection
from podoba.serve.client.client import Client
from podoba.serve.jobs.report import from_line

pytestmark = pytest.mark.slow
Until = Callable[[Callable[[], object]], None]
SERVER = """
import sys, time
from pathlib import Path
from podoba.serve.jobs.runner import Jobs

jobs = Jobs(lambda name: Path(sys.argv[1]))
job = jobs.start("index", "new", {"folder": sys.argv[2], "model": "small", "forget": False})
while not job.done:
    time.sleep(0.01)
print(jobs._processes[job.id].pid, flush=True)
time.sleep(600)
"""


def command(path: Path, arguments: dict[str, object]) -> list[str]:
    asked = json.dumps({"collection": str(path), "arguments": arguments})
    return [sys.executable, "-m", "podoba.serve.jobs.worker", "index", asked]


def test_it_reports_on_its_output_alone(tmp_path: Path, shapes: Path) -> None:
    arguments = {"folder": str(shapes), "model": "small", "forget": False}
    done = subprocess.run(
        command(tmp_path / "new.podoba", arguments),
        stdin=subprocess.PIPE,
        capture_output=True,
        text=True,
        check=False,
        input=None,
    )
    assert done.returncode == 130  # its input had ended: it did nothing
    process = subprocess.Popen(
        command(tmp_path / "new.podoba", arguments), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = [from_line(line) for line in process.stdout]
    assert process.wait() == 0
    assert said[0] == {"progress": ["listing", 0, 0]}
    assert said[-1]["result"]["added"] == 36
    assert all(len(one) == 1 for one in said)


def test_an_error_is_said_by_its_kind(tmp_path: Path) -> None:
    (tmp_path / "new.podoba").write_bytes(b"no database at all" * 100)
    process = subprocess.Popen(
        command(tmp_path / "new.podoba", {"folder": str(tmp_path)}), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = [from_line(line) for line in process.stdout]
    assert process.wait() == 1
    assert said[-1]["failed"][0] == "CollectionError"


def test_it_ends_with_the_server_however_that_ends(tmp_path: Path, many: Path, until: Until) -> None:
    server = subprocess.Popen([sys.executable, "-c", SERVER, tmp_path / "new.podoba", many], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    worker = int(server.stdout.readline())
    server.send_signal(signal.SIGKILL)
    server.wait()
    until(lambda: not Path(f"/proc/{worker}").exists() or "Z" in Path(f"/proc/{worker}/stat").read_text().split(")")[1][:3])


def test_ctrl_c_at_the_server_ends_its_jobs_and_what_they_did_is_kept(tmp_path: Path, many: Path, until: Until) -> None:
    path = tmp_path / "new.podoba"
    arguments = ["serve", path, "--allow-index", many, "--port", "0", "--no-browser", "--json"]
    server = subprocess.Popen(
        [sys.executable, "-m", "podoba", *map(str, arguments)],
        stdout=subprocess.PIPE,
        env={**os.environ, "PODOBA_RUNTIME": str(tmp_path / "runtime")},
        text=True,
    )
    assert server.stdout is not None
    link = json.loads("".join(iter(server.stdout.readline, "}\n")) + "}")["link"]
    with Client(link) as client:
        job = client.index("new", client.folders()[0], model="small")
        until(lambda: client.job(job.id).done)
        threads = Path(f"/proc/{server.pid}/task").glob("*/children")
        children = [child for thread in threads for child in thread.read_text().split()]
        workers = [child for child in children if b"podoba.serve.jobs.worker" in Path(f"/proc/{child}/cmdline").read_bytes()]
        assert len(workers) == 1
        server.send_signal(signal.SIGINT)
        server.wait(60)
    assert not Path(f"/proc/{workers[0]}").exists()
    with Collection.open(path) as collection:
        assert 0 < len(collection) < 400
        assert collection.check() == []
