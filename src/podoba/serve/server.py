"""The server itself: as it ends, so do the jobs and whoever listens to them."""

import socket

import uvicorn

from podoba.serve.served import Served


class Server(uvicorn.Server):
    """Serves an application; streams that would go on for ever end as soon as it is to stop."""

    def __init__(self, config: uvicorn.Config, served: Served) -> None:
        super().__init__(config)
        self._served = served

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wait for the requests that are being answered."""
        self._served.jobs.end()
        await super().shutdown(sockets)
