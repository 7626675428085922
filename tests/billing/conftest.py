"""Billing on a real database: facts go in through the ledger, facts and lines come out."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID, uuid4

import asyncpg
import httpx
import pytest
from pydantic import SecretStr

from services.billing.handlers import HANDLERS
from services.billing.lines import repository
from services.billing.lines.stored import StoredLine
from services.billing.main import create
from services.billing.settings import BillingSettings
from services.contracts.envelope import Actor, Event
from services.contracts.identity import IDENTITY_HEADER, Identity
from services.contracts.vocabulary import Role
from services.kit.base.db import Circumstances, Database
from services.kit.base.settings import asyncpg_url
from services.kit.ledger.bus import handle_effect, publish
from services.kit.web.identity import sign_identity
from tests.support.databases import TestDatabase

KEY = "k" * 40
ANN = Actor(id="u1", name="Ann")
EventT = TypeVar("EventT", bound=Event)


@dataclass(frozen=True)
class Billing:
    """One partner's billing, as its worker and its neighbours see it."""

    database: Database
    partner: UUID
    owner: "asyncpg.Connection[asyncpg.Record]"
    """Past every wall."""

    def circumstances(self) -> Circumstances:
        return Circumstances(partner_id=self.partner, source="sync", correlation_id="c-1", actor=ANN)

    async def hears(self, *facts: Event) -> None:
        """Publish facts and handle each as the worker does."""
        for fact in facts:
            async with self.database.writing(self.circumstances()) as session:
                event_id = await publish(session, fact, "test")
            handled = await handle_effect(self.database, "billing", event_id, HANDLERS)
            assert handled, await self.owner.fetchval(
                "SELECT last_error FROM bus.delivery WHERE event_id = $1 AND consumer = 'billing'", event_id
            )

    async def catches_up(self) -> None:
        """Handle what billing has told itself."""
        due = "SELECT event_id FROM bus.delivery WHERE consumer = 'billing' AND handled_at IS NULL ORDER BY event_id"
        for row in await self.owner.fetch(due):
            assert await handle_effect(self.database, "billing", row["event_id"], HANDLERS)

    async def told(self, kind: type[EventT]) -> list[EventT]:
        """Every fact of a type, oldest first."""
        rows = await self.owner.fetch("SELECT data FROM bus.event WHERE type = $1 ORDER BY sequence", kind.type)
        return [kind.model_validate_json(row["data"]) for row in rows]

    async def lines(self) -> list[StoredLine]:
        """Every line of the partner, in the order of row ids."""
        async with self.database.reading(self.circumstances()) as session:
            periods = await self.owner.fetch("SELECT DISTINCT period FROM billing.line ORDER BY period")
            found: list[StoredLine] = []
            for row in periods:
                found += await repository.find_of_period(session, row["period"])
        return sorted(found, key=lambda each: (each.line.period, each.line.row_id))

    async def line(self) -> StoredLine:
        """The only line."""
        (line,) = await self.lines()
        return line


@pytest.fixture
def partner() -> UUID:
    return uuid4()


@pytest.fixture
async def billing(database: TestDatabase, partner: UUID) -> AsyncIterator[Billing]:
    pool = Database(asyncpg_url(database.url("billing")), "billing")
    owner = await asyncpg.connect(database.url())
    yield Billing(pool, partner, owner)
    await owner.close()
    await pool.close()


@dataclass(frozen=True)
class Client:
    """A person of the partner, calling billing's API through an identity that the gateway signed."""

    http: httpx.AsyncClient
    partner: UUID

    async def __call__(self, method: str, path: str, status: int = 200, **options: Any) -> Any:
        identity = Identity(
            partner_id=self.partner,
            actor_id=ANN.id,
            actor_name=ANN.name,
            roles=frozenset({Role.FINANCE}),
            correlation_id="c-2",
        )
        headers = {IDENTITY_HEADER: sign_identity(identity, KEY), **options.pop("headers", {})}
        answer = await self.http.request(method, f"/api/v1{path}", headers=headers, **options)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def get(self, path: str, **query: Any) -> Any:
        return await self("GET", path, params=query)

    async def pages(self, path: str, **query: Any) -> list[Sequence[Any]]:
        """Every page of a list."""
        found, cursor = [], None
        while True:
            page = await self.get(path, **query, **({"cursor": cursor} if cursor else {}))
            found.append(page["items"])
            cursor = page["next_cursor"]
            if cursor is None:
                return found


@pytest.fixture
async def api(database: TestDatabase, redis_url: str, partner: UUID) -> AsyncIterator[Client]:
    settings = BillingSettings(database_url=database.url("billing"), redis_url=redis_url, internal_key=SecretStr(KEY))
    app = create(settings)
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://billing") as http,
    ):
        yield Client(http, partner)
