"""What the server did, in numbers: how many requests of each route, how they ended, and how long they took."""

from bisect import bisect_left
from collections import Counter
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from podoba.serve.gate.access import API

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)  # seconds
NOWHERE = "none"  # the route of a request that no route answers: addresses that were made up make no rows


class Requests:
    """Counts of requests; all are changed in the thread of the event loop.

    Attributes:
        ended: how many by route and status.
        seconds: altogether, by route.
        within: how many took at most each of `BOUNDS`, or longer than all, by route.
        in_progress: how many are being answered.
    """

    def __init__(self) -> None:
        self.ended: Counter[tuple[str, int]] = Counter()
        self.seconds: dict[str, float] = {}
        self.within: dict[str, list[int]] = {}
        self.in_progress = 0

    def count(self, route: str, status: int, seconds: float) -> None:
        """Count a request that has ended."""
        self.ended[route, status] += 1
        self.seconds[route] = self.seconds.get(route, 0.0) + seconds
        self.within.setdefault(route, [0] * (len(BOUNDS) + 1))[bisect_left(BOUNDS, seconds)] += 1

    def lines(self) -> list[str]:
        """All of it in the text format of Prometheus."""
        lines = ["# TYPE podoba_requests_in_progress gauge", f"podoba_requests_in_progress {self.in_progress}"]
        lines.append("# TYPE podoba_requests_total counter")
        lines += [f'podoba_requests_total{{route="{r}",status="{s}"}} {n}' for (r, s), n in sorted(self.ended.items())]
        lines.append("# TYPE podoba_request_seconds histogram")
        for route, counts in sorted(self.within.items()):
            total = 0
            for bound, count in zip((*BOUNDS, "+Inf"), counts, strict=True):
                total += count
                lines.append(f'podoba_request_seconds_bucket{{route="{route}",le="{bound}"}} {total}')
            lines.append(f'podoba_request_seconds_sum{{route="{route}"}} {self.seconds[route]:.6f}')
            lines.append(f'podoba_request_seconds_count{{route="{route}"}} {total}')
        return lines


class Measured:
    """Middleware: counts every request, those that are refused too."""

    def __init__(self, app: ASGIApp, requests: Requests) -> None:
        self.app, self.requests = app, requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = 499  # a client that left before it got an answer, as nginx counts it

        async def send_on(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        begun = perf_counter()
        self.requests.in_progress += 1
        try:
            await self.app(scope, receive, send_on)
        finally:
            self.requests.in_progress -= 1
            self.requests.count(_route(scope), status, perf_counter() - begun)


def _route(scope: Scope) -> str:
    """The address of the route as it was declared, with names of its parts in the place of what was asked for, without prefix."""
    path = getattr(scope.get("route"), "path", None)
    return path.removeprefix(API) if isinstance(path, str) else scope.get("root_path") or NOWHERE
