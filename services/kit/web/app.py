"""The factory of every service's ASGI app: who is asking, sessions, errors, health, correlation ids."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import Annotated, Any

import structlog
from fastapi import APIRouter, Depends, FastAPI, Request
from redis.asyncio import Redis

from services.contracts.envelope import Actor
from services.contracts.identity import IDENTITY_HEADER, Identity
from services.kit.base.db import Circumstances, Database, ReadSession, StatementLimits, WriteSession
from services.kit.base.log import configure_logging
from services.kit.base.settings import ServiceSettings
from services.kit.ledger.live import LiveStream
from services.kit.ledger.queue import RedisQueue
from services.kit.web import edge
from services.kit.web.database_errors import DatabaseIsAway
from services.kit.web.idempotency import Once, once_per_key
from services.kit.web.identity import IdentityNotTrusted, check_identity

log = structlog.get_logger()

Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


async def identify(request: Request) -> Identity:
    """Who is asking, as the gateway signed it. Async, because log context that is bound in a thread would be lost."""
    token = request.headers.get(IDENTITY_HEADER)
    if token is None:
        raise IdentityNotTrusted("This call carries no internal identity.")
    settings: ServiceSettings = request.app.state.settings
    identity = check_identity(token, settings.internal_key.get_secret_value())
    structlog.contextvars.bind_contextvars(correlation_id=identity.correlation_id, partner=str(identity.partner_id))
    return identity


Who = Annotated[Identity, Depends(identify)]


def circumstances_of(request: Request, who: Identity) -> Circumstances:
    """The circumstances a request acts in."""
    database: Database = request.app.state.database
    return Circumstances(
        partner_id=who.partner_id,
        source=database.service,
        correlation_id=who.correlation_id,
        actor=Actor(id=who.actor_id, name=who.actor_name),
    )


async def _open_read_session(request: Request, who: Who) -> AsyncIterator[ReadSession]:
    async with request.app.state.database.reading(circumstances_of(request, who)) as session:
        yield session


async def _open_write_session(request: Request, who: Who) -> AsyncIterator[WriteSession]:
    async with request.app.state.database.writing(circumstances_of(request, who)) as session:
        yield session


# scope="function" commits before the answer leaves: a client that has its answer can rely on the commit,
# and a failed commit is answered as an error.
Reading = Annotated[ReadSession, Depends(_open_read_session, scope="function")]
Writing = Annotated[WriteSession, Depends(_open_write_session, scope="function")]
OncePerKey = Annotated[Once, Depends(once_per_key)]


def create_app(
    service: str,
    settings: ServiceSettings,
    routers: Sequence[APIRouter],
    *,
    title: str,
    lifespan: Lifespan | None = None,
) -> FastAPI:
    """A service's app. `app.state` holds settings, database, redis, live.

    Args:
        lifespan: opens what only this service needs, inside the shared resources' life.
    """
    configure_logging(service, settings.log_level, settings.log_format)

    @asynccontextmanager
    async def live(app: FastAPI) -> AsyncIterator[None]:
        async with AsyncExitStack() as open_until_the_end:
            queue = RedisQueue(settings.redis_url)
            open_until_the_end.push_async_callback(queue.close)
            redis = Redis.from_url(settings.redis_url)
            open_until_the_end.push_async_callback(redis.aclose)
            limits = StatementLimits(settings.statement_seconds, settings.lock_seconds)
            database = Database(settings.database_url, service, settings.db_pool_size, limits=limits)
            open_until_the_end.push_async_callback(database.close)
            app.state.database, app.state.redis, app.state.live = database, redis, LiveStream(redis)
            database.ring, database.announce = queue.ring, app.state.live.announce_all
            if lifespan is not None:
                await open_until_the_end.enter_async_context(lifespan(app))
            yield

    app = FastAPI(
        title=title,
        version="1",
        lifespan=live,
        openapi_url="/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=lambda route: route.name,
        separate_input_output_schemas=False,
    )
    app.state.settings = settings
    edge.harden(app, settings)
    for router in routers:
        app.include_router(router)
    _add_health(app)
    return app


def _add_health(app: FastAPI) -> None:
    @app.get("/healthz", include_in_schema=False)
    async def health(request: Request) -> dict[str, Any]:
        if not await request.app.state.database.is_reachable():
            raise DatabaseIsAway("The database does not answer.")
        return {"status": "ok"}
