"""Sync and billing as they are, in one process, with a real database and both stand-ins: one partner's installation."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

import httpx
from sqlalchemy import select

from services.billing.billing_rules import service as billing_rules
from services.billing.billing_rules.schemas import RulesChange
from services.billing.handlers import HANDLERS as BILLING
from services.billing.lines import repository as lines
from services.billing.lines.decisions import service as decisions
from services.billing.lines.decisions.errors import LineIsInvoiced
from services.billing.mapping import organizations, products
from services.billing.mapping import repository as mappings
from services.billing.mapping.models import OrganizationRow
from services.billing.mapping.schemas import OrganizationChange, ProductChange
from services.billing.rules.model import BillingRules
from services.contracts.vocabulary import OperationKind, PlanStatus, RunStatus
from services.kit.base.db import Circumstances, Database, system_circumstances
from services.kit.ledger import bus
from services.sync.additions.models import WrittenAddition
from services.sync.invoices.models import ExpectedBilling
from services.sync.invoices.schemas import BilledState
from services.sync.loads import service as loads
from services.sync.mirrors import service as mirrors
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import WRITES, PlanOut
from tests.lives.world import OFFER, PRODUCT
from tests.support.clock import HeldClock
from tests.sync.conftest import APPXITE, CONNECTWISE, StandIns
from tests.sync.plans.desk import Desk

Choice = Mapping[str, str]
"""Agreement → what a person decides about its undecided additions."""


@dataclass
class Installation(Desk):
    """A partner whose billing is the product's own; what people do goes the way the screens go."""

    billing: Database = field(kw_only=True)
    stand_ins: StandIns = field(kw_only=True)
    clock: HeldClock = field(kw_only=True)
    client: Callable[..., httpx.AsyncClient] = field(kw_only=True)

    async def _deliver(self, event_id: UUID, consumer: str) -> bool:
        if consumer == "billing":
            return await bus.handle_effect(self.billing, consumer, event_id, BILLING)
        return await super()._deliver(event_id, consumer)

    @property
    def in_billing(self) -> Circumstances:
        return system_circumstances(self.id, "billing")

    async def set_day(self, day: date) -> None:
        """Hold the clock of the product and of both stand-ins."""
        self.clock.set(datetime.combine(day, time(12), tzinfo=UTC))
        for address in (APPXITE, CONNECTWISE):
            await self.stand_ins.order(address, "world", today=day.isoformat())

    async def mirror(self) -> None:
        """*Sync Organizations*."""
        async with self.database.writing(self.circumstances) as session:
            asked = await mirrors.request_mirrors(session)
        await self.settle()
        await self._succeeds(asked.id)

    async def load(self, months: list[str]) -> None:
        """*Load Invoices*."""
        async with self.database.writing(self.circumstances) as session:
            asked = await loads.request_load(session, months)
        await self.settle()
        await self._succeeds(asked.id)

    async def map_product(self) -> None:
        async with self.billing.writing(self.in_billing) as session:
            await products.change_product(session, OFFER, ProductChange(version=1, product_id=str(PRODUCT)))
        await self.settle()

    async def map_customers(self, changes: Mapping[str, Mapping[str, Any]]) -> None:
        """Organization → what a person changes of its mapping."""
        async with self.billing.writing(self.in_billing) as session:
            rows = await mappings.find_for_change(session, OrganizationRow, list(changes))
            for organization_id, values in changes.items():
                change = OrganizationChange.model_validate({"version": rows[organization_id].version, **values})
                await organizations.change_organization(session, organization_id, change)
        await self.settle()

    async def set_rules(self, rules: Mapping[str, Any]) -> None:
        async with self.billing.writing(self.in_billing) as session:
            current = await billing_rules.show_rules(session)
            change = RulesChange(version=current.version, rules=BillingRules.model_validate(rules))
            await billing_rules.save_rules(session, change)
        await self.settle()

    async def edit_line(self, invoice_id: str, row_id: str, values: Mapping[str, Any]) -> None:
        """What the screen refuses, because ConnectWise has invoiced the line, does not happen."""
        with suppress(LineIsInvoiced):
            async with self.billing.writing(self.in_billing) as session:
                (line,) = await lines.find_by_rows(session, [(invoice_id, row_id)])
                await decisions.edit_line(session, line.id, line.version, values, "as the life says")
        await self.settle()

    async def push_month(self, month: str, choices: Choice, by_hand: Mapping[str, str]) -> "Push":
        """Plan, decide what is undecided, apply, and wait for the receipt.

        Args:
            by_hand: subscription → what a person says of a charge that may be billed by hand.
        """
        plan = await self._computed(month)
        if by_hand and await self._decide_by_hand(plan.id, by_hand):
            plan = await self._computed(month)
        undecided = [
            row for row in await self.operations(plan.id) if OperationKind(row.kind) is OperationKind.UNDECIDED
        ]
        await self._decide(plan.id, undecided, choices)
        asked = await self.apply(plan.id)
        await self.settle()
        await self._succeeds(asked.id)
        async with self.client(self.id) as http:
            answer = await http.get(f"/api/v1/receipts/{asked.id}")
        assert answer.is_success, answer.text
        return Push(month, answer.json(), undecided)

    async def list_writes(self, month: str) -> list[OperationRow]:
        """What a plan would write now: nothing, after a push."""
        plan = await self._computed(month)
        return [row for row in await self.operations(plan.id) if OperationKind(row.kind) in WRITES]

    async def list_written(self) -> list[tuple[str, str, str]]:
        """Marker, organization and subscription of every addition of ours."""
        async with self.database.reading(self.circumstances) as session:
            rows = await session.scalars(select(WrittenAddition))
            return [(each.marker, each.organization_id, each.names.get("subscription", "")) for each in rows]

    async def delete_additions(self, agreement_id: int) -> None:
        """As a person does in ConnectWise."""
        for each in await self.additions(str(agreement_id)):
            await self.stand_ins.order(CONNECTWISE, f"additions/{each.id}/delete")

    async def invoice(self, agreement_id: int, through: date) -> list[dict[str, Any]]:
        """Run ConnectWise's agreement invoicing."""
        order = {"agreement_id": agreement_id, "through": through.isoformat()}
        answer = await self.stand_ins.order(CONNECTWISE, "invoice-agreements", **order)
        invoices: list[dict[str, Any]] = answer["invoices"]
        return invoices

    async def delete_invoice(self, invoice_id: int) -> None:
        """As a person does in ConnectWise: its period is open again."""
        await self.stand_ins.order(CONNECTWISE, f"invoices/{invoice_id}/delete")

    async def write_off(self, agreement_id: int, day: date) -> None:
        """As a person does in ConnectWise who cancels the record of a billing period."""
        await self.stand_ins.order(CONNECTWISE, "write-off", agreement_id=agreement_id, day=day.isoformat())

    async def price_by_hand(self, agreement_id: int, unit_price: Decimal) -> None:
        """As a person does in ConnectWise, to every addition of an agreement."""
        async with self.database.reading(self.circumstances) as session:
            psa = await self.upstreams.open_psa(session)
        for each in await self.additions(str(agreement_id)):
            after = each.values.model_copy(update={"unit_price": unit_price})
            await psa.update_addition(str(agreement_id), each.id, each.values, after)

    async def list_found(self) -> Sequence[ExpectedBilling]:
        """What was billed otherwise than a receipt expected, once the last invoices are read."""
        await self.mirror()
        async with self.database.reading(self.circumstances) as session:
            query = select(ExpectedBilling).where(ExpectedBilling.state.in_([BilledState.DIFFERS, BilledState.UNCLEAR]))
            order = (ExpectedBilling.agreement_id, ExpectedBilling.period_start)
            return (await session.scalars(query.order_by(*order))).all()

    async def _computed(self, month: str) -> PlanOut:
        plan = await self.plan(month)
        assert plan.status is PlanStatus.READY, f"{plan.error} {plan.moved}"
        return plan

    async def _decide(self, plan_id: UUID, undecided: list[OperationRow], choices: Choice) -> None:
        decided = [
            {"operation_id": str(row.id), "choice": choice} | ({"reason": "agreed"} if choice == "keep" else {})
            for row in undecided
            if (choice := choices.get(row.agreement_id))
        ]
        if not decided:
            return
        async with self.client(self.id) as http:
            answer = await http.post(f"/api/v1/plans/{plan_id}/decisions", json=decided)
        assert answer.is_success, answer.text
        await self.settle()

    async def _decide_by_hand(self, plan_id: UUID, said: Mapping[str, str]) -> bool:
        async with self.client(self.id) as http:
            shown = (await http.get(f"/api/v1/plans/{plan_id}/by-hand", params={"limit": 1000})).json()["items"]
            decided = [
                {"line_id": each["line_id"], "choice": choice}
                | ({"addition_id": each["additions"][0]["addition_id"]} if choice != "bill" else {})
                for each in shown
                if (choice := said.get(each["subscription_id"])) and choice != each["state"]
            ]
            if not decided:
                return False
            answer = await http.post(f"/api/v1/plans/{plan_id}/hand-decisions", json=decided)
        assert answer.is_success, answer.text
        await self.settle()
        return True

    async def _succeeds(self, run_id: UUID) -> None:
        run = await self.run(run_id)
        assert run.status is RunStatus.SUCCEEDED, f"{run.kind} {run.periods}: {run.error}"


@dataclass(frozen=True, slots=True)
class Push:
    """What a push of a month came to."""

    month: str
    receipt: dict[str, Any]
    undecided: list[OperationRow]
