"""What a server serves, shared by all its routes."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Literal

from fastapi import Request

from podoba.collection.collection import Collection
from podoba.collection.vector_collection import VectorCollection
from podoba.errors import CollectionAway, CollectionMissing, NeedsAFile
from podoba.files import distinct_names, without_user
from podoba.scale.open import open_collection
from podoba.serve.gate.measure import Requests
from podoba.serve.gate.room import Room
from podoba.serve.gate.sessions import Sessions
from podoba.serve.jobs.folders import AllowedFolders
from podoba.serve.jobs.runner import Jobs
from podoba.serve.library.confusion import Confusions
from podoba.serve.maps.views import Maps
from podoba.serve.problems import Problem
from podoba.serve.queries.queries import Queries
from podoba.serve.review.review import Reviews
from podoba.serve.settings import ServeSettings

State = Literal["ready", "empty", "missing", "away"]

logger = logging.getLogger(__name__)


class Served:
    """Collections and studies by their names, and the settings of the server.

    Attributes:
        places: of the collections, by name: their files, which need not exist yet, or the addresses of others.
        studies: folders of studies, by name.
        sessions: who has access.
        room: where the heavy work of requests is done.
        requests: counts of those that were answered.
        jobs: long work on the collections.
        folders: those below which pictures may be indexed.
        maps: of the collections.
        queries: what searching and looking keep: uploads, descriptors, results, and the workers that decode.
        reviews: of their duplicates.
        confusions: of two models each.
    """

    def __init__(
        self, collections: Sequence[Path | str], studies: Sequence[Path] = (), settings: ServeSettings | None = None
    ) -> None:
        self.settings = settings or ServeSettings()
        self.places: Mapping[str, Path | str] = distinct_names(collections)
        self.studies: Mapping[str, Path] = distinct_names(studies)
        self.sessions = Sessions(self.settings.token)
        self.room = Room(self.settings.gate)
        self.requests = Requests()
        self.jobs = Jobs(self.file)
        self.folders = AllowedFolders(self.settings.allow_index)
        self.maps = Maps()
        self.queries = Queries(self.searchable)
        self.reviews = Reviews()
        self.confusions = Confusions(self.queries)
        self._opened: dict[str, VectorCollection] = {}
        self._opening = Lock()

    def place(self, name: str) -> Path | str:
        """Where a collection is. Raises `Problem` where none of this name is served."""
        if name not in self.places:
            raise Problem(404, "unknown_collection", "no collection of this name is served")
        return self.places[name]

    def file(self, name: str) -> Path:
        """The file of a collection. Raises as `collection`, but nothing is opened."""
        place = self.place(name)
        if isinstance(place, str):
            raise NeedsAFile(without_user(place))
        return place

    @property
    def shown_places(self) -> dict[str, str]:
        """Files, or addresses without user and password, by the names of the collections."""
        return {name: without_user(str(place)) for name, place in self.places.items()}

    def collection(self, name: str) -> Collection:
        """A collection in a file: what can be asked of such a one alone. Raises `NeedsAFile`, and as `searchable`."""
        self.file(name)
        opened = self.searchable(name)
        assert isinstance(opened, Collection)
        return opened

    def searchable(self, name: str) -> VectorCollection:
        """A collection in a file or anywhere, opened once and shared by all threads.

        Raises:
            Problem: none of this name, or its file is not there yet.
            CollectionError: it cannot be opened.
        """
        place = self.place(name)
        with self._opening:
            if name not in self._opened:
                try:
                    self._opened[name] = open_collection(place, patience=self.settings.patience)
                except CollectionMissing:  # or it is being made at this moment
                    if isinstance(place, str):
                        raise
                    raise Problem(404, "missing_collection", "this collection was not made yet: index a folder first") from None
            return self._opened[name]

    def state(self, name: str) -> State:
        """Whether a collection, one of `places`, can be searched. Raises `CollectionError` where it cannot be opened."""
        try:
            return "ready" if len(self.searchable(name)) else "empty"
        except CollectionAway as error:
            logger.warning("%s", error)
            return "away"
        except Problem:
            return "missing"

    def close(self) -> None:
        """End the jobs, and close what was opened, when the work in the room is done; nothing else may be using it."""
        self.jobs.close()
        self.room.close()
        self.queries.close()
        for collection in self._opened.values():
            collection.close()
        self._opened.clear()


def of(request: Request) -> Served:
    """What the server of a request serves."""
    served: Served = request.app.state.served
    return served
