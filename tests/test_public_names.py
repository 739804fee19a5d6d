"""What `import podoba` offers, and that it stays light."""

from __future__ import annotations

import pkgutil
import subprocess
import sys
from importlib.metadata import version

import pytest

import podoba


def test_every_public_name_is_there_however_often_it_is_asked_for() -> None:
    assert set(podoba.__all__) == set(podoba._PLACES) <= set(dir(podoba))
    for name in podoba.__all__:
        assert callable(getattr(podoba, name))
        assert getattr(podoba, name) is getattr(podoba, name)


def test_no_public_name_is_hidden_by_a_subpackage() -> None:
    assert not {module.name for module in pkgutil.iter_modules(podoba.__path__)} & set(podoba.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'serch'"):
        _ = podoba.serch


def test_the_version_is_that_of_the_package() -> None:
    assert podoba.__version__ == version("podoba")


def test_importing_is_light() -> None:
    code = "import sys, podoba; print([m for m in ('numpy', 'torch', 'onnxruntime', 'PIL', 'pydantic') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_opening_a_collection_loads_no_engine() -> None:
    code = """
import sys, podoba
podoba.Collection, podoba.search, podoba.index_sources, podoba.open_model
print([m for m in ('torch', 'onnxruntime', 'faiss', 'pyarrow', 'matplotlib', 'sklearn', 'timm') if m in sys.modules])
"""
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "[]"


def test_nothing_is_printed_where_nobody_set_up_logging() -> None:
    code = "import podoba, logging; logging.getLogger('podoba.collection').warning('damaged')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("", "")
