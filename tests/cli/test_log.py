"""What the library logs."""

from __future__ import annotations

import logging

import pytest

from podoba.cli.log import printed_log


def test_the_log_is_printed_a_line_each_for_the_time_of_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.getLogger("podoba.somewhere")
    with printed_log():
        logger.info("fetched %s\nonce", "a\x1b[2Jb")
        logger.debug("nobody asked")
    logger.info("too late")
    assert capsys.readouterr() == ("", "fetched a\\x1b[2Jb\\nonce\n")
    assert logging.getLogger("podoba").level == logging.NOTSET
