"""Sync with the stand-in of ConnectWise and a billing whose wishes a test writes down."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import insert

from services.contracts.envelope import Envelope, Event
from services.contracts.events.billing import AdditionsDesired, LinesSettled, MappingChanged, RulesChanged
from services.contracts.events.sync import AdditionsPushed, HandBillingNoted, PlanPrepared
from services.contracts.shapes import (
    Chunk,
    Closing,
    DesiredAddition,
    EndedAddition,
    PlanScope,
    PushedAddition,
    UnsentLine,
)
from services.contracts.vocabulary import DecisionChoice, HoldReason, LineStatus, RunKind, RunStatus, UndecidedCause
from services.kit.base.crypto import Sealer
from services.kit.base.db import Database
from services.kit.ledger import bus
from services.kit.upstream.rates import RateLimiter
from services.kit.upstream.retry import Patience
from services.sandbox.appxite.app import build_app as build_appxite
from services.sandbox.connectwise.app import build_app as build_psa
from services.sandbox.edge import AnswerLost
from services.sandbox.settings import Settings as SandboxSettings
from services.sync.loads import service as loads
from services.sync.loads.models import InvoiceRecord, InvoiceRowRecord, LoadInvoice
from services.sync.plans import repository, service
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import ExpectedAddition, PlanOut
from services.sync.psas.addition import Addition
from services.sync.receipts import service as receipts
from services.sync.receipts.schemas import ReceiptOut
from services.sync.runs import service as runs
from services.sync.runs.schemas import RunOut
from services.sync.upstreams import Upstreams
from tests.support.clock import HeldClock
from tests.sync.conftest import APPXITE, CONNECTWISE, FAST, SEALING_KEY, Partner, StandIns
from tests.sync.plans.builders import desire

PERIOD = "2026-06"
JUNE = date(2026, 6, 1)
AGREEMENT, OTHER_AGREEMENT = "1002", "1005"  # of the stand-in: nothing is on them yet
WITH_HAND_MADE = "1001"  # holds addition 70001, made by hand: 12 × 10.50 of product 601
NORMAL_PATH = "*/finance/agreements/*/additions"


def want(marker: str = "TO-A", **changes: Any) -> DesiredAddition:
    """A desired addition for an agreement that the stand-in has."""
    return desire(marker, **{"agreement_id": AGREEMENT, "effective_date": JUNE, **changes})


def leave(marker: str = "TO-U", **changes: Any) -> UnsentLine:
    """A line that stays behind."""
    wanted = want(marker)
    values: dict[str, Any] = {
        **wanted.model_dump(include={"line_id", "invoice_id", "row_id", "organization_id", "organization", "currency"}),
        "amount": Decimal("12.50"),
        "status": LineStatus.HELD,
        "reasons": [HoldReason.PRODUCT_UNMAPPED],
        **changes,
    }
    return UnsentLine(**values)


@dataclass
class Subscriptions:
    """What AppXite lists, by id, in its own spelling."""

    listed: dict[str, dict[str, Any]] = field(default_factory=dict)
    are_refused: bool = False


class LossyTransport(httpx.AsyncBaseTransport):
    """The stand-in in this process; a lost answer looks as it does on a wire."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(request)
        except AnswerLost as lost:
            raise httpx.ReadError("connection lost", request=request) from lost


class Marketplace(LossyTransport):
    """The stand-in of AppXite with the subscriptions that a test lists."""

    def __init__(self, app: Any, subscriptions: Subscriptions) -> None:
        super().__init__(app)
        self._subscriptions = subscriptions

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if not request.url.path.endswith("/subscriptions"):
            return await super().handle_async_request(request)
        if self._subscriptions.are_refused:
            return httpx.Response(500, text="try later")
        return httpx.Response(200, json=list(self._subscriptions.listed.values()))


@pytest.fixture
def subscriptions() -> Subscriptions:
    return Subscriptions()


@pytest.fixture
async def stand_ins(sandbox_settings: SandboxSettings, subscriptions: Subscriptions) -> AsyncIterator[StandIns]:
    mounts: dict[str, httpx.AsyncBaseTransport] = {
        APPXITE: Marketplace(build_appxite(sandbox_settings), subscriptions),
        CONNECTWISE: LossyTransport(build_psa(sandbox_settings)),
    }
    async with httpx.AsyncClient(mounts=mounts) as http:
        yield StandIns(http)


