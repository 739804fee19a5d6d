"""The modules that a page loads."""

import re

import pytest

from podoba.charts.script import FOLDER
from podoba.serve.modules import STATIC, file_of, modules_of

PAGES = sorted(path.name for path in (STATIC / "pages").glob("*.js"))


@pytest.mark.parametrize("page", PAGES)
def test_all_that_a_page_imports_is_there_and_named_once(page: str) -> None:
    modules = modules_of(f"pages/{page}")
    assert modules[0] == f"pages/{page}"
    assert len(set(modules)) == len(modules)
    for module in modules:  # found by another way than that of the code: every string that ends like a module
        text = file_of(module).read_text(encoding="utf-8")
        for name in re.findall(r"""(?<!import\()["'](\.[^"']+\.js)["']""", text):
            target = (STATIC / module).parent.joinpath(name).resolve().relative_to(STATIC.resolve()).as_posix()
            assert target in modules


def test_charts_are_those_of_the_report() -> None:
    assert file_of("charts/lines.js").parent == FOLDER
    with pytest.raises(FileNotFoundError):
        file_of("charts/none.js")
