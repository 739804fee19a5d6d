"""Ctrl-C: how it passes the parser of command lines, which would end the program without a message."""

from collections.abc import Iterator
from contextlib import contextmanager

INTERRUPTED = 130  # the exit code


class Interrupted(BaseException):
    """Ctrl-C, under a name that the parser does not know."""


@contextmanager
def passed_on() -> Iterator[None]:
    """What is done here ends with `Interrupted` where Ctrl-C is pressed."""
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted from None
