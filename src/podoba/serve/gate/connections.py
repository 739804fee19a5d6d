"""Connections: how long a client may take for its headers and for reading its answer, and how many there may be."""

import asyncio
from typing import Any

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from podoba.serve.gate.headers import Headers, completed
from podoba.serve.gate.room import busy
from podoba.serve.gate.settings import GateSettings
from podoba.serve.problems import TYPE, Problem

CLOSE = {"Connection": "close"}


def bounded(settings: GateSettings) -> type[H11Protocol]:
    """What makes the connections of a server, with these settings; the `http` of uvicorn."""

    class Bounded(BoundedProtocol):
        limits = settings

    return Bounded


class BoundedProtocol(H11Protocol):
    """A connection as uvicorn makes it, which ends when the client is too slow, and whose work ends when the client goes.

    uvicorn itself waits without end for the rest of a header, for a client that reads nothing, and for the end of a body that
    was refused. What becomes of an application that waits for a body is up to `bodies`.
    """

    limits = GateSettings()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._serving = self.app
        self.app = self._answer
        self._task: asyncio.Task[None] | None = None
        self._reading: asyncio.TimerHandle | None = None
        self._writing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin to wait for the first request."""
        super().connection_made(transport)
        if len(self.connections) > self.limits.most_connections:
            self.app = Headers(self._send_away)
            if len(self.connections) > 2 * self.limits.most_connections:
                transport.abort()
        self._wait_to_read(self.limits.header_seconds)

    def data_received(self, data: bytes) -> None:
        """Take what came; the time for a header goes on, whatever came of it."""
        super().data_received(data)
        if self.conn.their_state is not h11.IDLE:
            if self.cycle is not None and not self.cycle.response_complete:
                self._stop_reading()
        elif self._reading is None:
            self._wait_to_read(self.limits.header_seconds)

    def on_response_complete(self) -> None:
        """Wait for the next request, or for the rest of the body of this one, which nobody wants any more."""
        rest = self.conn.their_state is h11.SEND_BODY
        super().on_response_complete()
        if rest:
            self._wait_to_read(self.limits.rest_seconds)

    def pause_writing(self) -> None:
        """The client does not read as fast as it is answered."""
        super().pause_writing()
        self._writing = self.loop.call_later(self.limits.answer_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads on."""
        super().resume_writing()
        self._stop_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client is gone: what it asked for is not worked on any longer."""
        self._stop_reading()
        self._stop_writing()
        super().connection_lost(exc)
        if self._task is not None and self.cycle is not None and not self.cycle.response_complete:
            self._task.cancel()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP; where an answer has begun already, nothing can be said."""
        if self.conn.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            self.transport.abort()
            return
        body = bytes(Problem(400, "bad_request", "this is no request of HTTP that can be understood").answer().body)
        headers = completed([(b"content-type", TYPE.encode()), (b"connection", b"close"), (b"content-length", b"%d" % len(body))])
        start = h11.Response(status_code=400, headers=headers, reason=b"Bad Request")
        for event in (start, h11.Data(data=body), h11.EndOfMessage()):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The application, in a task that `connection_lost` can end."""
        cycle, task = self.cycle, asyncio.current_task()
        self._task = task
        try:
            await self._serving(scope, receive, send)
        except asyncio.CancelledError:
            if not cycle.disconnected:
                raise
        finally:
            if self._task is task:  # else the next request has begun
                self._task = None

    async def _send_away(self, scope: Scope, receive: Receive, send: Send) -> None:
        """What is answered where there are too many connections."""
        problem = busy(self.limits.retry_seconds)
        problem.headers = {**(problem.headers or {}), **CLOSE}
        await problem.answer()(scope, receive, send)

    def _wait_to_read(self, seconds: float) -> None:
        self._stop_reading()
        self._reading = self.loop.call_later(seconds, self.transport.abort)

    def _stop_reading(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
            self._reading = None

    def _stop_writing(self) -> None:
        if self._writing is not None:
            self._writing.cancel()
            self._writing = None
