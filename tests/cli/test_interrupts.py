"""Ctrl-C under a name that the parser of command lines does not know."""

from __future__ import annotations

import pytest

from podoba.cli.interrupts import Interrupted, passed_on


def test_only_ctrl_c_gets_another_name() -> None:
    with pytest.raises(Interrupted), passed_on():
        raise KeyboardInterrupt
    with pytest.raises(ValueError, match="other"), passed_on():
        raise ValueError("other")
    assert not issubclass(Interrupted, Exception)
