"""Entry points of other distributions: listed without an import, loaded on demand, one line where one is broken."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from podoba.errors import PodobaError
from podoba.plugins import plugins

GROUP = "podoba.losses"
InstallPlugin = Callable[..., None]


def test_nothing_is_imported_before_it_is_used(install_plugin: InstallPlugin) -> None:
    install_plugin("rounds", "rounds_losses", "def circle(): return 'round'\n", "circle = rounds_losses:circle")
    added = plugins(GROUP)
    assert list(added) == ["circle"]
    assert len(added) == 1
    assert "rounds_losses" not in sys.modules
    assert added["circle"]() == "round"
    with pytest.raises(KeyError):
        added["square"]
    assert not plugins("podoba.nothing_of_this_name")


def test_a_broken_one_is_one_line_and_leaves_the_others_usable(install_plugin: InstallPlugin) -> None:
    install_plugin("broken", "broken_losses", "import\n", "bad = broken_losses:bad")
    install_plugin("whole", "whole_losses", "good = 1\n", "good = whole_losses:good", "missing = whole_losses:missing")
    added = plugins(GROUP)
    assert added["good"] == 1
    for name, owner, reason in (("bad", "broken", "SyntaxError"), ("missing", "whole", "AttributeError")):
        with pytest.raises(
            PodobaError, match=f"^{GROUP}: '{name}' of {owner} cannot be loaded .{reason}.* uninstall that"
        ) as caught:
            added[name]
        assert "\n" not in str(caught.value)


def test_two_of_one_name_are_refused(install_plugin: InstallPlugin) -> None:
    install_plugin("first", "first_losses", "circle = 1\n", "circle = first_losses:circle")
    install_plugin("second", "second_losses", "circle = 2\n", "circle = second_losses:circle")
    with pytest.raises(PodobaError, match=r"(first and second|second and first) both add the name 'circle': uninstall one"):
        plugins(GROUP)["circle"]
