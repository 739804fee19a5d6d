"""`podoba serve`: what it prints and what it refuses; the process itself is tested in tests/serve/test_server.py."""

from __future__ import annotations

import json
import signal
import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from podoba.serve.runtime_file import running_servers
from podoba.serve.server import Server

Command = Callable[..., Any]


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Server]:
    """Servers that are started end at once, as if Ctrl-C was pressed; a screen is there, and browsers are noted in `opened`."""
    servers: list[Server] = []

    def run(self: Server, sockets: list[Any]) -> None:
        assert [one.getsockname()[1] for one in sockets] == [self.served.settings.port]
        servers.append(self)
        self.found = running_servers()  # type: ignore[attr-defined]
        self.stopped_by = signal.SIGINT

    monkeypatch.setattr(Server, "run", run)
    monkeypatch.setenv("PODOBA_RUNTIME", str(tmp_path / "run"))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr("threading.Thread.start", lambda thread: thread.run())
    return servers


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that a browser was opened with."""
    found: list[str] = []
    monkeypatch.setattr(webbrowser, "open", found.append)
    return found


def test_prints_the_link_and_opens_a_browser(command: Command, started: list[Server], opened: list[str], tmp_path: Path) -> None:
    done = command("serve", tmp_path / "photos.podoba", "--port", "0")
    assert done.code == 130
    (server,) = started
    token = server.served.settings.token
    assert done.out == f"{server.address}/#token={token}\n"
    assert "note:" not in done.err
    (link,) = opened
    assert link.startswith(f"{server.address}/#token=")
    assert token not in link  # command lines of browsers can be read by others
    code = link.partition("=")[2]
    assert server.served.sessions.begin(code) is not None
    assert server.served.settings.show_paths


def test_tells_programs_where_it_is(command: Command, started: list[Server], opened: list[str], tmp_path: Path) -> None:
    done = command("serve", tmp_path / "photos.podoba", "--port", "0", "--json", "--no-browser")
    (server,) = started
    told = json.loads(done.out)
    assert told == {
        "address": server.address, "token": server.served.settings.token,
        "link": f"{server.address}/#token={server.served.settings.token}",
        "collections": {"photos": str(tmp_path / "photos.podoba")},
    }  # fmt: skip
    (found,) = server.found  # type: ignore[attr-defined]
    assert (found.address, found.token, found.collections) == (told["address"], told["token"], told["collections"])
    assert running_servers() == []
    assert opened == []


def test_tokens_are_new_at_every_start(command: Command, started: list[Server], opened: list[str], tmp_path: Path) -> None:
    links = {command("serve", tmp_path / "photos.podoba", "--port", "0").out for _ in range(3)}
    assert len({link.partition("=")[2] for link in links}) == 3


def test_without_a_screen_no_browser_is_opened(
    command: Command, started: list[Server], opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")
    command("serve", tmp_path / "photos.podoba", "--port", "0")
    assert len(started) == 1
    assert opened == []


def test_says_what_another_address_means(command: Command, started: list[Server], opened: list[str], tmp_path: Path) -> None:
    done = command("serve", tmp_path / "photos.podoba", "--port", "0", "--host", "0.0.0.0", "--no-browser")
    (server,) = started
    assert "other machines reach this server" in done.err
    assert "nothing is encrypted" in done.err
    assert f"ssh -L {server.served.settings.port}:" in done.err
    assert done.out.startswith("http://127.0.0.1:")
    assert not server.served.settings.show_paths


def test_paths_are_not_shown_to_who_comes_by_another_name(
    command: Command, started: list[Server], opened: list[str], tmp_path: Path
) -> None:
    place = tmp_path / "photos.podoba"
    command("serve", place, "--port", "0", "--allowed-host", "photos.example.org")
    command("serve", place, "--port", "0", "--allowed-host", "photos.example.org", "--show-paths")
    assert [server.served.settings.show_paths for server in started] == [False, True]
    assert started[0].served.settings.allowed_hosts == ("photos.example.org",)


def test_collections_studies_and_folders(command: Command, started: list[Server], opened: list[str], tmp_path: Path) -> None:
    (tmp_path / "paper").mkdir()
    (tmp_path / "paper" / "plan.yaml").write_text("{}")
    places = [tmp_path / "photos.podoba", tmp_path / "paper", tmp_path / "shop.podoba"]
    command("serve", *places, "--port", "0", "--allow-index", tmp_path, "--allow-changes")
    (server,) = started
    assert list(server.served.places) == ["photos", "shop"]
    assert list(server.served.studies) == ["paper"]
    assert server.served.settings.allow_index == (tmp_path.resolve(),)
    assert server.served.settings.allow_changes


def test_where_the_file_for_programs_cannot_be_written_it_serves_all_the_same(
    command: Command, started: list[Server], opened: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PODOBA_RUNTIME", str(tmp_path / "file" / "run"))
    done = command("serve", tmp_path / "photos.podoba", "--port", "0")
    assert len(started) == 1
    assert "note: programs will not find this server" in done.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "COLLECTION"),
        (("FOLDER",), 1, "a folder that is no study"),
        (("DAMAGED",), 1, "error: "),
        (("x.podoba", "--key", "server.key"), 2, "--certificate"),
        (("x.podoba", "--port", "70000"), 2, "--port"),
        (("x.podoba", "--allow-index", "nowhere"), 2, "--allow-index"),
        (("x.podoba", "--certificate", "nowhere.pem"), 1, "no certificate"),
        (("x.podoba", "--host", "192.0.2.1"), 1, "--host"),
    ],
)
def test_what_is_wrong_is_one_line(
    command: Command,
    started: list[Server],
    opened: list[str],
    tmp_path: Path,
    arguments: tuple[str, ...],
    code: int,
    message: str,
) -> None:
    (tmp_path / "damaged.podoba").write_bytes(b"no database" * 100)
    places = {"FOLDER": tmp_path, "DAMAGED": tmp_path / "damaged.podoba"}
    done = command("serve", *[places.get(word, word) for word in arguments])
    assert (done.code, started, opened) == (code, [], [])
    assert message in done.err
    assert code == 2 or len(done.err.splitlines()) == 1
