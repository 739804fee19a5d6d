"""Requests to a server: who it is, what gives access, what is tried again, and its problems as errors."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from podoba.errors import PodobaError
from podoba.serve.runtime_file import running_servers

API = "/api/v1"
START = "start one with `podoba serve COLLECTION`, or give the link that it printed"


class ServerError(PodobaError):
    """A request that a server refused, or did not answer.

    Attributes:
        status: of HTTP; 0 where nothing was answered.
        code: stable word for what is wrong; `unreachable` where nothing was answered.
        more: further facts, such as the `place` of what is wrong in a filter.
    """

    def __init__(self, status: int, code: str, detail: str, more: dict[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.more = status, code, more or {}


def find_server(link: str | None, token: str | None) -> tuple[str, str]:
    """Address and token of a server.

    Args:
        link: the link that it printed, or its address; None: the newest server of this person that runs on this machine.
        token: what gives access, where the link does not carry it; None: of the server of that address, if it runs here.

    Raises:
        ServerError: there is none, or nothing gives access to it.
    """
    running = running_servers()
    if link is None:
        if not running:
            raise ServerError(0, "unreachable", f"no server runs on this computer: {START}")
        return running[0].address, token or running[0].token
    parts = urlsplit(link)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        raise ServerError(0, "unreachable", f"{link!r} is no address of a server, such as http://127.0.0.1:8765: {START}")
    address = f"{parts.scheme}://{parts.netloc}"
    known = [server.token for server in running if server.address == address]
    found = token or parse_qs(parts.fragment).get("token", [None])[0] or (known[0] if known else None)
    if found is None:
        raise ServerError(401, "unauthorized", f"{address}: give its token too, or the whole link that it printed")
    return address, found


class Connection:
    """Requests to one server, from any number of threads."""

    def __init__(self, address: str, token: str, *, timeout: float, patience: float, verify: Any) -> None:
        """Connect.

        Args:
            timeout: seconds for one answer.
            patience: seconds for which a busy server is asked again, in all.
            verify: as of `httpx.Client`, for TLS.
        """
        self.address, self._patience = address, patience
        self._client = httpx.Client(
            base_url=address + API, headers={"Authorization": f"Bearer {token}"}, timeout=timeout, verify=verify, trust_env=False
        )

    def close(self) -> None:
        """Let go of the server."""
        self._client.close()

    def get(self, path: str, /, **query: Any) -> Any:
        """What is answered as JSON; None in the query is left out."""
        return self.request("GET", path, params=_given(query)).json()

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        """Send JSON, or what the options of `httpx` name, and get JSON."""
        sent = options if options else {"json": {} if body is None else body}
        return self.request("POST", path, **sent).json()

    def bytes(self, path: str, /, **query: Any) -> bytes:
        """What is answered, as it is."""
        return self.request("GET", path, params=_given(query)).content

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        """One request; while the server is busy it is asked again, after as long as it says.

        Raises:
            ServerError: it was refused, or no server answers.
        """
        until = time.monotonic() + self._patience
        while True:
            with self._explained():
                response = self._client.request(method, path, **options)
            wait = _seconds(response)
            if response.status_code != 503 or wait is None or time.monotonic() + wait > until:
                return _checked(response)
            time.sleep(wait)

    def events(self, path: str, last: str | None) -> Iterator[tuple[str, str]]:
        """Identifiers and data of server-sent events, behind the last one that is known, until the stream ends.

        Raises:
            ServerError: it was refused, or the server does not answer any more.
        """
        headers = {} if last is None else {"Last-Event-ID": last}
        with self._explained(), self._client.stream("GET", path, headers=headers) as response:
            if response.is_error:
                response.read()
            _checked(response)
            fields: dict[str, str] = {}
            for line in response.iter_lines():
                name, _, value = line.partition(": ")
                if name:
                    fields[name] = value
                elif line == "" and "data" in fields:
                    yield fields["id"], fields["data"]
                    fields = {}

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except httpx.TransportError as error:
            raise ServerError(0, "unreachable", f"{self.address}: no server answers ({error}): {START}") from error


def _given(query: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in query.items() if value is not None}


def _seconds(response: httpx.Response) -> float | None:
    """How long the server asks to wait; None where it does not say."""
    try:
        return max(0.0, float(response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None


def _checked(response: httpx.Response) -> httpx.Response:
    """A response that is no problem. Raises `ServerError`."""
    if not response.is_error:
        return response
    try:
        said = response.json()
        code, detail = str(said.pop("code")), str(said.pop("detail"))
    except (ValueError, KeyError, AttributeError, TypeError):
        raise ServerError(response.status_code, "refused", f"the server answered {response.status_code}") from None
    raise ServerError(response.status_code, code, detail, said)
