"""What a server serves, shared by all its routes."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Literal

from fastapi import Request

from podoba.collection.collection import Collection
from podoba.errors import CollectionMissing
from podoba.files import distinct_names
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

State = Literal["ready", "empty", "missing"]


class Served:
    """Collections and studies by their names, and the settings of the server.

    Attributes:
        places: of the collections' files, by name; a file need not exist yet.
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

    def __init__(self, collections: Sequence[Path], studies: Sequence[Path] = (), settings: ServeSettings | None = None) -> None:
        self.settings = settings or ServeSettings()
        self.places: Mapping[str, Path] = distinct_names(collections)
        self.studies: Mapping[str, Path] = distinct_names(studies)
        self.sessions = Sessions(self.settings.token)
        self.room = Room(self.settings.gate)
        self.requests = Requests()
        self.jobs = Jobs(self.places.__getitem__)
        self.folders = AllowedFolders(self.settings.allow_index)
        self.maps = Maps()
        self.queries = Queries(self.collection)
        self.reviews = Reviews()
        self.confusions = Confusions(self.queries)
        self._opened: dict[str, Collection] = {}
        self._opening = Lock()

    def collection(self, name: str) -> Collection:
        """A collection, opened once and shared by all threads.

        Raises:
            Problem: none of this name, or its file is not there yet.
            CollectionError: it cannot be opened.
        """
        place = self.places.get(name)
        if place is None:
            raise Problem(404, "unknown_collection", "no collection of this name is served")
        with self._opening:
            if name not in self._opened:
                try:
                    self._opened[name] = Collection.open(place)
                except CollectionMissing:  # or it is being made at this moment
                    raise Problem(404, "missing_collection", "this collection was not made yet: index a folder first") from None
            return self._opened[name]

    def state(self, name: str) -> State:
        """Whether a collection, one of `places`, can be searched. Raises `CollectionError` where it cannot be opened."""
        try:
            return "ready" if len(self.collection(name)) else "empty"
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
