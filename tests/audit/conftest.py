"""Audit's database, events as their producers publish them, and its API as the gateway calls it."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from sqlalchemy import select

from services.audit.handlers.on_every_event import record_event
from services.audit.main import create
from services.audit.settings import AuditSettings
from services.contracts.envelope import Actor, Envelope, Event
from services.contracts.identity import IDENTITY_HEADER, Identity
from services.contracts.vocabulary import Role
from services.kit.base.db import Circumstances, Database
from services.kit.base.ids import new_id
from services.kit.base.settings import asyncpg_url
from services.kit.ledger import bus
from services.kit.ledger.models import EventRow
from services.kit.web.identity import sign_identity
from tests.support.databases import TestDatabase

KEY = "a key that only this test run knows"
ANNA = Actor(id="user/1", name="Anna")


class Desk:
    """Publishes facts as sync would, has audit handle them, and looks at what it kept."""

    def __init__(self, tested: TestDatabase, producer: Database, audit: Database) -> None:
        self.tested = tested
        self.producer = producer
        self.audit = audit
        self.partner_id = new_id()

    async def publish(
        self, fact: Event, subject: str = "thing/1", actor: Actor = ANNA, partner_id: UUID | None = None
    ) -> UUID:
        circumstances = Circumstances(partner_id or self.partner_id, "sync", "corr-1", actor)
        async with self.producer.writing(circumstances) as session:
            return await bus.publish(session, fact, subject)

    async def handle(self, event_id: UUID) -> bool:
        return await bus.handle_effect(self.audit, "audit", event_id, record_event)

    async def record(
        self, fact: Event, subject: str = "thing/1", actor: Actor = ANNA, partner_id: UUID | None = None
    ) -> UUID:
        event_id = await self.publish(fact, subject, actor, partner_id)
        assert await self.handle(event_id)
        return event_id

    async def facts(self) -> list[Envelope[Any]]:
        """Everything the partner's ledger holds, in order."""
        circumstances = Circumstances(self.partner_id, "audit", "corr-1")
        async with self.audit.reading(circumstances) as session:
            ids = (await session.scalars(select(EventRow.id).order_by(EventRow.sequence))).all()
            return [await bus.load_envelope(session, event_id) for event_id in ids]

    async def meddle(self, *statements: str) -> None:
        """What somebody with the whole database in hand can do: past walls, grants and triggers."""
        connection = await asyncpg.connect(self.tested.url())
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")
            for statement in statements:
                await connection.execute(statement)
        await connection.close()

    async def read(self, query: str) -> Any:
        """The one value of a query, past every wall."""
        connection = await asyncpg.connect(self.tested.url())
        found = await connection.fetchval(query)
        await connection.close()
        return found

    async def count(self, table: str) -> Any:
        return await self.read(f"SELECT count(*) FROM {table}")  # noqa: S608 - a test's own constant


@pytest.fixture
async def desk(database: TestDatabase) -> AsyncIterator[Desk]:
    producer = Database(asyncpg_url(database.url("sync")), "sync", pool_size=2)
    audit = Database(asyncpg_url(database.url("audit")), "audit", pool_size=8)
    yield Desk(database, producer, audit)
    await producer.close()
    await audit.close()


@pytest.fixture
async def client(desk: Desk, redis_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Audit's API, asked in the name of the desk's partner."""
    told = {"database_url": desk.tested.url("audit"), "redis_url": redis_url, "internal_key": KEY}
    app = create(AuditSettings.model_validate(told))
    identity = Identity(
        partner_id=desk.partner_id,
        actor_id="user/1",
        actor_name="Anna",
        roles=frozenset({Role.AUDITOR}),
        correlation_id="asked",
    )
    headers = {IDENTITY_HEADER: sign_identity(identity, KEY)}
    async with app.router.lifespan_context(app):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://audit", headers=headers) as client:
            yield client
