"""One served collection, and what is kept of it between requests."""

from importlib.util import find_spec
from typing import Literal, get_args

from podoba.collection.collection import Collection
from podoba.collection.columns import ColumnReader
from podoba.collection.facets import Facets
from podoba.collection.search.thumbnails import Thumbnails
from podoba.collection.vector_collection import VectorCollection
from podoba.errors import ModelError
from podoba.models.hub.text_tower import knows_words
from podoba.serve.decoding.decoders import Decoders

Capability = Literal["search", "mark", "browse", "map", "duplicates", "compare", "index"]


class OpenedCollection:
    """A collection and what is derived from it in memory; threads share it.

    Attributes:
        thumbnails: cached in its folder, made in the workers.
        capabilities: what can be done with it.
    """

    collection: VectorCollection
    capabilities: tuple[Capability, ...] = ("search", "mark")

    def __init__(self, name: str, collection: VectorCollection, decoders: Decoders) -> None:
        self.name, self.collection = name, collection
        self._words: tuple[str, bool] | None = None  # of which model
        self.thumbnails = Thumbnails(collection.cache_folder, make=decoders.thumbnail)

    @property
    def labelled(self) -> bool:
        """Whether some items have a label."""
        return bool(self.collection.store.items.first(1, "label != null"))

    @property
    def words(self) -> bool:
        """Whether words can be searched for: the model has a text tower, and what reads words is installed."""
        models = self.collection.store.models
        fingerprint = models.fingerprint
        if fingerprint is None or find_spec("tokenizers") is None:
            return False
        if self._words is None or self._words[0] != fingerprint:
            try:
                self._words = fingerprint, knows_words(models.file())
            except ModelError:  # its file is gone: what needs it says so
                return False
        return self._words[1]


class OpenedFile(OpenedCollection):
    """A collection in a file: all its items can be listed, counted and compared.

    Attributes:
        columns: what is known of all items, in the present state of the file.
        facets: counts of it.
    """

    collection: Collection
    capabilities = get_args(Capability)

    def __init__(self, name: str, collection: Collection, decoders: Decoders) -> None:
        super().__init__(name, collection, decoders)
        self.columns = ColumnReader(collection.store)
        self.facets = Facets(collection.store, self.columns)

    @property
    def labelled(self) -> bool:
        """Whether some items have a label; without a filter, since the first one verifies the file."""
        return bool(self.collection.store.database.number("SELECT EXISTS (SELECT 1 FROM items WHERE label IS NOT NULL)"))
