"""Settings of the gate: how long a client may take, how much it may send, and how much is worked on at once."""

import os
from dataclasses import dataclass


@dataclass(frozen=True)
class GateSettings:
    """Numbers that are tuned.

    Attributes:
        header_seconds: within which the line and the headers of a request arrive, from its first byte or the connection's start.
        body_seconds: of patience with a body, beside what its bytes take at `body_rate`.
        body_rate: bytes a second that a body has to arrive with in the long run.
        answer_seconds: for which a client may take nothing of its answer.
        rest_seconds: for which the rest of a body that nobody wants is thrown away, so that the client reads the answer.
        idle_seconds: for which a connection without a request is kept.
        most_connections: that are served at once; further ones are asked to come again, twice as many are closed unheard.
        largest_header: bytes of the line and the headers of a request.
        largest_json: bytes of a body that is no picture and no form.
        most_held: bytes of the bodies of all requests in progress; who brings more is asked to come again.
        workers: threads that do the heavy work of requests.
        waiting: requests that may wait for one of them; further ones are asked to come again.
        retry_seconds: after which they are asked to.
        closing_seconds: that requests in progress get when the server ends.
    """

    header_seconds: float = 10.0
    body_seconds: float = 10.0
    body_rate: int = 16 << 10
    answer_seconds: float = 30.0
    rest_seconds: float = 2.0
    idle_seconds: int = 15
    most_connections: int = 256
    largest_header: int = 32 << 10
    largest_json: int = 1 << 20
    most_held: int = 256 << 20
    workers: int = max(2, min(8, os.cpu_count() or 1))
    waiting: int = 64
    retry_seconds: int = 1
    closing_seconds: int = 2
