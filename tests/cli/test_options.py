"""What options share."""

from __future__ import annotations

import pytest
import typer

from podoba.cli.options import usage


def test_a_value_that_is_none_is_wrong_usage_of_its_option() -> None:
    with pytest.raises(typer.BadParameter, match="four numbers") as raised, usage("--box"):
        raise ValueError("four numbers")
    assert raised.value.param_hint == "--box"
    with pytest.raises(KeyError), usage():
        raise KeyError("a fault of ours")
