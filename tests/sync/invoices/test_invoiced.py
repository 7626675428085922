"""What ConnectWise has invoiced is read, kept, and compared with what the receipt expected."""

from collections import Counter
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.contracts.events.sync import MirrorRefreshed, TroubleNoted
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import AgreementFacts
from services.contracts.vocabulary import MirrorKind, PlanStatus
from services.sandbox.faults import FaultKind
from services.sync.examinations.service import request_examination
from services.sync.invoices.schemas import BilledPeriod, BilledState
from services.sync.plans.schemas import PlanOut
from services.sync.receipts.schemas import DifferenceKind, ReceiptOut
from services.sync.settings import UpstreamSettings
from services.sync.upstreams import Upstreams
from tests.sync.conftest import CONNECTWISE, StandIns, open_stand_ins
from tests.sync.plans.desk import AGREEMENT, Desk
from tests.sync.plans.months import JULY, invoice_through, july, june

JUNE_ENDS = "2026-06-30"


@pytest.fixture
def upstreams(stand_ins: StandIns) -> Upstreams:
    """Lists that lag behind nothing, so that a missing invoice says something at once."""
    return open_stand_ins(stand_ins, UpstreamSettings(connectwise_list_lag_seconds=0))


@pytest.fixture(autouse=True)
async def invoiced_through_may(stand_ins: StandIns) -> None:
    await invoice_through(stand_ins, "2026-05-31")


async def expect_june(desk: Desk) -> ReceiptOut:
    """30.00 of June, pushed to an agreement that is invoiced through May."""
    desk.wanted = [june()]
    await desk.charge((june(), june().amount))
    run = await desk.push()
    return await desk.receipt(run.id)


async def look(desk: Desk) -> None:
    """What is done every night."""
    async with desk.database.writing(desk.circumstances) as session:
        await request_examination(session)
    await desk.settle()


async def billed(desk: Desk, receipt: ReceiptOut) -> BilledPeriod:
    """June on the receipt as it is shown now."""
    (found,) = [each for each in (await desk.receipt(receipt.run_id)).billed if each.period_start == date(2026, 6, 1)]
    return found


async def facts(desk: Desk) -> AgreementFacts:
    """The agreement as billing was told last."""
    records = [
        record
        for fact in await desk.facts(MirrorRefreshed)
        if fact.kind is MirrorKind.AGREEMENT
        for record in fact.records
        if record.external_id == AGREEMENT
    ]
    found: AgreementFacts = records[-1].agreement
    return found


async def warnings(desk: Desk) -> list[str]:
    return [each.title for each in await desk.facts(TroubleNoted)]


