"""What the page says, a catalogue a language with the same keys in each."""

import json
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "uk")


@cache
def catalogue(language: str) -> dict[str, str]:
    """All texts of a language by key; `{name}` in a text stands for a value."""
    text = (files("podoba.report.study") / "texts" / f"{language}.json").read_text(encoding="utf-8")
    texts: dict[str, str] = json.loads(text)
    return texts


def say(key: str, **values: object) -> str:
    """A text in English, for files and figures. Raises `KeyError` on a key that no catalogue has."""
    return catalogue("en")[key].format(**values)
