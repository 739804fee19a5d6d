"""Find look-alike images with neural descriptors, and find out how to train those descriptors well.

The public names are imported when they are first used, so that `import podoba` stays light. What is worth knowing and is no error
goes to the logger `podoba`, which is silent until the program that uses it sets up `logging`.
"""

from __future__ import annotations

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

from podoba.telemetry import switch_off

if TYPE_CHECKING:
    from podoba.collection.collection import Collection, change_model, find_duplicates, index_sources, search
    from podoba.collection.search.query import Part
    from podoba.errors import PodobaError
    from podoba.images.sources.open import open_source
    from podoba.metrics.evaluation import evaluate as evaluate_descriptors
    from podoba.metrics.knn import knn_score
    from podoba.models.encoder import Encoder
    from podoba.models.names import list_models, open_model
    from podoba.models.pipeline import encode_images
    from podoba.models.transformer import DescriptorTransformer
    from podoba.report.evaluate import evaluate_model
    from podoba.scale.open import open_collection
    from podoba.serve.client.client import Client

__version__ = "0.1.0"

switch_off()  # before any library is loaded that would ask or tell somebody
logging.getLogger("podoba").addHandler(logging.NullHandler())

__all__ = [
    "Client", "Collection", "DescriptorTransformer", "Encoder", "Part", "PodobaError", "change_model", "encode_images",
    "evaluate_descriptors", "evaluate_model", "find_duplicates", "index_sources", "knn_score", "list_models", "open_collection",
    "open_model", "open_source", "search",
]  # fmt: skip

# Where each name lives. None may be the name of a subpackage: Python would put that in its place once it is imported.
_PLACES = {
    "Client": ("podoba.serve.client.client", "Client"),
    "Collection": ("podoba.collection.collection", "Collection"),
    "DescriptorTransformer": ("podoba.models.transformer", "DescriptorTransformer"),
    "Encoder": ("podoba.models.encoder", "Encoder"),
    "change_model": ("podoba.collection.collection", "change_model"),
    "Part": ("podoba.collection.search.query", "Part"),
    "PodobaError": ("podoba.errors", "PodobaError"),
    "encode_images": ("podoba.models.pipeline", "encode_images"),
    "evaluate_descriptors": ("podoba.metrics.evaluation", "evaluate"),
    "evaluate_model": ("podoba.report.evaluate", "evaluate_model"),
    "find_duplicates": ("podoba.collection.collection", "find_duplicates"),
    "index_sources": ("podoba.collection.collection", "index_sources"),
    "knn_score": ("podoba.metrics.knn", "knn_score"),
    "list_models": ("podoba.models.names", "list_models"),
    "open_collection": ("podoba.scale.open", "open_collection"),
    "open_model": ("podoba.models.names", "open_model"),
    "open_source": ("podoba.images.sources.open", "open_source"),
    "search": ("podoba.collection.collection", "search"),
}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'podoba' has no attribute {name!r}")
    module, original = _PLACES[name]
    return getattr(import_module(module), original)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
