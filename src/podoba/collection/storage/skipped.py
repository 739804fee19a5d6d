"""Images that could not be read, so that they are tried again only when their file has changed."""

from collections.abc import Iterable

from podoba.collection.storage.database import Database
from podoba.files import from_name, to_name


class SkippedTable:
    """The images that were skipped, in a collection's file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def select(self) -> dict[str, tuple[str | None, str]]:
        """Images that could not be read: uri to the file's stamp and the reason."""
        rows = self._database.rows("SELECT uri, stamp, reason FROM skipped")
        return {from_name(uri): (stamp, reason) for uri, stamp, reason in rows}

    def put(self, rows: Iterable[tuple[str, str | None, str]]) -> None:
        """Remember (uri, stamp, reason) of unreadable images."""
        with self._database.transaction():
            statement = "INSERT OR REPLACE INTO skipped VALUES (?, ?, ?)"
            self._database.execute_many(statement, [(to_name(uri), stamp, reason) for uri, stamp, reason in rows])

    def remove(self, uris: Iterable[str]) -> None:
        """Remove images that are no longer listed or now readable."""
        with self._database.transaction():
            self._database.execute_many("DELETE FROM skipped WHERE uri = ?", [(to_name(uri),) for uri in uris])
