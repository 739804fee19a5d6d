"""The API is answered only to who has the token, as a header, or a session, as a cookie."""

import re

from starlette.types import ASGIApp, Receive, Scope, Send

from podoba.serve.gate.sessions import Sessions
from podoba.serve.problems import Problem

API = "/api/v1"
OPEN = {f"{API}/health", f"{API}/ready"}
IN_QUERY = re.compile(rb"(?:^|[&;])(?:access_)?token=", re.IGNORECASE)


class Access:
    """Middleware: 401 for the API without access; pages and static files carry no data and are open.

    Args:
        sessions: who has access.
        cookie: name of the cookie that carries a session.
    """

    def __init__(self, app: ASGIApp, sessions: Sessions, cookie: str) -> None:
        self.app, self.sessions, self.cookie = app, sessions, cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (self.app if refusal is None else refusal.answer())(scope, receive, send)

    def _refusal(self, scope: Scope) -> Problem | None:
        if IN_QUERY.search(scope["query_string"]):
            return Problem(400, "token_in_query", "addresses are kept in histories and logs: send the token as a header")
        if _is_open(scope) or self._has_access(scope):
            return None
        headers = {"WWW-Authenticate": "Bearer"}
        return Problem(401, "unauthorized", "open the link that the server printed at its start, or send its token", headers)

    def _has_access(self, scope: Scope) -> bool:
        given = [value.decode("latin-1") for key, value in scope["headers"] if key == b"authorization"]
        if given:
            scheme, _, token = given[0].partition(" ")
            return len(given) == 1 and scheme.lower() == "bearer" and self.sessions.is_token(token.strip())
        return any(self.sessions.knows(session) for session in cookies_of(scope, self.cookie))


def cookies_of(scope: Scope, name: str) -> list[str]:
    """The values of all cookies of a name: another server on this machine may have set one too."""
    pairs = [pair for key, value in scope["headers"] if key == b"cookie" for pair in value.decode("latin-1").split(";")]
    return [value for key, _, value in (pair.strip().partition("=") for pair in pairs) if key == name]


def _is_open(scope: Scope) -> bool:
    path = scope["path"]
    begins = path == f"{API}/session" and scope["method"] == "POST"
    return begins or path in OPEN or not path.startswith("/api/")
