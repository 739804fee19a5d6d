"""The texts of the pages, in every language."""

import json
from functools import cache
from importlib.resources import files

LANGUAGES = ("en", "uk")
NAMES = {"en": "English", "uk": "Українська"}

Text = str | dict[str, str]
"""A text, or its plural forms by the names of Unicode's plural rules."""


@cache
def texts_of(language: str, subject: str) -> dict[str, Text]:
    """The texts of a subject by their keys."""
    place = files("podoba.serve") / "texts" / language / f"{subject}.json"
    texts: dict[str, Text] = json.loads(place.read_text(encoding="utf-8"))
    return texts


def chosen_language(cookie: str | None, accepted: str | None) -> str:
    """The language that was chosen, else the first known one that the browser prefers, else English."""
    if cookie in LANGUAGES:
        return str(cookie)
    wanted = [part.split(";")[0].strip().lower()[:2] for part in (accepted or "").split(",")]
    return next((language for language in wanted if language in LANGUAGES), LANGUAGES[0])
