"""For the site: `first, second: uint8 (P, 32, 32, 3).` in a docstring describes each of the names, so each becomes an item."""

from __future__ import annotations

import re
from typing import Any

import griffe

SHARED = re.compile(r"^([ ]+)(\w+(?:, \w+)+)(: .*(?:\n\1[ ]+\S.*)*)", re.MULTILINE)


class SharedDescriptions(griffe.Extension):
    """Rewrites docstrings before they are parsed; a name that the signature lacks is still an error of `make site`."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = SHARED.sub(_each, obj.docstring.value)


def _each(shared: re.Match[str]) -> str:
    indent, names, text = shared.groups()
    return "\n".join(f"{indent}{name}{text}" for name in names.split(", "))
