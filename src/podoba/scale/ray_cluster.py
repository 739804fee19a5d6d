"""A connection to a cluster of Ray: to the one that was named, the one that runs here, or one that is started for it."""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from podoba.errors import PodobaError, require

DEVICES_STAY = "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO"  # 0: a task that has no GPU for itself still sees those of its node
VARIABLES = {  # read when Ray is imported; what the person has set stays
    "RAY_AUTH_MODE": "token",  # whoever reaches a port of a cluster without it can run anything on all nodes
    "RAY_ENABLE_UV_RUN_RUNTIME_ENV": "0",  # else the working directory is sent to the cluster where this runs below `uv run`
    DEVICES_STAY: "0",
}
TOKEN, TOKEN_FILE = "RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH"
MEND_TOKEN = f"copy ~/.ray/auth_token from its head, or name a copy by {TOKEN_FILE} (all nodes have the same token)"


class ClusterError(PodobaError):
    """A cluster that cannot be reached, does not let this program in, or cannot do what it is asked."""


@dataclass(frozen=True)
class ClusterSettings:
    """How a cluster is reached or started.

    Attributes:
        connect_seconds: how long the head's port is waited for.
        store_bytes: memory for objects of a cluster that is started here; what tasks give back is small.
    """

    connect_seconds: float = 10
    store_bytes: int = 80 * 2**20


DEFAULT = ClusterSettings()


def connect(address: str | None, settings: ClusterSettings = DEFAULT) -> None:
    """Connect this process to a cluster, if it is not connected yet.

    Nothing is sent to the cluster but what is asked of it: no working directory, no statistics; nothing is printed by its nodes.

    Args:
        address: HOST:PORT of the head; this machine must be a node of that cluster. None (or `auto`) for a cluster that runs
            here, or else a new one, which ends with this process; `local` for a new one.

    Raises:
        ClusterError: it cannot be reached, does not know this token, or has another version of Ray or Python.
        MissingExtra: Ray is not installed.
    """
    address = None if address == "auto" else address
    if address not in (None, "local"):
        _check_open(address, settings)
    for name, value in VARIABLES.items():
        os.environ.setdefault(name, value)
    has_token = TOKEN in os.environ or TOKEN_FILE in os.environ or (Path.home() / ".ray" / "auth_token").exists()
    if not has_token:
        os.environ[TOKEN] = secrets.token_hex(32)  # of a cluster that is started here; one that asks for none takes any
    ray: Any = require("ray", "scale")
    if ray.is_initialized():
        return
    try:
        _init(ray, address, settings)
    except (ray.exceptions.AuthenticationError, OSError, RuntimeError, ValueError) as error:
        raise ClusterError(f"{address or 'the cluster of this machine'}: {_explain(error, has_token)}") from error


def _init(ray: Any, address: str | None, settings: ClusterSettings) -> None:
    quiet = {"log_to_driver": False, "logging_level": "ERROR"}
    if address != "local":
        try:
            with _nothing_printed():
                ray.init(address=address or "auto", **quiet)
            return
        except ConnectionError as error:
            if address is not None or "Could not find any running" not in str(error):
                raise
    ray.init(address="local", include_dashboard=False, object_store_memory=settings.store_bytes, **quiet)


@contextmanager
def _nothing_printed() -> Iterator[None]:
    """What Ray's libraries write on stderr while it connects is a line each second: it is in the error that is raised too."""
    before, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nothing, 2)
        yield
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(nothing)


def _check_open(address: str, settings: ClusterSettings) -> None:
    """Raises `ClusterError` where nobody listens: Ray itself finds that out in a minute."""
    host, _, port = address.rpartition(":")
    if not host or "/" in host or not port.isdecimal():
        raise ClusterError(f"{address}: not the address of a cluster's head, which is HOST:PORT such as 10.0.0.5:6379")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=settings.connect_seconds).close()
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or error
        raise ClusterError(f"{address}: no cluster can be reached there ({why}): start its head, or mend the address") from error


def _explain(error: BaseException, has_token: bool) -> str:
    """Why Ray did not connect, and how to mend it."""
    reason = " ".join(str(error).split())
    causes = reason
    while (cause := error.__cause__) is not None:
        error, causes = cause, f"{causes} {cause}"
    if "InvalidAuthToken" in causes or "uthentication token" in causes:
        return f"{'does not know the token used here' if has_token else 'asks for a token, and there is none here'}: {MEND_TOKEN}"
    if "ersion mismatch" in causes:
        return f"has another version of Ray or Python than here: install one version on all nodes ({reason})"
    return f"cannot be connected to ({reason}): give the command on a node of that cluster, which runs `ray start`"
