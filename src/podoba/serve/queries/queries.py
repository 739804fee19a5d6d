"""All that searching and looking keep between requests, for one server."""

from collections.abc import Callable
from threading import Lock

from podoba.collection.collection import Collection
from podoba.collection.vector_collection import VectorCollection
from podoba.errors import NeedsAFile
from podoba.serve.decoding.decoders import Decoders
from podoba.serve.queries.describing import Describer
from podoba.serve.queries.opened import OpenedCollection, OpenedFile
from podoba.serve.queries.searching import Searches
from podoba.serve.queries.settings import DEFAULT, QuerySettings
from podoba.serve.queries.uploads import Uploads


class Queries:
    """Uploads, searches and what is derived from collections; threads share it.

    Attributes:
        decoders: workers that decode.
        searches: and their frozen results.
    """

    def __init__(
        self, collection: Callable[[str], VectorCollection], settings: QuerySettings = DEFAULT, decoders: Decoders | None = None
    ) -> None:
        """Nothing is opened nor started yet.

        Args:
            collection: gives the collection of a name.
        """
        self.settings = settings
        self.decoders = decoders or Decoders()
        self.uploads = Uploads(self.decoders, settings)
        self.describer = Describer(self.decoders, settings)
        self.searches = Searches(self.uploads, self.describer, settings)
        self._collection = collection
        self._opened: dict[str, OpenedCollection] = {}
        self._lock = Lock()

    def opened(self, name: str) -> OpenedCollection:
        """A collection by its name. Raises as `Served.searchable`."""
        collection = self._collection(name)
        with self._lock:
            found = self._opened.get(name)
            if found is None or found.collection is not collection:
                if isinstance(collection, Collection):
                    found = OpenedFile(name, collection, self.decoders)
                else:
                    found = OpenedCollection(name, collection, self.decoders)
                self._opened[name] = found
            return found

    def opened_file(self, name: str) -> OpenedFile:
        """A collection in a file. Raises as `Served.collection`."""
        found = self.opened(name)
        if not isinstance(found, OpenedFile):
            raise NeedsAFile(found.collection.name)
        return found

    def close(self) -> None:
        """End the workers."""
        self.decoders.close()
