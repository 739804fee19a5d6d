"""The API is answered only to who has the token, as a header or as the cookie of a session."""

import secrets
from http.cookies import SimpleCookie

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from podoba.serve.problems import Problem
from podoba.serve.settings import ServeSettings

API = "/api/v1"
OPEN = {f"{API}/health", f"{API}/ready"}


class Access:
    """Middleware: 401 for the API without the token; pages and static files carry no data and are open."""

    def __init__(self, app: ASGIApp, settings: ServeSettings) -> None:
        self.app, self.settings = app, settings

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http" or self._is_open(scope) or self._has_token(Headers(scope=scope)):
            await self.app(scope, receive, send)
            return
        problem = Problem(401, "unauthorized", "open the link that the server printed at its start, or send its token")
        await problem.answer()(scope, receive, send)

    def _is_open(self, scope: Scope) -> bool:
        path = scope["path"]
        starts = path == f"{API}/session" and scope["method"] == "POST"
        return starts or path in OPEN or not path.startswith(f"{API}/")

    def _has_token(self, headers: Headers) -> bool:
        given = headers.get("authorization", "").removeprefix("Bearer ")
        cookie = SimpleCookie(headers.get("cookie", "")).get(self.settings.cookie)
        wanted = self.settings.token.encode()
        return any(secrets.compare_digest(one.encode(), wanted) for one in (given, "" if cookie is None else cookie.value) if one)
