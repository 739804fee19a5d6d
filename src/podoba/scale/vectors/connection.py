"""A connection to a server of Milvus: bounded in time, made again when it breaks, its errors in one line."""

from __future__ import annotations

import logging
import os
import threading
import time
from typing import Any

from podoba.errors import CollectionAway, CollectionError, require
from podoba.scale.vectors.address import TOKEN, Address
from podoba.scale.vectors.settings import DEFAULT, VectorSettings

# Codes of the server while it starts, or while its nodes change: not ready, unavailable, too many requests, not wholly loaded,
# no replica, no channel, no node.
PASSING = {1, 2, 4, 8, 101, 103, 400, 500, 501, 503, 901, 902, 903, 904, 905}
# And what 2.3 says of the same by words, under one code for everything.
PASSING_WORDS = ("not ready", "delegator", "shard leader", "channel", "unavailable", "not loaded", "Retry timeout", "offline")
REFUSED_WORDS = ("auth", "UNAUTHENTICATED", "permission")


class Connection:
    """A server, which any number of threads may ask.

    Attributes:
        address: whose server it is.
    """

    def __init__(self, address: Address, settings: VectorSettings = DEFAULT) -> None:
        """Connect.

        Raises:
            MissingExtra: `podoba[scale]` is not installed.
            CollectionAway: the server does not answer.
            CollectionError: it refuses.
        """
        os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what it says is said in one line here
        self.address, self._settings = address, settings
        self._pymilvus = require("pymilvus", "scale")
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
        self._lock = threading.Lock()
        self._client: Any = None
        self._errors: tuple[type[Exception], ...] = (
            self._pymilvus.MilvusException, require("grpc", "scale").RpcError, ConnectionError, ValueError,
        )  # fmt: skip
        try:
            self._connected()
        except self._errors as error:
            raise self._explained(error) from error

    def call(self, method: str, *arguments: Any, seconds: float | None = None, **options: Any) -> Any:
        """What a method of `pymilvus.MilvusClient` gives back; asked again for a while where the server is away.

        What is called must mean the same when it is done twice.

        Raises:
            CollectionAway: the server stays away.
            CollectionError: it refuses.
        """
        until, wait, again = time.monotonic() + self._settings.patience, self._settings.first_wait, False
        while True:
            client = None
            try:
                client = self._connected()
                return getattr(client, method)(*arguments, timeout=seconds or self._settings.seconds, **options)
            except self._errors as error:
                if not self._passes(error) or (again and time.monotonic() >= until):
                    raise self._explained(error) from error
                self._drop(client)
                again = True
            time.sleep(wait)
            wait = min(2 * wait, self._settings.longest_wait)

    def close(self) -> None:
        """End the connection."""
        self._drop(self._client)

    def _connected(self) -> Any:
        with self._lock:
            if self._client is None:
                self._client = self._pymilvus.MilvusClient(
                    uri=self.address.server,
                    token=self.address.token,
                    db_name=self.address.database,
                    timeout=self._settings.connect_seconds,
                    dedicated=True,
                )
            return self._client

    def _drop(self, client: Any) -> None:
        """A broken connection is not used again; another thread may have made a new one already."""
        with self._lock:
            if client is None or self._client is not client:
                return
            self._client = None
        try:
            client.close()
        except self._errors:
            logging.getLogger(__name__).debug("a broken connection could not be closed")

    def _passes(self, error: Exception) -> bool:
        if not isinstance(error, self._pymilvus.MilvusException):
            return not isinstance(error, ValueError) or "closed channel" in str(error)
        if any(word in str(error) for word in REFUSED_WORDS):
            return False
        code = getattr(error, "code", None)
        return not isinstance(code, int) or code in PASSING or any(word in str(error) for word in PASSING_WORDS)

    def _explained(self, error: Exception) -> CollectionError:
        said = " ".join(str(getattr(error, "message", "") or error).split())[:300]
        if any(word in said for word in REFUSED_WORDS):
            return CollectionError(
                f"{self.address}: the server refuses this user ({said}): name user and password as "
                f"milvus://USER:PASSWORD@HOST..., or in the variable {TOKEN}"
            )
        if self._passes(error):
            return CollectionAway(
                f"{self.address}: the server is away or not ready ({said}): start it, or check host and port, then try again"
            )
        return CollectionError(f"{self.address}: the server refuses what it was asked ({said})")
