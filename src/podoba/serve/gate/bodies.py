"""Bodies of requests: counted while they come, and not waited for without end."""

from asyncio import get_running_loop, timeout_at

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from podoba.serve.gate.room import busy
from podoba.serve.gate.settings import GateSettings
from podoba.serve.problems import Problem

LARGE = (b"multipart/form-data", b"image/", b"application/octet-stream")  # pictures


class Bodies:
    """Middleware: 413 for a body that is too large, announced or not, 408 for one that comes too slowly, 503 for one too many.

    Args:
        settings: how long is waited, and how large a body may be that carries no picture.
        largest: bytes of one that does.
    """

    def __init__(self, app: ASGIApp, settings: GateSettings, largest: int) -> None:
        self.app, self.settings, self.largest = app, settings, largest
        self.held = 0  # bytes of the bodies of all requests in progress

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        announced = headers.get(b"content-length", b"0")
        if announced == b"0" and b"transfer-encoding" not in headers:
            await self.app(scope, receive, send)
            return
        most = self.largest if headers.get(b"content-type", b"").lower().startswith(LARGE) else self.settings.largest_json
        if int(announced) > most:  # digits, as the parser of requests has seen to
            await _too_large(most).answer()(scope, receive, send)
            return
        counted = _Counted(self, receive, most)
        try:
            await self.app(scope, counted, send)
        finally:
            self.held -= counted.came


class _Counted:
    """`receive` of a request with a body."""

    def __init__(self, bodies: Bodies, receive: Receive, most: int) -> None:
        self.bodies, self.receive, self.most = bodies, receive, most
        self.begun = get_running_loop().time()
        self.came = 0
        self.whole = False

    async def __call__(self) -> Message:
        if self.whole:
            return await self.receive()
        settings = self.bodies.settings
        deadline = self.begun + settings.body_seconds + self.came / settings.body_rate
        try:
            async with timeout_at(deadline):
                message = await self.receive()
        except TimeoutError:
            raise Problem(408, "too_slow", "the request came too slowly", {"Connection": "close"}) from None
        size = len(message.get("body", b""))
        self.came += size
        self.bodies.held += size
        self.whole = not message.get("more_body", False)
        if self.came > self.most:
            raise _too_large(self.most)
        if self.bodies.held > settings.most_held:
            raise busy(settings.retry_seconds)
        return message


def _too_large(most: int) -> Problem:
    return Problem(413, "too_large", f"the request has more than {most} bytes", limit=most)
