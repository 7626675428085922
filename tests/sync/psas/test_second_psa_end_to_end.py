"""A month on another PSA than ConnectWise: load, map, plan, push, receipt, with sync and billing as they are."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.billing.handlers import HANDLERS as BILLING
from services.billing.lines import repository as lines
from services.billing.mapping import organizations, products
from services.billing.mapping.schemas import OrganizationChange, ProductChange
from services.contracts.vocabulary import ConnectedSystem, LineStatus, RunStatus
from services.kit.base.db import Circumstances, Database, system_circumstances
from services.kit.base.settings import asyncpg_url
from services.kit.ledger import bus
from services.sync.connections import service as connections
from services.sync.connections.schemas import ConnectionIn
from services.sync.loads import service as loads
from services.sync.plans.schemas import PlanSummary
from services.sync.psas import registry
from services.sync.upstreams import Upstreams
from tests.support.clock import HeldClock
from tests.support.databases import TestDatabase
from tests.sync.conftest import APPXITE, APPXITE_CONNECTION, StandIns
from tests.sync.plans.desk import Desk
from tests.sync.psas.notebook import Notebook, notebook_system
from tests.sync.psas.test_second_psa import CONNECTION, NAME

PERIOD = "2026-06"


@dataclass
class Installation(Desk):
    """A partner with the notebook for its PSA, and billing itself instead of what a test says it wants."""

    billing: Database = field(kw_only=True)

    async def _deliver(self, event_id: UUID, consumer: str) -> bool:
        if consumer == "billing":
            return await bus.handle_effect(self.billing, consumer, event_id, BILLING)
        return await super()._deliver(event_id, consumer)

    @property
    def in_billing(self) -> Circumstances:
        return system_circumstances(self.id, "billing")

    async def load(self) -> None:
        async with self.database.writing(self.circumstances) as session:
            asked = await loads.request_load(session, [PERIOD])
        await self.settle()
        assert (await self.run(asked.id)).status is RunStatus.SUCCEEDED

    async def map_everything(self) -> None:
        """As a person does: the organization is approved and gets its company, the offer its product."""
        async with self.billing.writing(self.in_billing) as session:
            change = OrganizationChange(version=1, state="approved", company_id="C-one")
            await organizations.change_organization(session, "org-a", change)
            await products.change_product(session, "offer-1", ProductChange(version=1, product_id="P-one"))
        await self.settle()

    async def statuses(self) -> list[LineStatus]:
        async with self.billing.reading(self.in_billing) as session:
            return [each.rated.status for each in await lines.find_of_period(session, PERIOD)]


def world(quantity: int = 4) -> dict[str, Any]:
    """One customer with a subscription that is charged by the fortnight."""
    seat = {
        "id": "row-1",
        "subscription_id": "sub-1",
        "offer_id": "offer-1",
        "charge_type": "CycleFee",
        "quantity": quantity,
        "unit_price": "12.50",
        "total": str(Decimal("12.50") * quantity),
        "start": "2026-06-04",
        "end": "2026-06-17",
    }
    return {
        "replace": True,
        "organizations": [{"id": "org-a", "name": "Contoso", "currency": "EUR"}],
        "offers": [{"id": "offer-1", "name": "Seats"}],
        "contracts": [{"id": "contract-1", "organization_id": "org-a", "billing_day": 4, "currency": "EUR"}],
        "subscriptions": [
            {
                "id": "sub-1",
                "organization_id": "org-a",
                "offer_id": "offer-1",
                "name": "Seats of Contoso",
                "status": "Active",
                "start": "2026-06-04",
                "end": None,
            }
        ],
        "invoices": [
            {
                "id": "inv-1",
                "number": "INV-1",
                "organization_id": "org-a",
                "currency": "EUR",
                "date": "2026-06-10",
                "status": "Verified",
                "rows": [seat],
            }
        ],
    }


@pytest.fixture
def notebook(monkeypatch: pytest.MonkeyPatch) -> Notebook:
    notebook = Notebook(price_decimals=2)
    monkeypatch.setitem(registry.PSAS, NAME, notebook_system(notebook, NAME))
    return notebook


@pytest.fixture
async def installation(
    database: TestDatabase, sync_database: Database, upstreams: Upstreams, notebook: Notebook, clock: HeldClock
) -> AsyncIterator[Installation]:
    clock.set(datetime(2026, 6, 17, 12, tzinfo=UTC))
    billing = Database(asyncpg_url(database.url("billing")), "billing")
    partner = Installation(uuid4(), sync_database, upstreams, billing=billing)
    async with sync_database.writing(partner.circumstances) as session:
        for system, given in ((ConnectedSystem.APPXITE, APPXITE_CONNECTION), (ConnectedSystem.CONNECTWISE, CONNECTION)):
            form = ConnectionIn.model_validate(given)
            await connections.save_connection(session, system, form, upstreams.sealer)
    yield partner
    await billing.close()


class TestAMonthOnAnotherPsa:
    async def test_it_is_loaded_planned_pushed_and_proven(
        self, installation: Installation, notebook: Notebook, stand_ins: StandIns
    ) -> None:
        await stand_ins.order(APPXITE, "world", **world())
        await installation.load()
        assert await installation.statuses() == [LineStatus.EXCLUDED]
        await installation.map_everything()
        assert await installation.statuses() == [LineStatus.READY]

        run = await installation.push(PERIOD)

        assert run.outcomes["created"].amounts == {"EUR": Decimal("50.00")}
        ((addition_id, values),) = notebook.pages["A-one"].items()
        # A fortnight is one cycle of this agreement, so the charge recurs and stays open.
        assert (addition_id, values.cancelled_date, values.effective_date) == ("line-1", None, date(2026, 6, 4))
        assert (values.product_id, values.quantity, values.unit_price) == ("P-one", Decimal(4), Decimal("12.50"))
        assert values.invoice_description == "SEATS OF CONTOSO - CYCLE FEE"
        receipt = await installation.receipt(run.id)
        assert (receipt.arrived, receipt.accounted_for, receipt.examined) == (True, True, 1)
        # The fortnight from 18 June is billed as well, and AppXite has not charged it yet.
        assert [(each.kind, each.amount) for each in receipt.differences] == [("not_charged_yet", Decimal("50.00"))]
        assert await installation.statuses() == [LineStatus.SENT]
        assert (await installation.plan(PERIOD)).summary == PlanSummary(none=1)

    async def test_a_changed_row_updates_its_addition(
        self, installation: Installation, notebook: Notebook, stand_ins: StandIns
    ) -> None:
        await stand_ins.order(APPXITE, "world", **world())
        await installation.load()
        await installation.map_everything()
        await installation.push(PERIOD)
        await stand_ins.order(APPXITE, "world", **world(quantity=6))
        await installation.load()

        run = await installation.push(PERIOD)

        assert run.outcomes["updated"].amounts == {"EUR": Decimal("75.00")}
        assert [values.quantity for values in notebook.pages["A-one"].values()] == [Decimal(6)]
