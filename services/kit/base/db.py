"""Sessions: one transaction per request or job, committed at the edge and nowhere else.

`ReadSession` and `WriteSession` are different types, so a signature says whether a call can change
anything; a read session is READ ONLY in the database too. What a write session published rings the
consumers' queues after its commit, never before.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
import structlog
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase

from services.contracts.envelope import SYSTEM_ACTOR, Actor
from services.kit.base import tenancy
from services.kit.base.ids import new_id

log = structlog.get_logger()

POOL_SECONDS = 10  # a request that finds no connection for so long is refused: 503, not a longer queue
HEALTH_SECONDS = 2
_SERVER_SETTINGS = {
    "timezone": "UTC",
    # A host that vanished without closing its connections frees its row locks within a minute, not after two hours.
    "tcp_keepalives_idle": "30",
    "tcp_keepalives_interval": "10",
    "tcp_keepalives_count": "3",
}


@dataclass(frozen=True, slots=True)
class StatementLimits:
    """How long PostgreSQL lets one statement run, and wait for a lock, before it ends it with an error. Seconds.

    Args:
        idle: how long a transaction may wait for its next statement. A process that was frozen in one loses its
            connection then, and with it the row locks that everybody else waits for.
    """

    statement: float
    lock: float
    idle: float = 300

    def as_server_settings(self) -> dict[str, str]:
        return {
            "statement_timeout": f"{self.statement * 1000:.0f}ms",
            "lock_timeout": f"{self.lock * 1000:.0f}ms",
            "idle_in_transaction_session_timeout": f"{self.idle * 1000:.0f}ms",
        }


class Base(DeclarativeBase):
    """The declarative base of every service; each model names its schema in `__table_args__`."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """In whose name a transaction acts, and what made it happen."""

    partner_id: UUID
    source: str
    correlation_id: str
    actor: Actor = SYSTEM_ACTOR
    causation_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Bell:
    """A consumer to ring about an event or a job, once it is committed."""

    consumer: str
    task_id: UUID


@dataclass(frozen=True, slots=True)
class Announcement:
    """Something people may like to see at once, once it is committed; see `kit.ledger.live`."""

    partner_id: UUID
    kind: str
    payload: BaseModel


class ReadSession(AsyncSession):
    """A session that cannot write."""

    circumstances: Circumstances


class WriteSession(ReadSession):
    """A session whose transaction commits when its edge closes it without an error."""

    bells: list[Bell]
    announcements: list[Announcement]


async def _ring_nobody(_bells: Sequence[Bell]) -> None:
    """Stand-in where no queue is attached: the sweep rings later."""


async def _announce_to_nobody(_announcements: Sequence[Announcement]) -> None:
    """Stand-in where no live stream is attached: people poll."""


class Database:
    """One service's connection pool.

    Args:
        url: `postgresql+asyncpg://…` with the service's own role.
        service: name that events and connections carry.
        pool_size: connections held open.
        overflow: connections opened beyond that while they are needed; as many again by default.
        limits: without them a statement may run for ever, as a command line's may.
    """

    def __init__(
        self,
        url: str,
        service: str,
        pool_size: int = 5,
        overflow: int | None = None,
        limits: StatementLimits | None = None,
    ) -> None:
        self.service = service
        self.ring: Callable[[Sequence[Bell]], Awaitable[None]] = _ring_nobody
        self.announce: Callable[[Sequence[Announcement]], Awaitable[None]] = _announce_to_nobody
        self._engine = create_async_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size if overflow is None else overflow,
            pool_timeout=POOL_SECONDS,
            pool_pre_ping=True,  # a restarted database costs one retry, not one failed request
            hide_parameters=True,  # an error's text goes into the log and the ledger; values may be secrets
            json_serializer=lambda value: orjson.dumps(value, default=str).decode(),
            json_deserializer=orjson.loads,
            connect_args={
                "server_settings": {
                    "application_name": f"tieout-{service}",
                    **_SERVER_SETTINGS,
                    **(limits.as_server_settings() if limits else {}),
                }
            },
        )

    @asynccontextmanager
    async def reading(self, circumstances: Circumstances) -> AsyncIterator[ReadSession]:
        """A read-only transaction bound to one partner."""
        async with ReadSession(self._engine, expire_on_commit=False) as session:
            await session.connection(execution_options={"postgresql_readonly": True})
            await tenancy.name_partner(session, circumstances.partner_id)
            session.circumstances = circumstances
            yield session

    @asynccontextmanager
    async def writing(self, circumstances: Circumstances) -> AsyncIterator[WriteSession]:
        """A transaction bound to one partner; commits on a clean exit, then rings."""
        async with self._transaction() as session:
            await tenancy.name_partner(session, circumstances.partner_id)
            session.circumstances = circumstances
            yield session

    @asynccontextmanager
    async def relaying(self) -> AsyncIterator[WriteSession]:
        """A transaction over the deliveries and jobs of all partners, for the ledger only."""
        async with self._transaction() as session:
            await tenancy.name_relay(session)
            yield session

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[WriteSession]:
        async with WriteSession(self._engine, expire_on_commit=False) as session:
            session.bells, session.announcements = [], []
            yield session
            await session.commit()
        if session.bells:
            await self.ring(session.bells)
        if session.announcements:
            await self.announce(session.announcements)

    async def is_reachable(self) -> bool:
        """Whether a statement goes through; for health checks."""
        try:
            async with asyncio.timeout(HEALTH_SECONDS), self._engine.connect() as connection:
                await connection.exec_driver_sql("SELECT 1")
        except (SQLAlchemyError, OSError, TimeoutError) as error:
            log.warning("database does not answer", error=f"{type(error).__name__}: {error}")
            return False
        return True

    async def close(self) -> None:
        await self._engine.dispose()


def act_for(session: WriteSession, circumstances: Circumstances) -> None:
    """Set in whose circumstances the rest of a transaction acts."""
    session.circumstances = circumstances


def system_circumstances(partner_id: UUID, source: str) -> Circumstances:
    """Circumstances of something nobody asked for: a schedule, a sweep, a command line."""
    return Circumstances(partner_id=partner_id, source=source, correlation_id=str(new_id()))


async def driver_of(session: ReadSession) -> Any:
    """The driver's own connection under a session's transaction, for statements about thousands of rows at once."""
    raw = await (await session.connection()).get_raw_connection()
    if raw.driver_connection is None:
        raise RuntimeError("the session has no open connection")
    return raw.driver_connection


async def copy_rows(
    session: WriteSession, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], schema: str | None = None
) -> None:
    """Stream rows into a table with COPY, inside the session's transaction.

    Row-level security refuses COPY into a walled table for ordinary roles, so this fills temporary
    tables, from which an INSERT … SELECT carries the rows over.
    """
    driver = await driver_of(session)
    await driver.copy_records_to_table(table, columns=list(columns), records=rows, schema_name=schema)
