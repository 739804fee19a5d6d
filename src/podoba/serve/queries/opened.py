"""One served collection, and what is kept of it between requests."""

from importlib.util import find_spec

from podoba.collection.collection import Collection
from podoba.collection.columns import ColumnReader
from podoba.collection.facets import Facets
from podoba.collection.search.thumbnails import Thumbnails
from podoba.errors import ModelError
from podoba.models.hub.text_tower import knows_words
from podoba.serve.decoding.decoders import Decoders


class OpenedCollection:
    """A collection and what is derived from it in memory; threads share it.

    Attributes:
        columns: what is known of all items, in the present state of the file.
        facets: counts of it.
        thumbnails: cached beside the collection, made in the workers.
    """

    def __init__(self, name: str, collection: Collection, decoders: Decoders) -> None:
        self.name, self.collection = name, collection
        self.columns = ColumnReader(collection.store)
        self.facets = Facets(collection.store, self.columns)
        self._words: tuple[str, bool] | None = None  # of which model
        self.thumbnails = Thumbnails(collection.index.cache.folder, make=decoders.thumbnail)

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
