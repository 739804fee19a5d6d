"""The process that serves, with its real command: how it starts, and that it ends and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from podoba.errors import SettingsError
from podoba.serve.served import Served
from podoba.serve.server import Server, listen
from podoba.serve.settings import ServeSettings

pytestmark = pytest.mark.slow
Process = Callable[..., Any]


@pytest.fixture
def process(tmp_path: Path, traced: dict[str, str]) -> Process:
    """Starts `podoba serve` in a process of its own; gives the process, and what it printed as JSON."""

    @contextmanager
    def start(*arguments: str | Path, **variables: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
        environment = {**os.environ, **traced, "PODOBA_RUNTIME": str(tmp_path / "run"), **variables}
        command = [sys.executable, "-m", "podoba", "serve", *map(str, arguments), "--json", "--no-browser"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as running:
            try:
                assert running.stdout is not None
                lines = iter(running.stdout.readline, "")
                yield running, json.loads("".join(_until_brace(lines)))
            finally:
                if running.poll() is None:
                    running.kill()

    return start


def _until_brace(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        yield line
        if line == "}\n":
            return


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_a_signal_ends_it_at_once_and_nothing_is_left(process: Process, tmp_path: Path, sent: signal.Signals, code: int) -> None:
    with process(tmp_path / "none.podoba", "--port", "0") as (running, told):
        headers = {"Authorization": f"Bearer {told['token']}"}
        events = f"{told['address']}/api/v1/jobs/events"
        with httpx.stream("GET", events, headers=headers, timeout=10) as stream:
            assert next(stream.iter_lines())  # a stream without end is open
            idle = socket.create_connection(("127.0.0.1", httpx.URL(told["address"]).port or 0))
            begun = time.monotonic()
            running.send_signal(sent)
            assert running.wait(10) == code
            assert time.monotonic() - begun < 3
            idle.close()
        assert running.stderr is not None
        assert "Traceback" not in running.stderr.read()
    assert list((tmp_path / "run").iterdir()) == []
    assert not (tmp_path / "none.podoba").exists()


def test_a_second_signal_does_not_wait(process: Process, tmp_path: Path) -> None:
    with process(tmp_path / "none.podoba", "--port", "0") as (running, told):
        address = httpx.URL(told["address"])
        with socket.create_connection(("127.0.0.1", address.port or 0)) as slow:
            head = f"POST /api/v1/session HTTP/1.1\r\nHost: 127.0.0.1:{address.port}\r\nContent-Type: application/json\r\n"
            slow.sendall(head.encode() + b"Content-Length: 100\r\n\r\n")
            time.sleep(0.2)
            running.send_signal(signal.SIGINT)
            time.sleep(0.3)
            running.send_signal(signal.SIGINT)
            assert running.wait(10) == 130


def test_work_that_goes_on_does_not_keep_it(process: Process, shapes_collection: Path) -> None:
    with process(shapes_collection, "--port", "0", PYTHONPATH=sleeping(shapes_collection.parent)) as (running, told):
        headers = {"Authorization": f"Bearer {told['token']}"}
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{told['address']}/api/v1/collections/shapes/items?numbers=1", headers=headers, timeout=1)
        begun = time.monotonic()
        running.send_signal(signal.SIGINT)
        running.wait(20)
        assert time.monotonic() - begun < 8


def sleeping(folder: Path) -> str:
    """A folder for PYTHONPATH with which looking items up by number takes a minute."""
    (folder / "sitecustomize.py").write_text(
        "import podoba.collection.storage.items as items, time\n"
        "items.ItemTable.of_numbers = lambda *arguments, **options: time.sleep(60)\n"
    )
    return os.pathsep.join([str(folder), os.environ.get("PYTHONPATH", "")])


def test_it_encrypts(process: Process, tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("server.pem", "server.key")]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-out", files[0], "-keyout", files[1]],
        check=True, capture_output=True,
    )  # fmt: skip
    options = ["--port", "0", "--certificate", files[0], "--key", files[1]]
    with process(tmp_path / "none.podoba", *options) as (_, told):
        assert told["address"].startswith("https://127.0.0.1:")
        trusted = ssl.create_default_context(cafile=files[0])
        with httpx.Client(base_url=told["address"], verify=trusted, headers={"Origin": told["address"]}) as client:
            answer = client.post("/api/v1/session", json={"token": told["token"]})
            assert answer.status_code == 204
            assert "secure" in answer.headers["set-cookie"].lower()
            assert client.get("/api/v1/collections").status_code == 200
            plain = told["address"].replace("https", "http")
            assert client.get("/", headers={"Origin": plain}).json()["code"] == "forbidden_origin"
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(plain)


def test_a_certificate_that_is_none_is_an_error(tmp_path: Path) -> None:
    wrong = tmp_path / "server.pem"
    wrong.write_text("nothing")
    served = Served([], settings=ServeSettings())
    for certificate in (wrong, tmp_path / "none.pem"):
        with pytest.raises(SettingsError, match="no certificate"):
            Server(served, certificate)
    served.close()


def test_the_next_free_port_is_taken_where_none_was_asked_for() -> None:
    with listen("127.0.0.1", 0, 0) as taken:
        port = taken.getsockname()[1]
        with listen("127.0.0.1", None, port) as found:
            assert found.getsockname()[1] > port
        with pytest.raises(SettingsError, match=f"127.0.0.1:{port}: another program listens there"):
            listen("127.0.0.1", port, 8765)


@pytest.mark.parametrize("host", ["192.0.2.1", "no such host", "::z"])
def test_where_nothing_can_listen(host: str) -> None:
    with pytest.raises(SettingsError, match="choose another --port, or another --host"):
        listen(host, 0, 0)


@pytest.mark.parametrize(
    ("host", "secure", "address"),
    [
        ("127.0.0.1", False, "http://127.0.0.1:8765"), ("0.0.0.0", False, "http://127.0.0.1:8765"),
        ("::", True, "https://[::1]:8765"), ("192.168.1.5", True, "https://192.168.1.5:8765"),
    ],
)  # fmt: skip
def test_the_address_for_a_browser_on_this_machine(host: str, secure: bool, address: str) -> None:
    served = Served([], settings=ServeSettings(host=host, secure=secure))
    assert Server(served).address == address
    served.close()
