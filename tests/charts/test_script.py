from __future__ import annotations

import re

import pytest

from podoba.charts import script


def test_every_module_is_in_the_script_after_those_it_imports_from() -> None:
    assert set(script.MODULES) == {path.name for path in script.FOLDER.glob("*.js")}
    for place, name in enumerate(script.MODULES):
        imported = re.findall(r'from "\./([\w.]+)"', (script.FOLDER / name).read_text(encoding="utf-8"))
        assert set(imported) <= set(script.MODULES[:place])


def test_one_script_has_all_functions_and_no_import_or_export() -> None:
    whole = script.one_script()
    for name in script.MODULES:
        for function in re.findall(r"^export function (\w+)", (script.FOLDER / name).read_text(encoding="utf-8"), re.MULTILINE):
            assert f"\nfunction {function}(" in whole
    assert not re.search(r"^\s*(import|export)\b", whole, re.MULTILINE)


def test_no_two_modules_have_the_same_name_for_something() -> None:
    names = re.findall(r"^(?:const|function|class) (\w+)", script.one_script(), re.MULTILINE)
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize(
    "form",
    [
        "export default function a() {}", "export { a };", 'import {\n  a,\n} from "./a.js";', 'import "./a.js";',
        'import * as a from "./a.js";', "export class A {}", 'import { a } from "/static/a.js";',
    ],
)  # fmt: skip
def test_what_would_not_run_in_one_script_is_refused(form: str) -> None:
    with pytest.raises(ValueError, match=r"^cannot be put into one script: (import|export)"):
        script.without_modules(f"const b = 1;\n{form}\n")


def test_strings_that_speak_of_imports_stay() -> None:
    source = 'const a = "export function";\nfunction b() { return `import`; }\n'
    assert script.without_modules(source) == source


def test_both_themes_have_the_same_colours() -> None:
    light, dark, preferred = re.findall(r":root[^{]*\{([^}]*)\}", script.style())
    assert re.findall(r"--[\w-]+(?=:)", light) == re.findall(r"--[\w-]+(?=:)", dark)
    assert dark.split() == preferred.split()


def test_charts_set_no_style_attribute_and_write_no_markup() -> None:
    """What a served page's policy forbids."""
    whole = script.one_script()
    assert not re.search(r"""style: ["'`]|innerHTML|insertAdjacentHTML|document\.write|\beval\b""", whole)
