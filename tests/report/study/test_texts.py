from __future__ import annotations

import re
from pathlib import Path

import pytest

import podoba.report.study as package
from podoba.report.study.paper import CIFAR10_QUANTITIES, CLAIMS
from podoba.report.study.read.quantities import QUANTITIES
from podoba.report.study.show.page import SCRIPTS
from podoba.report.study.texts import LANGUAGES, catalogue, say

FOLDER = Path(str(package.__file__)).parent
BRACES = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_says_the_same_things_with_the_same_values(language: str) -> None:
    assert list(catalogue(language)) == list(catalogue("en"))
    for key, text in catalogue(language).items():
        assert set(BRACES.findall(text)) == set(BRACES.findall(catalogue("en")[key])), key
        assert text.strip(), key


def test_ukrainian_is_ukrainian() -> None:
    """Every text has Ukrainian letters, but for those that are names of measures or programs; no Russian letter slipped in."""
    latin = {key for key, text in catalogue("uk").items() if not re.search("[а-яіїєґ]", text.lower())}
    assert latin == {
        "column.recall@1",
        "column.recall@10",
        "column.map@r",
        "confusion.share",
        "confusion.shares",
        "repeat.python",
    }
    assert not [key for key, text in catalogue("uk").items() if re.search("[ыэёъ]", text.lower())]


def test_every_text_of_the_scripts_is_there() -> None:
    text = "".join((FOLDER / "assets" / name).read_text(encoding="utf-8") for name in SCRIPTS)
    used = set(re.findall(r"""\b(?:t|note)\("([\w.@-]+)"[,)]""", text))
    assert len(used) > 60
    assert used - set(catalogue("en")) == set()


def test_no_text_is_left_over() -> None:
    """A text that nothing says is a mistake: each is named in a script or in Python, whole or by its beginning."""
    sources = [*(FOLDER / "assets").iterdir(), *FOLDER.rglob("*.py")]
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    built = ("column.", "quantity.", "claim.", "claimed.", "outcome.", "direction.", "status.", "caveats.epoch.",
             "caveats.evaluated_on.", "evaluated_on.", "repeat.", "findings.claimed_", "findings.zero_", "sheets.",
             "curves.")  # fmt: skip
    ends = (".title", ".short")
    left = [key for key in catalogue("en") if f'"{key}"' not in text and not key.startswith(built) and not key.endswith(ends)]
    assert left == []


def test_every_quantity_and_claim_has_its_words() -> None:
    for key in (*QUANTITIES, *CIFAR10_QUANTITIES):
        assert say(f"quantity.{key}")
        assert say(f"column.{key}")
    for name in CLAIMS:
        assert say(f"claim.{name}")
