"""The headers of every answer: what a browser may do with it."""

from collections.abc import Iterable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

PAGE = "; ".join((
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",  # blob: a picture that was dropped, before it is sent
    "connect-src 'self'",
    "frame-src 'self'",  # the report of a study
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
))  # fmt: skip
DATA = "default-src 'none'; frame-ancestors 'none'; sandbox"
SANDBOX = "; ".join((
    "sandbox allow-scripts allow-downloads",  # without allow-same-origin: an origin of its own, which has no session
    "default-src 'none'",
    "script-src 'unsafe-inline'",
    "style-src 'unsafe-inline'",
    "img-src data:",
    "font-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'self'",
))  # fmt: skip
SANDBOXED = {
    "Content-Security-Policy": SANDBOX,
    "Cross-Origin-Opener-Policy": "unsafe-none",  # with any other a browser does not open a sandboxed page in a tab
}
"""Headers of a page with scripts of its own, such as the report of a study: it runs, and reaches nothing."""

COMMON = {
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"same-origin",
    b"cross-origin-opener-policy": b"same-origin",
    b"cross-origin-resource-policy": b"same-origin",
    b"permissions-policy": b"camera=(), display-capture=(), geolocation=(), hid=(), microphone=(), payment=(), serial=(), usb=()",
    b"cache-control": b"no-store",
}
POLICY = b"content-security-policy"
OF_PAGE = [*COMMON.items(), (POLICY, PAGE.encode())]
OF_DATA = [*COMMON.items(), (POLICY, DATA.encode())]


class Headers:
    """Middleware: adds to every answer the headers that its route did not set itself."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def send_completed(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = completed(message.get("headers", ()))
            await send(message)

        await self.app(scope, receive, send_completed if scope["type"] == "http" else send)


def completed(given: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The headers of an answer, and those that it lacks."""
    headers = list(given)
    present = dict(headers)
    wanted = OF_PAGE if present.get(b"content-type", b"").startswith(b"text/html") else OF_DATA
    return [*headers, *(header for header in wanted if header[0] not in present)]
