"""Sync with both stand-ins in process: its app, its jobs, and a billing that acknowledges what it is told."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, or_, select, update

from services.contracts.envelope import Envelope, Event
from services.contracts.events.billing import LinesRated, MirrorTaken
from services.contracts.events.sync import MirrorRefreshed, PsaDescribed, RowsLoaded
from services.contracts.identity import IDENTITY_HEADER, Identity
from services.contracts.shapes import Tally
from services.contracts.vocabulary import ConnectedSystem, Role
from services.kit.base import tenancy
from services.kit.base.crypto import Sealer
from services.kit.base.db import Circumstances, Database, system_circumstances
from services.kit.ledger import bus, work
from services.kit.ledger.models import DeliveryRow, EventRow, JobRow
from services.kit.upstream.rates import Pace, RateLimiter
from services.kit.upstream.retry import Patience
from services.kit.web.identity import sign_identity
from services.sandbox import credentials
from services.sandbox.appxite.app import build_app as build_appxite
from services.sandbox.connectwise.app import build_app as build_psa
from services.sandbox.settings import Settings as SandboxSettings
from services.sync.connections import service as connections
from services.sync.connections.schemas import ConnectionIn
from services.sync.handlers import HANDLERS
from services.sync.main import create
from services.sync.runs import repository as run_tables
from services.sync.runs.jobs import RUNS_QUEUE
from services.sync.runs.schemas import RunOut
from services.sync.runs.service import describe
from services.sync.settings import SyncSettings, UpstreamSettings
from services.sync.upstreams import Upstreams
from services.sync.workflows import JOBS
from tests.support.databases import TestDatabase

TODAY = date(2026, 6, 17)
APPXITE = "http://127.0.0.1:8091"
CONNECTWISE = "http://127.0.0.1:8092"
KEY = "an internal key of at least thirty-two characters"
SEALING_KEY = Fernet.generate_key().decode()
FAST = Pace(per_minute=600_000, fastest=600_000, burst=10_000, in_flight=16)

APPXITE_CONNECTION: dict[str, Any] = {
    "address": APPXITE,
    "profile": "reporting-current",
    "settings": {"seller_id": credentials.APPXITE_REQUESTER_ID},
    "secrets": {"key": credentials.APPXITE_KEY},
}
CONNECTWISE_CONNECTION: dict[str, Any] = {
    "address": CONNECTWISE,
    "settings": {"company_id": credentials.CONNECTWISE_COMPANY_ID},
    "secrets": {
        "public_key": credentials.CONNECTWISE_PUBLIC_KEY,
        "private_key": credentials.CONNECTWISE_PRIVATE_KEY,
        "client_id": credentials.CONNECTWISE_CLIENT_ID,
    },
}


@dataclass
class StandIns:
    """Both upstreams in this process; `order` asks their control APIs for trouble."""

    http: httpx.AsyncClient

    async def order(self, address: str, name: str, **body: Any) -> Any:
        answer = await self.http.post(f"{address}/_sandbox/{name}", json=body)
        assert answer.is_success, answer.text
        return answer.json()

    async def state(self, address: str) -> Any:
        return (await self.http.get(f"{address}/_sandbox/state")).json()


@pytest.fixture
def sandbox_settings(tmp_path: Path) -> SandboxSettings:
    return SandboxSettings(dir=tmp_path, today=TODAY, lines=100)


@pytest.fixture
async def stand_ins(sandbox_settings: SandboxSettings) -> AsyncIterator[StandIns]:
    mounts: dict[str, httpx.AsyncBaseTransport] = {
        APPXITE: httpx.ASGITransport(build_appxite(sandbox_settings)),
        CONNECTWISE: httpx.ASGITransport(build_psa(sandbox_settings)),
    }
    async with httpx.AsyncClient(mounts=mounts) as http:
        yield StandIns(http)


@pytest.fixture
def sync_settings(database: TestDatabase, redis_url: str) -> SyncSettings:
    return SyncSettings.model_validate(
        {
            "database_url": database.url("sync"),
            "redis_url": redis_url,
            "internal_key": KEY,
            "sealing_keys": SEALING_KEY,
            "log_level": "WARNING",
        }
    )


@pytest.fixture
async def sync_database(sync_settings: SyncSettings) -> AsyncIterator[Database]:
    database = Database(sync_settings.database_url, "sync")
    yield database
    await database.close()


def open_stand_ins(stand_ins: StandIns, settings: UpstreamSettings | None = None) -> Upstreams:
    limiter = RateLimiter(None, pace=FAST, seconds=time.monotonic)  # tests hold the clock
    hasty = Patience(tries=3, base=0.001, cap=0.01, asked_to_wait=3)
    return Upstreams(stand_ins.http, Sealer(SEALING_KEY), limiter, limiter, hasty, settings=settings)


@pytest.fixture
def upstreams(stand_ins: StandIns) -> Upstreams:
    return open_stand_ins(stand_ins)


@dataclass
class Partner:
    """One tenant with everything a test does in its name."""

    id: UUID
    database: Database
    upstreams: Upstreams
    told: list[Event] = field(default_factory=list)
    """What billing was told and acknowledged, in order."""

    @property
    def circumstances(self) -> Circumstances:
        return system_circumstances(self.id, "sync")

    async def connect(self, connectwise: str = CONNECTWISE, **changes: Any) -> None:
        """Save the credentials of both stand-ins; `changes` are of AppXite's connection."""
        async with self.database.writing(self.circumstances) as session:
            for system, given in (
                (ConnectedSystem.APPXITE, {**APPXITE_CONNECTION, **changes}),
                (ConnectedSystem.CONNECTWISE, {**CONNECTWISE_CONNECTION, "address": connectwise}),
            ):
                form = ConnectionIn.model_validate(given)
                await connections.save_connection(session, system, form, self.upstreams.sealer)

    async def envelopes(self, kind: type[Event] = Event) -> list[Envelope[Any]]:
        """Every event of one kind in the ledger, in order."""
        async with self.database.relaying() as session:
            deliveries = await session.scalars(select(DeliveryRow.event_id).distinct())
            await tenancy.name_partner(session, self.id)
            found = [await bus.load_envelope(session, event_id) for event_id in deliveries]
        found.sort(key=lambda envelope: envelope.sequence)
        return [envelope for envelope in found if isinstance(envelope.data, kind)]

    async def facts(self, kind: type[Event]) -> list[Any]:
        return [envelope.data for envelope in await self.envelopes(kind)]

    async def count(self, kind: type[Event]) -> int:
        """How many events of one kind are in the ledger."""
        async with self.database.reading(self.circumstances) as session:
            query = select(func.count()).select_from(EventRow).where(EventRow.type == kind.type)
            return (await session.scalars(query)).one()

    async def settle(self, *, retry: bool = False) -> None:
        """Let sync's jobs and effects run, and billing acknowledge, until nothing is due.

        With `retry`, a delivery may fail and is tried once more by the next call, as after a restart.
        """
        tried: set[tuple[UUID, str]] = set()
        while due := await self._due() - tried:
            for task_id, consumer in sorted(due):
                done = await self._deliver(task_id, consumer)
                assert done or retry, await self._last_error(task_id)
                tried.add((task_id, consumer))

    async def run_jobs(self) -> None:
        """Let the jobs that are due run once; nobody acknowledges."""
        for task_id, consumer in sorted(await self._due()):
            if consumer == RUNS_QUEUE:
                await self._deliver(task_id, consumer)

    async def let_time_pass(self) -> None:
        """Let what was ordered for later run now; the clock is the test's to move."""
        async with self.database.relaying() as session:
            await session.execute(update(JobRow).values(next_attempt_at=func.now()))
        await self.settle()

    async def runs(self) -> dict[UUID, RunOut]:
        async with self.database.reading(self.circumstances) as session:
            rows = await run_tables.list_runs(session, kind=None, status=None, before=None, limit=100)
            return {row.id: describe(row) for row in rows}

    async def acknowledge(self) -> None:
        """Let billing take in what it was told so far, while a real worker does the rest."""
        for event_id, consumer in sorted(await self._due()):
            if consumer == "billing":
                await self._deliver(event_id, consumer)

    async def _due(self) -> set[tuple[UUID, str]]:
        async with self.database.relaying() as session:
            deliveries = select(DeliveryRow.event_id, DeliveryRow.consumer).where(
                DeliveryRow.handled_at.is_(None), DeliveryRow.consumer != "audit"
            )
            # What was ordered for later is for a test that lets time pass; what failed is tried without a pause.
            is_now = or_(JobRow.next_attempt_at < func.now() + timedelta(minutes=1), JobRow.attempts > 0)
            jobs = select(JobRow.id, JobRow.consumer).where(JobRow.handled_at.is_(None), is_now)
            found = [*await session.execute(deliveries), *await session.execute(jobs)]
            return {(task_id, consumer) for task_id, consumer in found}

    async def _deliver(self, task_id: UUID, consumer: str) -> bool:
        if consumer == RUNS_QUEUE:
            return await work.handle_work(self.database, consumer, task_id, JOBS, self.upstreams)
        handlers = HANDLERS if consumer == "sync" else self._billing
        return await bus.handle_effect(self.database, consumer, task_id, handlers)

    async def _last_error(self, task_id: UUID) -> str:
        async with self.database.relaying() as session:
            for query in (
                select(DeliveryRow.last_error).where(DeliveryRow.event_id == task_id),
                select(JobRow.last_error).where(JobRow.id == task_id),
            ):
                if found := "; ".join(filter(None, await session.scalars(query))):
                    return found
        return ""

    @property
    def _billing(self) -> bus.Handlers:
        async def take_mirror(session: Any, envelope: Envelope[MirrorRefreshed]) -> None:
            fact = envelope.data
            self.told.append(fact)
            taken = MirrorTaken(
                run_id=fact.run_id, part=fact.part, kind=fact.kind, created=len(fact.records), updated=0
            )
            await bus.publish(session, taken, subject="mirror/x")

        async def take_rows(session: Any, envelope: Envelope[RowsLoaded]) -> None:
            fact = envelope.data
            self.told.append(fact)
            amounts: dict[str, Any] = {}
            currencies = {invoice.invoice_id: invoice.currency for invoice in fact.invoices}
            for row in fact.rows:
                currency = currencies[row.invoice_id]
                amounts[currency] = amounts.get(currency, 0) + row.total
            outcomes = {"held": Tally(count=len(fact.rows), amounts=amounts)}
            rated = LinesRated(run_id=fact.run_id, part=fact.part, period=fact.period, outcomes=outcomes)
            await bus.publish(session, rated, subject="period/x")

        async def keep_traits(_session: Any, envelope: Envelope[PsaDescribed]) -> None:
            self.told.append(envelope.data)

        return {MirrorRefreshed: take_mirror, RowsLoaded: take_rows, PsaDescribed: keep_traits}


@pytest.fixture
def partner(sync_database: Database, upstreams: Upstreams) -> Partner:
    return Partner(uuid4(), sync_database, upstreams)


@pytest.fixture
async def api(
    sync_settings: SyncSettings, upstreams: Upstreams, partner: Partner
) -> AsyncIterator[Callable[..., httpx.AsyncClient]]:
    """`api()` calls sync as the partner's owner, `api(other_id)` as another partner's."""
    app = create(sync_settings)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        app.state.upstreams = upstreams
        transport = httpx.ASGITransport(app)

        def client(partner_id: UUID = partner.id) -> httpx.AsyncClient:
            who = Identity(
                partner_id=partner_id,
                actor_id="user-1",
                actor_name="Ada Finance",
                roles=frozenset({Role.OWNER}),
                correlation_id="test",
            )
            headers = {IDENTITY_HEADER: sign_identity(who, KEY)}
            return httpx.AsyncClient(transport=transport, base_url="http://sync", headers=headers)

        yield client
