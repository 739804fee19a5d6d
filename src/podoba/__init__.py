"""Find look-alike images with neural descriptors, and find out how to train those descriptors well.

The public names are imported when they are first used, so that `import podoba` stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from podoba.collection.indexing import index_sources
    from podoba.collection.search import search
    from podoba.collection.store import Collection
    from podoba.errors import PodobaError
    from podoba.evaluate.evaluation import evaluate
    from podoba.evaluate.knn import knn_score
    from podoba.images.source import open_source
    from podoba.models.names import open_model

_PLACES = {
    "Collection": "podoba.collection.store",
    "PodobaError": "podoba.errors",
    "evaluate": "podoba.evaluate.evaluation",
    "index_sources": "podoba.collection.indexing",
    "knn_score": "podoba.evaluate.knn",
    "open_model": "podoba.models.names",
    "open_source": "podoba.images.source",
    "search": "podoba.collection.search",
}

__version__ = "0.1.0"
__all__ = [
    "Collection",
    "PodobaError",
    "evaluate",
    "index_sources",
    "knn_score",
    "open_model",
    "open_source",
    "search",
]


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'podoba' has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)