@pytest.fixture
def upstreams(stand_ins: StandIns) -> Upstreams:
    """A pace that goes on while the product's clock is held: a 429 has to be waited out."""
    limiter = RateLimiter(None, pace=FAST, seconds=time.monotonic)
    hasty = Patience(tries=3, base=0.001, cap=0.01, asked_to_wait=3)
    return Upstreams(stand_ins.http, Sealer(SEALING_KEY), limiter, limiter, hasty)


@dataclass
class Desk(Partner):
    """A partner whose billing wants `wanted` and leaves `unsent`, in chunks of `chunk_size`."""

    wanted: list[DesiredAddition] = field(default_factory=list)
    unsent: list[UnsentLine] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    rules: dict[UndecidedCause, DecisionChoice] = field(default_factory=dict)
    settled: list[PushedAddition] = field(default_factory=list)
    ended: list[EndedAddition] = field(default_factory=list)
    chunk_size: int = 500
    chunks_backwards: bool = False
    subscriptions: Subscriptions = field(default_factory=Subscriptions)
    is_mute: bool = False
    """Billing is asked, and does not answer."""
    interrupt: Event | None = None
    """News that comes while a plan is computed."""

    @property
    def _billing(self) -> bus.Handlers:
        async def desire_additions(session: Any, envelope: Envelope[PlanPrepared]) -> None:
            if self.interrupt is not None:
                await bus.publish(session, self.interrupt, subject="test/1")
            for fact in [] if self.is_mute else self.chunks(envelope.data.plan_id):
                await bus.publish(session, fact, subject=f"plan/{fact.plan_id}")

        async def settle_lines(session: Any, envelope: Envelope[AdditionsPushed]) -> None:
            fact = envelope.data
            self.settled += fact.additions
            self.ended += fact.ended
            await bus.publish(session, LinesSettled(run_id=fact.run_id, part=fact.part), subject="run/x")

        async def ignore(session: Any, envelope: Envelope[Any]) -> None:
            """Its own news, which billing re-rates lines for."""

        return {
            **super()._billing,
            PlanPrepared: desire_additions,
            AdditionsPushed: settle_lines,
            MappingChanged: ignore,
            RulesChanged: ignore,
            HandBillingNoted: ignore,
        }

    def chunks(self, plan_id: UUID) -> list[AdditionsDesired]:
        count = max(1, -(-len(self.wanted) // self.chunk_size))
        facts = [
            AdditionsDesired(
                plan_id=plan_id,
                chunk=Chunk(index=index, count=count),
                additions=self.wanted[index * self.chunk_size : (index + 1) * self.chunk_size],
                unsent=self.unsent if index == 0 else [],
                closings=self.closings if index == 0 else [],
                when_undecided=self.rules,
            )
            for index in range(count)
        ]
        return facts[::-1] if self.chunks_backwards else facts

    async def request(self, period: str = PERIOD, **scope: Any) -> PlanOut:
        async with self.database.writing(self.circumstances) as session:
            return await service.request_plan(session, PlanScope(period=period, **scope))

    async def plan(self, period: str = PERIOD, **scope: Any) -> PlanOut:
        """A computed plan."""
        asked = await self.request(period, **scope)
        await self.settle()
        return await self.show(asked.id)

    async def show(self, plan_id: UUID) -> PlanOut:
        async with self.database.reading(self.circumstances) as session:
            return await service.show_plan(session, plan_id)

    async def operations(self, plan_id: UUID) -> list[OperationRow]:
        async with self.database.reading(self.circumstances) as session:
            return list(await repository.list_operations(session, plan_id))

    async def apply(self, plan_id: UUID) -> RunOut:
        async with self.database.writing(self.circumstances) as session:
            return await service.apply_plan(session, plan_id)

    async def push(self, period: str = PERIOD) -> RunOut:
        """Plan, apply, and wait for the end."""
        plan = await self.plan(period)
        asked = await self.apply(plan.id)
        await self.settle()
        return await self.run(asked.id)

    async def run(self, run_id: UUID) -> RunOut:
        async with self.database.reading(self.circumstances) as session:
            return await runs.show_run(session, run_id)

    async def receipt(self, run_id: UUID) -> ReceiptOut:
        async with self.database.reading(self.circumstances) as session:
            return await receipts.show_receipt(session, run_id)

    async def any_run(self) -> UUID:
        """A run that nobody works on."""
        async with self.database.writing(self.circumstances) as session:
            return (await runs.create_run(session, RunKind.PUSH)).id

    async def end_run(self, run_id: UUID) -> None:
        async with self.database.writing(self.circumstances) as session:
            await runs.finish_run(session, run_id, RunStatus.FAILED, "It was ended.")

    async def wait_for(self, is_so: Callable[[], bool], seconds: float = 20) -> None:
        """Wait until something is so that happens in this process."""
        async with asyncio.timeout(seconds):
            while not is_so():
                await asyncio.sleep(0.02)

    async def additions(self, agreement_id: str = AGREEMENT) -> list[Addition]:
        """What ConnectWise holds."""
        async with self.database.reading(self.circumstances) as session:
            psa = await self.upstreams.open_psa(session)
        return (await psa.list_additions(agreement_id)).additions

    async def tell(self, fact: Event) -> None:
        """A fact of billing's, delivered."""
        async with self.database.writing(self.circumstances) as session:
            await bus.publish(session, fact, subject="test/1")
        await self.settle()

    async def say_complete(self, period: str, *, is_complete: bool = True) -> None:
        """A person says that every invoice of a month has come."""
        async with self.database.writing(self.circumstances) as session:
            await loads.set_completeness(session, period, is_complete=is_complete)
        await self.settle()

    async def expected(self, plan_id: UUID) -> list[ExpectedAddition]:
        """What the plan says is still to be charged."""
        async with self.database.reading(self.circumstances) as session:
            found = await repository.list_expected(session, plan_id)
        return [ExpectedAddition.model_validate(each) for each in found]

    async def charge(
        self,
        *rows: tuple[DesiredAddition | UnsentLine, Decimal],
        period: str = PERIOD,
        charge_type: str = "CycleFee",
        status: str = "Verified",
    ) -> None:
        """Invoice rows as a load keeps them: what AppXite says these lines charge."""
        run_id = uuid4()
        invoices = sorted({line.invoice_id for line, _ in rows})
        async with self.database.writing(self.circumstances) as session:
            for invoice_id in invoices:
                await session.execute(insert(LoadInvoice), [self._invoice(run_id, invoice_id, period, status)])
                await session.execute(insert(InvoiceRecord), [self._record(run_id, invoice_id, period)])
            await session.execute(
                insert(InvoiceRowRecord),
                [
                    {**self._row(run_id, ordinal, line, total), "charge_type": charge_type}
                    for ordinal, (line, total) in enumerate(rows)
                ],
            )

    def _invoice(self, run_id: UUID, invoice_id: str, period: str, status: str = "Verified") -> dict[str, Any]:
        return {
            "run_id": run_id,
            "partner_id": self.id,
            "invoice_id": invoice_id,
            "number": f"N-{invoice_id}",
            "invoice_date": date.fromisoformat(f"{period}-01"),
            "period": period,
            "currency": "EUR",
            "status": status,
            "is_sendable": status == "Verified",
            "organization": "Contoso",
            "state": "accepted" if status == "Verified" else "preview",
            "raw": "{}",
        }

    def _record(self, run_id: UUID, invoice_id: str, period: str) -> dict[str, Any]:
        return {
            "partner_id": self.id,
            "invoice_id": invoice_id,
            "period": period,
            "latest_run_id": run_id,
            "latest_state": "accepted",
            "valid_run_id": run_id,
        }

    def _row(self, run_id: UUID, ordinal: int, line: DesiredAddition | UnsentLine, total: Decimal) -> dict[str, Any]:
        return {
            "run_id": run_id,
            "ordinal": ordinal,
            "partner_id": self.id,
            "invoice_id": line.invoice_id,
            "row_id": line.row_id,
            "organization_id": line.organization_id,
            "organization_name": line.organization,
            "offer_id": "offer",
            "offer_name": "M365",
            "subscription_id": line.subscription_id,
            "subscription_name": "M365",
            "quantity": Decimal(1),
            "unit_price": total,
            "total": total,
            "is_custom": False,
            "raw": "{}",
        }


@pytest.fixture
async def desk(sync_database: Database, upstreams: Upstreams, clock: HeldClock, subscriptions: Subscriptions) -> Desk:
    """Connected, in the middle of June 2026."""
    clock.set(datetime(2026, 6, 17, 12, tzinfo=UTC))
    partner = Desk(uuid4(), sync_database, upstreams, subscriptions=subscriptions)
    await partner.connect()
    return partner
