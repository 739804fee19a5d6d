"""One served collection, and what is kept of it between requests."""

from podoba.collection.collection import Collection
from podoba.collection.columns import ColumnReader
from podoba.collection.facets import Facets
from podoba.collection.search.thumbnails import Thumbnails
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
        self.thumbnails = Thumbnails(collection.index.cache.folder, make=decoders.thumbnail)
