"""One service's sessions on a real database, a handler that leaves a trace, and what the ledger says."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID, uuid4

import asyncpg
import pytest
import structlog
from structlog.testing import LogCapture

from services.contracts.envelope import Actor, Envelope
from services.contracts.events.sync import InvoiceQuarantined, RowsLoaded
from services.contracts.identity import Identity
from services.contracts.vocabulary import Role
from services.kit.base.db import Circumstances, Database, WriteSession
from services.kit.base.settings import asyncpg_url
from services.kit.ledger import worker
from services.kit.ledger.bus import publish
from services.kit.ledger.jobs import Job, order
from services.kit.ledger.models import IdempotencyRow
from services.kit.ledger.queue import MemoryQueue
from services.kit.web import app
from tests.support.databases import TestDatabase

PERSON = Actor(id="u1", name="Ann")


async def until(is_so: Callable[[], bool | Awaitable[bool]], seconds: float = 20) -> None:
    """Ask until it is so; TimeoutError when it never is."""
    async with asyncio.timeout(seconds):
        while True:
            answer = is_so()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.01)


def in_the_name_of(partner: UUID, source: str = "sync") -> Circumstances:
    return Circumstances(partner_id=partner, source=source, correlation_id="c-1", actor=PERSON)


def rows_loaded(part: int = 0) -> RowsLoaded:
    """Goes to `billing` and `audit`, which make effects."""
    return RowsLoaded(run_id=uuid4(), part=part, period="2026-03", invoices=[], rows=[])


def invoice_quarantined() -> InvoiceQuarantined:
    """Goes to `audit` alone, and is short."""
    return InvoiceQuarantined(run_id=uuid4(), invoice_id="i-1", number="N-1", period="2026-03", reason="no rows")


RUNS = "sync.runs"


class Errand(Job):
    """Long work, such as a service orders of itself."""

    name: ClassVar[str] = "test.errand"
    what: str = "bread"


async def leave_trace(session: WriteSession, key: str) -> None:
    """An effect that can be counted: one row of its own, refused the second time."""
    partner = session.circumstances.partner_id
    session.add(IdempotencyRow(partner_id=partner, service="trace", key=key, request_digest=b"", answer=""))
    await session.flush()


async def trace_event(session: WriteSession, envelope: Envelope[Any]) -> None:
    await leave_trace(session, str(envelope.id))


@pytest.fixture
def partner() -> UUID:
    return uuid4()


OpenDatabase = Callable[..., Database]


@pytest.fixture
async def open_database(database: TestDatabase) -> AsyncIterator[OpenDatabase]:
    """`open_database("billing")`: a service's pool, closed after the test."""
    opened: list[Database] = []

    def open_one(service: str = "sync", **options: Any) -> Database:
        one = Database(asyncpg_url(database.url(service)), service, **options)
        opened.append(one)
        return one

    yield open_one
    for one in opened:
        await one.close()


@pytest.fixture
def sync_db(open_database: OpenDatabase) -> Database:
    return open_database("sync")


@pytest.fixture
def billing_db(open_database: OpenDatabase) -> Database:
    return open_database("billing")


@pytest.fixture
def bells(sync_db: Database, billing_db: Database) -> MemoryQueue:
    """What both services rang."""
    memory = MemoryQueue()
    sync_db.ring = billing_db.ring = memory.ring
    return memory


@dataclass(frozen=True)
class Ledger:
    """The owner's view of the ledger, past every wall."""

    connection: "asyncpg.Connection[asyncpg.Record]"

    async def delivery(self, event_id: UUID, consumer: str = "billing") -> "asyncpg.Record":
        query = "SELECT *, clock_timestamp() AS asked_at FROM bus.delivery WHERE event_id = $1 AND consumer = $2"
        row = await self.connection.fetchrow(query, event_id, consumer)
        assert row is not None
        return row

    async def job(self, job_id: UUID) -> "asyncpg.Record":
        row = await self.connection.fetchrow(
            "SELECT *, clock_timestamp() AS asked_at FROM bus.job WHERE id = $1", job_id
        )
        assert row is not None
        return row

    async def change_job(self, job_id: UUID, assignment: str) -> None:
        await self.connection.execute(f"UPDATE bus.job SET {assignment} WHERE id = $1", job_id)  # noqa: S608 - a test's own words

    async def change(self, event_id: UUID, assignment: str) -> None:
        await self.connection.execute(f"UPDATE bus.delivery SET {assignment} WHERE event_id = $1", event_id)  # noqa: S608 - a test's own words

    async def traces(self) -> list[str]:
        query = "SELECT key FROM bus.idempotency WHERE service = 'trace' ORDER BY key"
        return [row["key"] for row in await self.connection.fetch(query)]


@pytest.fixture
async def ledger(database: TestDatabase) -> AsyncIterator[Ledger]:
    connection = await asyncpg.connect(database.url())
    yield Ledger(connection)
    await connection.close()


Publish = Callable[..., Awaitable[UUID]]


@pytest.fixture
def publish_rows(sync_db: Database, partner: UUID) -> Publish:
    """Publish and commit a RowsLoaded; its id."""

    async def publish_one() -> UUID:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            return await publish(session, rows_loaded(), "run/1")

    return publish_one


@pytest.fixture
def publish_quarantine(sync_db: Database, partner: UUID) -> Publish:
    """Publish and commit an InvoiceQuarantined; its id."""

    async def publish_one() -> UUID:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            return await publish(session, invoice_quarantined(), "invoice/i-1")

    return publish_one


@pytest.fixture
def order_work(sync_db: Database, partner: UUID) -> Publish:
    """Order and commit an Errand; its id."""

    async def order_one() -> UUID:
        async with sync_db.writing(in_the_name_of(partner)) as session:
            return await order(session, RUNS, Errand(), "run/1")

    return order_one


@pytest.fixture
def logged() -> Any:
    """What is logged meanwhile, as event dicts with their contexts."""
    capture = LogCapture()
    before = structlog.get_config()
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, capture])
    yield capture.entries
    structlog.configure(**before)


@pytest.fixture
def quiet_logging(monkeypatch: pytest.MonkeyPatch) -> None:
    """Apps and workers leave the logging of this test run alone."""
    for module in (app, worker):
        monkeypatch.setattr(module, "configure_logging", lambda *_: None)


@pytest.fixture
def who(partner: UUID) -> Identity:
    roles = frozenset({Role.FINANCE})
    return Identity(partner_id=partner, actor_id="u1", actor_name="Ann", roles=roles, correlation_id="c-1")
