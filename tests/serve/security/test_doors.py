"""Who gets in: hosts, origins, tokens, and requests in odd forms."""

from __future__ import annotations

import socket
from itertools import product
from typing import Any

import httpx
import pytest

from podoba.serve.routes.pages import PAGES

pytestmark = pytest.mark.slow

HOSTS = {  # whether a host is the server's
    "127.0.0.1:PORT": True, "localhost:PORT": True, "[::1]:PORT": True, "photos.example.org": True,
    "photos.example.org:PORT": True,
    "evil.example": False, "evil.example:PORT": False, "127.0.0.1": False, "localhost:1": False,
    "127.0.0.1.evil.example:PORT": False,
    "127.1:PORT": False, "2130706433:PORT": False, "0.0.0.0:PORT": False, "user@127.0.0.1:PORT": False, "localhost.:PORT": False,
}  # fmt: skip
ORIGINS = (
    None, "http://HOST", "https://HOST", "null", "http://evil.example", "http://127.0.0.1:1", "http://HOST.evil.example", "file://",
)  # fmt: skip
OTHERS = ("null", "http://evil.example", "http://127.0.0.1:1", "file://")


@pytest.mark.parametrize(("host", "origin"), list(product(HOSTS, ORIGINS)))
def test_hosts_and_origins(attacked: Any, host: str, origin: str | None) -> None:
    named = host.replace("PORT", str(attacked.port))
    headers = {"Host": named}
    if origin is not None:
        headers["Origin"] = origin.replace("HOST", named)
    same = origin in (None, "http://HOST") or (origin == "https://HOST" and host.startswith("photos"))
    with attacked.client() as client:
        answers = [
            client.get("/api/v1/collections", headers=headers),
            client.post("/api/v1/session", headers=headers, json={"token": attacked.token}),
            client.get("/", headers=headers),
        ]
    for answer, expected in zip(answers, (200, 204, 200), strict=True):
        if HOSTS[host] and same:
            assert answer.status_code == expected
        else:
            assert answer.status_code == 403
            assert answer.json()["code"] == ("forbidden_origin" if HOSTS[host] else "forbidden_host")
            assert "set-cookie" not in answer.headers
        assert not any(name.startswith("access-control-") for name in answer.headers)


def test_a_browser_asks_in_vain_whether_another_origin_may(attacked: Any) -> None:
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Private-Network": "true"}
    answer = httpx.options(f"{attacked.address}/api/v1/session", headers={"Origin": "http://evil.example", **asked})
    assert answer.status_code == 403
    assert not any(name.startswith("access-control-") for name in answer.headers)


@pytest.mark.parametrize("origin", OTHERS)
@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_forms_of_other_pages_change_nothing(attacked: Any, origin: str, kind: str) -> None:
    with attacked.client() as client:
        for path in ("/api/v1/session", "/api/v1/jobs", "/api/v1/uploads", "/api/v1/collections/shapes/marks"):
            answer = client.post(path, content=b"x", headers={"Origin": origin, "Content-Type": kind})
            assert (answer.status_code, answer.json()["code"]) == (403, "forbidden_origin")


TARGETS = (
    "http://evil.example/", "http://evil.example/api/v1/collections", "https://127.0.0.1:PORT/", "http://127.0.0.1:PORT/api/v1/session",
    "*", "evil.example:443", "//",
    "/\\evil.example", "/api/v1/../v1/collections", "/%2fapi/v1/collections", "//api/v1/collections",
)  # fmt: skip


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("method", ["GET", "POST", "CONNECT", "OPTIONS"])
def test_targets_in_odd_forms_lead_nowhere(attacked: Any, method: str, target: str) -> None:
    line = f"{method} {target.replace('PORT', str(attacked.port))} HTTP/1.1"
    head = f"{line}\r\nHost: 127.0.0.1:{attacked.port}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    with socket.create_connection(("127.0.0.1", attacked.port), timeout=10) as connection:
        connection.sendall(head.encode())
        answer = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert int(answer.split()[1]) in (400, 401, 404, 405)


@pytest.mark.parametrize("name", ["collections", "jobs", "metrics", "openapi.json", "studies"])
def test_nothing_of_the_api_without_the_token(attacked: Any, stranger: httpx.Client, name: str) -> None:
    path, token = f"/api/v1/{name}", attacked.token
    wrong = ["", "x", token[:-1], token + "x", token.swapcase(), "null", "undefined", "Bearer", token[::-1]]
    assert stranger.get(path).status_code == 401
    for given in wrong:
        assert stranger.get(path, headers={"Authorization": f"Bearer {given}".strip()}).status_code == 401
        assert stranger.get(path, headers={"Cookie": f"podoba-{attacked.port}={given}"}).status_code == 401
    for query in (f"token={token}", f"access_token={token}"):
        assert stranger.get(f"{path}?{query}").status_code == 400
    assert stranger.get(path, headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_every_route_that_gives_data_is_below_the_api(attacked: Any, stranger: httpx.Client) -> None:
    described = stranger.get("/api/v1/openapi.json", headers={"Authorization": f"Bearer {attacked.token}"}).json()
    assert all(path.startswith("/api/v1/") for path in described["paths"])
    for page in PAGES.values():
        served, other = (stranger.get(page.path.replace("{name}", name)) for name in ("shapes", "unserved"))
        assert served.status_code == 200
        assert served.text.replace("shapes", "unserved") == other.text  # nothing of what is served
