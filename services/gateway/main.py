"""The gateway's ASGI app: `uvicorn services.gateway.main:app`.

`app` is made when somebody asks for it, so that importing this module needs no settings. What it serves,
in this order: what belongs to the services behind, its own operations, the documents, and the front end.
"""

from collections.abc import AsyncIterator, Container
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Receive, Scope, Send

from services.contracts.identity import Identity
from services.gateway import documents, live
from services.gateway.authentication import Authenticator
from services.gateway.forwarding import Forwarder
from services.gateway.operations import NoSuchOperation, Operations
from services.gateway.people.api import router as people
from services.gateway.routing import service_of
from services.gateway.security_headers import SecurityHeaders
from services.gateway.sessions.api import router as sessions
from services.gateway.sessions.throttle import Throttle
from services.gateway.settings import GatewaySettings
from services.gateway.spa import Spa
from services.gateway.tokens.api import router as tokens
from services.kit.base.process import make_app
from services.kit.web.app import create_app, identify

COMPRESS_FROM = 1024  # bytes; below, the header costs more than it saves
COMPRESS_LEVEL = 4  # 3 ms for a window of 200 lines; the last percent would double that


def create(settings: GatewaySettings) -> FastAPI:
    routers = [sessions, people, tokens, live.router]
    app = create_app("gateway", settings, routers, title="Tieout", lifespan=_open_resources)
    # Services behind the gateway check a signature; here is where the signature comes from.
    app.dependency_overrides[identify] = _authorize
    # The document that is published covers the services too.
    app.router.routes[:] = [route for route in app.router.routes if getattr(route, "path", "") != app.openapi_url]
    app.include_router(documents.router)
    # First of all routes: FastAPI's search through the gateway's own ones would cost each of them 0.1 ms.
    app.router.routes.insert(0, _ServicesBehind(settings.service_urls()))
    app.router.routes += [
        Mount("/docs", documents.page),
        Route("/api/v1/{rest:path}", _Forwarding(), include_in_schema=False),
        Route("/api/{rest:path}", _Nothing(), include_in_schema=False),
    ]
    if settings.spa_dir is not None:
        app.router.routes.append(Mount("/", Spa(settings.spa_dir)))
    app.add_middleware(GZipMiddleware, minimum_size=COMPRESS_FROM, compresslevel=COMPRESS_LEVEL)
    app.add_middleware(SecurityHeaders)
    return app


async def _authorize(request: Request) -> Identity:
    authenticator: Authenticator = request.app.state.authenticator
    return await authenticator.authorize(request, request.scope["route"].name)


@asynccontextmanager
async def _open_resources(app: FastAPI) -> AsyncIterator[None]:
    settings: GatewaySettings = app.state.settings
    app.state.document = document = documents.Document(settings.openapi_file)
    app.state.authenticator = authenticator = Authenticator(app.state.database)
    app.state.throttle = Throttle(app.state.redis)
    app.state.forwarder = forwarder = Forwarder(
        authenticator,
        Operations(document.content),
        settings.service_urls(),
        key=settings.internal_key.get_secret_value(),
        seconds=settings.forward_seconds,
    )
    try:
        yield
    finally:
        await forwarder.close()


class _Forwarding:
    """The forwarder of the running app: routes are laid before the app runs."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["app"].state.forwarder(scope, receive, send)


class _ServicesBehind(BaseRoute):
    """Paths whose first noun belongs to a service behind."""

    def __init__(self, services: Container[str]) -> None:
        self._services = services
        self._forwarding = _Forwarding()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        is_behind = scope["type"] == "http" and service_of(scope["path"]) in self._services
        return (Match.FULL if is_behind else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._forwarding(scope, receive, send)


class _Nothing:
    """What is below /api and not in a version of it: a problem, and not the front end's first page."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI's own signature
        raise NoSuchOperation(f"{scope['path']} is not part of the API.")


def __getattr__(name: str) -> FastAPI:
    if name == "app":
        return make_app(create, GatewaySettings)
    raise AttributeError(name)
