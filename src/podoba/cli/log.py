"""What the library logs, printed as the commands print their own messages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from podoba.cli.console import say


class _Printer(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        say(self.format(record))


@contextmanager
def printed_log() -> Iterator[None]:
    """Meanwhile the messages of the logger `podoba`, from INFO on, are printed on stderr, a line each."""
    logger, printer = logging.getLogger("podoba"), _Printer()
    before = logger.level
    logger.addHandler(printer)
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.setLevel(before)
        logger.removeHandler(printer)