class TestBilled:
    async def test_is_not_invoiced_yet_when_the_receipt_is_made(self, desk: Desk) -> None:
        (found,) = (await expect_june(desk)).billed
        assert (found.state, found.expected, found.billed) == (BilledState.NOT_INVOICED, Decimal(30), None)
        assert (found.agreement_id, found.period_start, found.period_end) == (
            AGREEMENT,
            date(2026, 6, 1),
            date(2026, 6, 30),
        )

    async def test_is_as_expected_once_connectwise_has_invoiced_it(self, desk: Desk, stand_ins: StandIns) -> None:
        receipt = await expect_june(desk)
        await invoice_through(stand_ins, JUNE_ENDS)
        await look(desk)
        found = await billed(desk, receipt)
        assert (found.state, found.billed, found.difference) == (BilledState.AS_EXPECTED, Decimal(30), Decimal(0))
        assert len(found.invoice_numbers) == 1
        (total,) = (await desk.receipt(receipt.run_id)).totals
        assert total.billed == Decimal(30)

    async def test_a_price_that_was_changed_by_hand_before_invoicing_is_a_finding(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        receipt = await expect_june(desk)
        await change_by_hand(desk, stand_ins, unitPrice="25.00")
        await invoice_through(stand_ins, JUNE_ENDS)
        await look(desk)
        found = await billed(desk, receipt)
        assert (found.state, found.billed, found.difference) == (BilledState.DIFFERS, Decimal(25), Decimal(-5))
        assert "a person changed the addition" in found.cause.lower()
        assert found.next_step
        assert "ConnectWise billed something else than was expected" in await warnings(desk)

    async def test_a_finding_is_said_once(self, desk: Desk, stand_ins: StandIns) -> None:
        await expect_june(desk)
        await change_by_hand(desk, stand_ins, unitPrice="25.00")
        await invoice_through(stand_ins, JUNE_ENDS)
        await look(desk)
        await look(desk)
        assert (await warnings(desk)).count("ConnectWise billed something else than was expected") == 1


class TestReopened:
    async def test_a_deleted_invoice_opens_its_period_again(self, desk: Desk, stand_ins: StandIns) -> None:
        receipt = await expect_june(desk)
        await invoice_through(stand_ins, JUNE_ENDS)
        await look(desk)
        assert AgreementTerms(await facts(desk)).is_invoiced(date(2026, 6, 1))
        plan = await plan_july(desk)
        await delete_invoice(desk, stand_ins)
        await look(desk)
        assert not AgreementTerms(await facts(desk)).is_invoiced(date(2026, 6, 1))
        assert (await billed(desk, receipt)).state is BilledState.NOT_INVOICED
        again = await desk.show(plan.id)
        assert again.status is PlanStatus.STALE
        assert any("no longer has invoice" in each for each in again.moved)

    async def test_the_period_after_it_stays_invoiced_although_the_next_date_is_earlier(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        await expect_june(desk)
        await invoice_through(stand_ins, JUNE_ENDS)
        await look(desk)
        invoice = await newest_invoice(desk)
        await invoice_through(stand_ins, "2026-07-31")
        await look(desk)
        await stand_ins.order(CONNECTWISE, f"invoices/{invoice}/delete")
        await look(desk)
        terms = AgreementTerms(await facts(desk))
        assert terms.facts.next_invoice_date == date(2026, 6, 1)
        assert [terms.is_invoiced(date(2026, month, 1)) for month in (6, 7, 8)] == [False, True, False]


class TestWrittenOff:
    async def test_what_was_expected_bills_nothing_and_is_a_finding(self, desk: Desk, stand_ins: StandIns) -> None:
        receipt = await expect_june(desk)
        await write_off(stand_ins)
        await look(desk)
        found = await billed(desk, receipt)
        assert (found.state, found.billed, found.difference) == (BilledState.DIFFERS, Decimal(0), Decimal(-30))
        assert "written off" in found.cause
        terms = AgreementTerms(await facts(desk))
        assert (terms.is_invoiced(date(2026, 6, 1)), terms.is_written_off(date(2026, 6, 1))) == (True, True)

    async def test_a_plan_that_looked_at_it_is_stale(self, desk: Desk, stand_ins: StandIns) -> None:
        await expect_june(desk)
        plan = await plan_july(desk)
        await write_off(stand_ins)
        await look(desk)
        again = await desk.show(plan.id)
        assert again.status is PlanStatus.STALE
        assert any("closed without an invoice" in each for each in again.moved)

    async def test_the_next_receipt_of_the_month_lists_the_money(self, desk: Desk, stand_ins: StandIns) -> None:
        await expect_june(desk)
        await write_off(stand_ins)
        desk.wanted = [june(is_frozen=True)]
        run = await desk.push()
        (difference,) = (await desk.receipt(run.id)).differences
        assert (difference.kind, difference.amount) == (DifferenceKind.WRITTEN_OFF, Decimal(-30))
        assert difference.next_step

    async def test_an_invoice_that_a_list_does_not_show_yet_is_waited_for(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        desk.upstreams = open_stand_ins(stand_ins, UpstreamSettings(connectwise_list_lag_seconds=300))
        receipt = await expect_june(desk)
        await write_off(stand_ins)
        await look(desk)
        assert (await billed(desk, receipt)).state is BilledState.NOT_INVOICED


class TestCalls:
    async def test_a_night_without_a_new_invoice_costs_two_calls_for_all_agreements(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        await expect_june(desk)
        await invoice_through(stand_ins, JUNE_ENDS)
        await look(desk)
        await stand_ins.http.delete(f"{CONNECTWISE}/_sandbox/calls")
        await look(desk)
        asked = await paths(stand_ins)
        assert asked["/finance/invoices/count"] == 1
        assert asked["/finance/invoices"] <= 2  # a list of one page may end with an empty one
        assert not any("products" in each or "info/invoice" in each for each in asked)

    async def test_lines_are_read_of_a_new_invoice_only(self, desk: Desk, stand_ins: StandIns) -> None:
        await expect_june(desk)
        await invoice_through(stand_ins, JUNE_ENDS)
        await stand_ins.http.delete(f"{CONNECTWISE}/_sandbox/calls")
        await look(desk)
        assert 1 <= (await paths(stand_ins))["/procurement/products"] <= 2


class TestWithoutTheRight:
    async def test_plans_go_on_by_the_next_invoice_date_and_say_so(self, desk: Desk, stand_ins: StandIns) -> None:
        await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.FORBIDDEN, path="*/finance/invoices*", every=1)
        await expect_june(desk)
        await invoice_through(stand_ins, JUNE_ENDS)
        plan = await plan_july(desk)
        assert plan.status is PlanStatus.READY
        assert "next invoice date" in plan.invoices_unread
        asked = await desk.apply(plan.id)
        await desk.settle()
        assert "were not read" in (await desk.receipt(asked.id)).invoices_unread
        terms = AgreementTerms(await facts(desk))
        assert (terms.facts.invoiced, terms.is_invoiced(date(2026, 6, 1))) == (None, True)
        assert (await warnings(desk)).count("What ConnectWise has invoiced cannot be read") == 1


async def plan_july(desk: Desk) -> PlanOut:
    desk.wanted = [july()]
    return await desk.plan(JULY)


async def write_off(stand_ins: StandIns) -> None:
    await stand_ins.order(CONNECTWISE, "write-off", agreement_id=int(AGREEMENT), day="2026-06-01")


async def newest_invoice(desk: Desk) -> str:
    async with desk.database.reading(desk.circumstances) as session:
        psa = await desk.upstreams.open_psa(session)
    return max(((each.id) for each in (await psa.list_invoices([AGREEMENT], None)).invoices), key=int)


async def delete_invoice(desk: Desk, stand_ins: StandIns) -> None:
    await stand_ins.order(CONNECTWISE, f"invoices/{await newest_invoice(desk)}/delete")


async def change_by_hand(desk: Desk, stand_ins: StandIns, **values: Any) -> None:
    """A person edits the addition in ConnectWise."""
    (addition,) = await desk.additions()
    async with desk.database.reading(desk.circumstances) as session:
        psa = await desk.upstreams.open_psa(session)
    after = addition.values.model_copy(update={"unit_price": Decimal(values["unitPrice"])})
    await psa.update_addition(AGREEMENT, addition.id, addition.values, after)


async def paths(stand_ins: StandIns) -> Counter[str]:
    """How often each address was asked for."""
    calls = (await stand_ins.http.get(f"{CONNECTWISE}/_sandbox/calls")).json()["calls"]
    return Counter({each["path"]: each["count"] for each in calls})
