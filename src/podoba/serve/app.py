"""The application: what answers where, and what every request passes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from podoba import __version__
from podoba.serve.gate.access import API, Access
from podoba.serve.modules import STATIC
from podoba.serve.problems import explain
from podoba.serve.routes import collections, health, library, pages, session
from podoba.serve.served import Served

ROUTERS = (
    collections.router,
    health.router,
    library.router,
    session.router,
)


def create_app(served: Served) -> FastAPI:
    """The application that serves these collections and studies, with the settings they came with."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        served.close()

    app = FastAPI(
        title="podoba", version=__version__, docs_url=None, redoc_url=None, openapi_url=f"{API}/openapi.json", lifespan=lifespan
    )
    app.state.served = served
    for router in ROUTERS:
        app.include_router(router, prefix=API)
    app.include_router(pages.router)
    app.mount("/static", StaticFiles(directory=STATIC, packages=[("podoba.charts", "static")]))
    explain(app)
    app.add_middleware(Access, settings=served.settings)
    return app
