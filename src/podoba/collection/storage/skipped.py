"""What is left out of a collection: images that could not be read, until their file changes, and what patterns name."""

import json
from collections.abc import Iterable, Sequence

from podoba.collection.storage.database import Database
from podoba.files import from_name, to_name

PATTERNS = "exclude"  # the key of the patterns among the facts, a JSON list


class SkippedTable:
    """The images that were skipped, and the patterns of what is left out, in a collection's file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def select(self) -> dict[str, tuple[str | None, str]]:
        """Images that could not be read: uri to the file's stamp and the reason."""
        rows = self._database.rows("SELECT uri, stamp, reason FROM skipped")
        return {from_name(uri): (stamp, reason) for uri, stamp, reason in rows}

    @property
    def patterns(self) -> list[str]:
        """Patterns of what is left out of the sources."""
        return [str(pattern) for pattern in json.loads(self._database.fact(PATTERNS) or "[]")]

    def remember_patterns(self, patterns: Sequence[str]) -> None:
        """Remember patterns in the place of those before."""
        if list(patterns) != self.patterns:
            with self._database.transaction():
                self._database.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", [PATTERNS, json.dumps(list(patterns))])

    def put(self, rows: Iterable[tuple[str, str | None, str]]) -> None:
        """Remember (uri, stamp, reason) of unreadable images."""
        with self._database.transaction():
            statement = "INSERT OR REPLACE INTO skipped VALUES (?, ?, ?)"
            self._database.execute_many(statement, [(to_name(uri), stamp, reason) for uri, stamp, reason in rows])

    def remove(self, uris: Iterable[str]) -> None:
        """Remove images that are no longer listed or now readable."""
        with self._database.transaction():
            self._database.execute_many("DELETE FROM skipped WHERE uri = ?", [(to_name(uri),) for uri in uris])
