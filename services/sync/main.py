"""Sync's ASGI app: `uvicorn services.sync.main:app`.

`app` is made when somebody asks for it, so that importing this module needs no settings.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from services.kit.base.process import make_app
from services.kit.web.app import create_app
from services.sync.connections.api import router as connections
from services.sync.dashboard.api import router as dashboard
from services.sync.examinations.api import router as examinations
from services.sync.lives.api import router as lives
from services.sync.loads.api import router as loads
from services.sync.mirrors.api import router as mirrors
from services.sync.plans.api import router as plans
from services.sync.receipts.api import router as receipts
from services.sync.runs.api import router as runs
from services.sync.settings import SyncSettings
from services.sync.upstreams import open_upstreams

ROUTERS = (connections, dashboard, examinations, lives, loads, mirrors, plans, receipts, runs)


def create(settings: SyncSettings) -> FastAPI:
    @asynccontextmanager
    async def reach_upstreams(app: FastAPI) -> AsyncIterator[None]:
        async with open_upstreams(settings, app.state.redis) as upstreams:
            app.state.upstreams = upstreams
            yield

    return create_app("sync", settings, ROUTERS, title="Tieout sync", lifespan=reach_upstreams)


def __getattr__(name: str) -> FastAPI:
    if name == "app":
        return make_app(create, SyncSettings)
    raise AttributeError(name)
