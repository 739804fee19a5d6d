"""The changes of jobs as server-sent events: each is a whole state, so that whoever comes back needs only the newest."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from podoba.serve.jobs.runner import Jobs, State


async def events_of(jobs: Jobs, state: Callable[[], State], last: int | None) -> AsyncIterator[str]:
    """Events until nothing will change any more, or the server ends.

    Args:
        last: version that the client has seen, by which it goes on; None: none.
    """
    loop, changed = asyncio.get_running_loop(), asyncio.Event()
    settings = jobs.settings

    def tell() -> None:
        loop.call_soon_threadsafe(changed.set)

    forget = jobs.listen(tell)
    try:
        yield f"retry: {round(1000 * settings.retry)}\n\n"
        while not jobs.closed:
            changed.clear()
            version, final, said = state()
            if version != last:
                last = version
                yield f"id: {version}\nevent: state\ndata: {json.dumps(said)}\n\n"
                await asyncio.sleep(0 if final else settings.pace)
            if final:
                return
            try:
                await asyncio.wait_for(changed.wait(), settings.heartbeat)
            except TimeoutError:
                yield ": nothing new\n\n"
    finally:
        forget()
