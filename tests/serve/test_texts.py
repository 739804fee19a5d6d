"""Texts are complete in every language, none is left over, and every page has those that its modules ask for."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from podoba.serve import texts
from podoba.serve.modules import STATIC, file_of, modules_of
from podoba.serve.routes.pages import PAGES, SHARED
from podoba.serve.texts import LANGUAGES, Text, chosen_language, texts_of

ROOM = Path(texts.__file__).parent
FORMS = {"en": {"one", "other"}, "uk": {"one", "few", "many", "other"}}
PLACEHOLDER = re.compile(r"\{(\w+)\}")
STRING = re.compile(r"""(["'])([a-z]\w*(?:\.\w+)+)\1""")
TEMPLATE = re.compile(r"`([a-z]\w*\.(?:[\w.]|\$\{[^}`]*\})*)`")
GLUED = re.compile(r"\bt\([^()]*\)\s*\+|\+\s*t\(|\$\{t\(")  # a sentence made of pieces, which another language orders otherwise


def subjects(language: str) -> list[str]:
    return sorted(path.stem for path in (ROOM / "texts" / language).glob("*.json"))


def all_texts(language: str) -> dict[str, Text]:
    return {key: text for subject in subjects(language) for key, text in texts_of(language, subject).items()}


def forms(text: Text) -> list[str]:
    return [text] if isinstance(text, str) else list(text.values())


def asked_for(text: str) -> set[str]:
    """Patterns of the keys that a module names: as strings, and as templates of strings."""
    plain = {re.escape(key) for _, key in STRING.findall(text)}
    return plain | {r"[\w .-]+".join(re.escape(part) for part in re.split(r"\$\{[^}]*\}", one)) for one in TEMPLATE.findall(text)}


def modules() -> dict[str, str]:
    return {str(path.relative_to(STATIC)): path.read_text(encoding="utf-8") for path in sorted(STATIC.rglob("*.js"))}


def test_every_language_has_every_text() -> None:
    assert subjects("en") == subjects("uk")
    for subject in subjects("en"):
        assert list(texts_of("en", subject)) == list(texts_of("uk", subject)), subject
        assert {key.split(".")[0] for key in texts_of("en", subject)} == {subject}


def test_a_text_is_filled_with_the_same_values_in_every_language() -> None:
    english, ukrainian = all_texts("en"), all_texts("uk")
    for key, text in english.items():
        found = [{name for form in forms(one) for name in PLACEHOLDER.findall(form)} for one in (text, ukrainian[key])]
        assert found[0] == found[1], key
        assert isinstance(text, str) == isinstance(ukrainian[key], str), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_texts_are_texts(language: str) -> None:
    for key, text in all_texts(language).items():
        for form in forms(text):
            assert form == form.strip(), key
            assert form, key
            assert "  " not in form, key
            assert "<" not in form, key


def test_ukrainian_is_ukrainian() -> None:
    """No letter of another alphabet's look, none that Ukrainian lacks, its own quotation marks and apostrophe."""
    for key, text in all_texts("uk").items():
        for form in forms(text):
            words = re.sub(r"\{\w+\}|https?:\S+|«[^»]*»", "", form)
            assert not re.search(r"[ыэёъ]", words, re.IGNORECASE), key
            assert not re.search(r"[а-яіїєґ][a-z]|[a-z][а-яіїєґ]", words, re.IGNORECASE), key
            assert not re.search(r"""["“”']""", words), key


@pytest.mark.parametrize("language", LANGUAGES)
def test_plural_texts_have_the_forms_of_their_language(language: str) -> None:
    plural = {key: text for key, text in all_texts(language).items() if isinstance(text, dict)}
    assert plural
    for key, text in plural.items():
        assert set(text) == FORMS[language], key
        assert text["one"] != text["many" if language == "uk" else "other"], key
        assert all("{n}" in form for name, form in text.items() if (language, name) != ("en", "one")), key


def test_every_text_is_used_and_every_text_that_is_used_is_there() -> None:
    sources = [*modules().values(), *(path.read_text(encoding="utf-8") for path in ROOM.rglob("*.py"))]
    patterns = [re.compile(pattern) for pattern in {pattern for text in sources for pattern in asked_for(text)}]
    unused = [key for key in all_texts("en") if not any(pattern.fullmatch(key) for pattern in patterns)]
    titles = {f"{name}.title" for name in PAGES}
    assert [key for key in unused if key not in titles and not key.startswith("problems.")] == []


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_the_texts_that_its_modules_ask_for(name: str) -> None:
    subjects_of_page = (*SHARED, name, *PAGES[name].texts)
    given = {key for subject in subjects_of_page for key in texts_of("en", subject)}
    known = set(subjects("en"))
    for module in modules_of(f"pages/{name}.js"):
        for pattern in asked_for(file_of(module).read_text(encoding="utf-8")):
            if pattern.split(r"\.")[0] in known:
                assert any(re.fullmatch(pattern, key) for key in given), f"{module} asks for {pattern}"


def test_every_problem_has_its_words() -> None:
    codes = set()
    for path in ROOM.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        codes |= set(re.findall(r"\(\s*\d{3},\s*\"([a-z_]+)\"", text))
    assert {"unauthorized", "unknown_collection"} <= codes
    assert [code for code in sorted(codes) if f"problems.{code}" not in all_texts("en")] == []


def test_no_sentence_is_made_of_pieces() -> None:
    assert {name: found for name, text in modules().items() if (found := GLUED.findall(text))} == {}


def test_the_language_is_the_chosen_one_or_what_the_browser_prefers() -> None:
    assert chosen_language("uk", "en") == "uk"
    assert chosen_language("de", "fr-FR, uk-UA;q=0.8, en;q=0.5") == "uk"
    assert chosen_language(None, None) == chosen_language(None, "fr") == "en"


def test_the_files_are_written_as_this_project_writes_them() -> None:
    for path in sorted((ROOM / "texts").rglob("*.json")):
        text = path.read_text(encoding="utf-8")
        assert len(json.loads(text)) == len(re.findall(r'^  "', text, re.MULTILINE)), path  # no key twice
