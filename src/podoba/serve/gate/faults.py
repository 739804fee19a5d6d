"""Errors that nobody foresaw: the client gets a number, the log gets the error."""

import logging
import secrets
import traceback

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from podoba.serve.problems import Problem

logger = logging.getLogger(__name__)


class Faults:
    """Middleware: an exception becomes a 500 that tells nothing but the number under which it stands in the log."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        begun = False

        async def send_on(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self.app(scope, receive, send_on)
        except Exception as error:
            number = secrets.token_hex(4)
            place = traceback.extract_tb(error.__traceback__)[-1]
            what = f"{type(error).__name__}: {error} ({place.filename}:{place.lineno})"
            logger.error("fault %s: %s %s: %s", number, scope.get("method"), scope.get("path"), what)
            for line in traceback.format_exception(error):
                logger.debug("fault %s: %s", number, line.rstrip())
            if begun:
                raise  # half an answer cannot be taken back: the connection is closed
            problem = Problem(500, "fault", "something went wrong in podoba; its log says what, under this number", fault=number)
            await problem.answer()(scope, receive, send)
