"""Whether the server lives, whether it can answer, and what it did, in numbers."""

import os
import time
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse

from podoba.errors import PodobaError
from podoba.serve.problems import Problem
from podoba.serve.served import of

PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"

router = APIRouter(tags=["health"])


@router.get("/health")
async def health() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/ready")
def ready(request: Request) -> dict[str, str]:
    """Every collection that is there can be opened. It tells nothing else, since it may be asked without the token."""
    served = of(request)
    try:
        if "away" in [served.state(name) for name in served.places]:
            raise Problem(503, "not_ready", "the database of a collection does not answer")
    except PodobaError as error:
        raise Problem(503, "not_ready", "a collection cannot be opened") from error
    return {"status": "ok"}


@router.get("/metrics", response_class=PlainTextResponse)
async def metrics(request: Request) -> PlainTextResponse:
    """Counts of requests, times, work that waits and memory, in the text format of Prometheus."""
    served = of(request)
    gauges = {
        "podoba_work_inside": served.room.inside,
        "podoba_work_waiting": served.room.waiting,
        "podoba_work_refused_total": served.room.refused,
        "podoba_decoders": len(served.queries.decoders.pids),
        "process_cpu_seconds_total": time.process_time(),
        **_memory(),
    }
    lines = served.requests.lines()
    for name, value in gauges.items():
        lines += [f"# TYPE {name} {'counter' if name.endswith('_total') else 'gauge'}", f"{name} {value}"]
    return PlainTextResponse("\n".join(lines) + "\n", media_type=PROMETHEUS)


def _memory() -> dict[str, int]:
    """Bytes of this process that are in memory, where the system tells that in a file."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return {}
    return {"process_resident_memory_bytes": pages * os.sysconf("SC_PAGE_SIZE")}
