"""Every text with a number is right for every number, in the browser that shows it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from podoba.serve import texts
from podoba.serve.texts import texts_of

CASES = {
    "en": {1: "one", 2: "other", 5: "other", 11: "other", 21: "other", 22: "other", 25: "other", 0: "other"},
    "uk": {1: "one", 2: "few", 5: "many", 11: "many", 21: "one", 22: "few", 25: "many", 0: "many"},
}
SAID = """async ([all, numbers]) => {
  const { texts } = await import('/static/core/page.js');
  const { t } = await import('/static/core/text.js');
  Object.assign(texts, all);
  return Object.keys(all).map((key) => numbers.map((n) => t(key, { n })));
}"""


@pytest.mark.parametrize("language", CASES)
def test_a_number_brings_its_form(visit: Any, language: str) -> None:
    folder = Path(texts.__file__).parent / "texts" / language
    plural = {
        key: text
        for path in sorted(folder.glob("*.json"))
        for key, text in texts_of(language, path.stem).items()
        if isinstance(text, dict)
    }
    marked = {key: {form: f"{form} {{n}}" for form in text} for key, text in plural.items()}
    assert len(plural) > 40
    page = visit("/help", language=language)
    page.locator("h1").wait_for()
    said = page.evaluate(SAID, [marked, list(CASES[language])])
    for key, found in zip(plural, said, strict=True):
        assert found == [f"{form} {n}" for n, form in CASES[language].items()], key
