"""Requests that were meant for this server, from its own pages: the hosts and origins that are let in.

Any page of the web can make a browser send requests to this machine, and a name of the web can be made to lead here
(DNS rebinding): the names in a request then are those of that page, and it is refused.
"""

from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from starlette.types import ASGIApp, Receive, Scope, Send

from podoba.serve.problems import Problem

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
USUAL_PORT = {"http": 80, "https": 443}
OWN = {b"same-origin", b"none"}  # of Sec-Fetch-Site: a page of this server, or a person who typed the address


class Hosts:
    """Middleware: refuses a request that names another host, comes from another origin, or asks for something elsewhere.

    Args:
        port: on which the server listens.
        secure: whether it speaks TLS.
        names: further hosts by which it may be called, with a port or without; a proxy before it may speak TLS for it.
    """

    def __init__(self, app: ASGIApp, port: int, secure: bool = False, names: Sequence[str] = ()) -> None:
        self.app = app
        self.scheme = "https" if secure else "http"
        self.port = port
        own = [written for name in LOOPBACK for written in self._with_port(name)]
        self.origins = {host.encode(): {f"{self.scheme}://{host}".encode()} for host in own}
        for name in names:
            for host in (name.lower(), *self._with_port(name.lower())):
                self.origins[host.encode()] = {f"{scheme}://{host}".encode() for scheme in USUAL_PORT}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (self.app if refusal is None else refusal.answer())(scope, receive, send)

    def _refusal(self, scope: Scope) -> Problem | None:
        if not scope["raw_path"].startswith(b"/"):
            return Problem(400, "bad_request", "a request names a path of this server, and nothing before it")
        named = dict.fromkeys((b"host", b"origin", b"sec-fetch-site", b"sec-fetch-mode"), b"")
        for key, value in scope["headers"]:
            if key in named:
                if named[key]:
                    return Problem(400, "bad_request", f"two headers {key.decode()}")
                named[key] = value
        host, origin, site, mode = named.values()
        origins = self.origins.get(host.lower()) or self._of_address(scope, host)
        if origins is None:
            return Problem(403, "forbidden_host", "this server is not called by the name in the request")
        if origin and origin not in origins:
            return Problem(403, "forbidden_origin", "requests are taken from this server's own pages")
        follows_link = mode == b"navigate" and scope["method"] == "GET" and not scope["path"].startswith("/api/")
        if site and site not in OWN and not follows_link:
            return Problem(403, "forbidden_origin", "requests are taken from this server's own pages")
        return None

    def _of_address(self, scope: Scope, host: bytes) -> set[bytes] | None:
        """The origin of a host that is the address which the client connected to: no name can be made to be that."""
        address, port = scope["server"] or ("", None)
        if port != self.port or host.lower() not in {written.encode() for written in self._with_port(_literal(address))}:
            return None
        return {f"{self.scheme}://{host.decode().lower()}".encode()}

    def _with_port(self, name: str) -> Iterator[str]:
        """A host as requests write it: with the port, which is left out where it is the usual one."""
        yield f"{name}:{self.port}"
        if self.port == USUAL_PORT[self.scheme]:
            yield name


def _literal(address: str) -> str:
    """An IP address as it stands in an address of the web; nothing for what is none."""
    try:
        ip = ip_address(address)
    except ValueError:
        return ""
    if ip.version == 6:
        return str(ip.ipv4_mapped) if ip.ipv4_mapped else f"[{ip}]"
    return str(ip)
