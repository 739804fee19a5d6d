"""The application: what answers where, and what every request passes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from podoba import __version__
from podoba.serve.gate.access import API, Access
from podoba.serve.gate.bodies import Bodies
from podoba.serve.gate.faults import Faults
from podoba.serve.gate.headers import Headers
from podoba.serve.gate.hosts import Hosts
from podoba.serve.gate.measure import Measured
from podoba.serve.modules import STATIC
from podoba.serve.problems import DOCUMENTED, explain
from podoba.serve.routes import collections, duplicates, facets, health, items, jobs, library, maps, marks, pages, search, session
from podoba.serve.served import Served

ROUTERS = (  # they are tried in this order, so the busiest come first
    search.router,
    items.router,
    collections.router,
    duplicates.router,
    facets.router,
    health.router,
    jobs.router,
    library.router,
    maps.router,
    marks.router,
    session.router,
)


def create_app(served: Served) -> FastAPI:
    """The application that serves these collections and studies, with the settings they came with."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        served.close()

    app = FastAPI(
        title="podoba",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{API}/openapi.json",
        lifespan=lifespan,
        redirect_slashes=False,
    )
    app.state.served = served
    for router in ROUTERS:
        app.include_router(router, prefix=API, responses=DOCUMENTED)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC, packages=[("podoba.charts", "static")]))
    explain(app)
    app.add_exception_handler(HTTPStatus.NOT_FOUND, pages.missing)
    settings = served.settings
    # The last one is passed first.
    app.add_middleware(Bodies, settings=settings.gate, largest=settings.largest_upload)
    app.add_middleware(Access, sessions=served.sessions, cookie=settings.cookie)
    app.add_middleware(Hosts, port=settings.port, secure=settings.secure, names=settings.allowed_hosts)
    app.add_middleware(Faults)
    app.add_middleware(Headers)
    app.add_middleware(Measured, requests=served.requests)
    return app
