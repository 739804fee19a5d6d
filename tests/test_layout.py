"""What keeps the house easy to enter: the size of its files and rooms, and tests that are found where one looks for them."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "src" / "podoba"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
LONGEST, MEDIAN = 350, 130  # lines of a file
ROOM = 12  # modules of a package
UNMIRRORED = 10  # modules whose tests lie elsewhere
TYPE_ONLY = 10  # imports that only a type checker follows
PATCHED = 5  # tuned constants that a test puts another value into


def test_files_are_short() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in [*MODULES, *TESTS]}
    assert {path.name: length for path, length in lengths.items() if length > LONGEST} == {}
    assert median(lengths[path] for path in MODULES) < MEDIAN


def test_rooms_are_small() -> None:
    packages = {path.parent for path in MODULES}
    sizes = {str(folder.relative_to(PACKAGE)): len([path for path in MODULES if path.parent == folder]) for folder in packages}
    assert {name: size for name, size in sizes.items() if size > ROOM} == {}


def test_a_module_has_its_tests_where_one_looks_for_them() -> None:
    mirrors = {path.relative_to(ROOT / "tests") for path in TESTS}
    expected = {path: path.relative_to(PACKAGE).with_name(f"test_{path.name}") for path in MODULES}
    missing = [str(path.relative_to(PACKAGE)) for path, mirror in expected.items() if mirror not in mirrors]
    assert len(missing) <= UNMIRRORED, missing


def test_types_are_imported_like_everything_else() -> None:
    texts = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    users = [str(path.relative_to(PACKAGE)) for path, text in texts.items() if "if TYPE_CHECKING:" in text]
    assert len(users) <= TYPE_ONLY, users


def test_tuned_numbers_are_settings() -> None:
    patch = re.compile(r"setattr\([^\n]*?[\"'.]([A-Z][A-Z_]{2,})[\"']")
    patches = [
        f"{path.name}: {name}" for path in (ROOT / "tests").rglob("*.py") for name in patch.findall(path.read_text("utf-8"))
    ]
    assert len(patches) <= PATCHED, patches
