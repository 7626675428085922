"""Segments of a persistent addition from plan to push to the next plan, with everything kept in the database."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.contracts.events.billing import AdditionsDesired
from services.contracts.shapes import DesiredAddition, InvoiceFacts, RowFacts
from services.contracts.vocabulary import HoldReason, LineStatus, OperationKind
from tests.billing.builders import a_row, agreements, an_agreement, an_invoice, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client
from tests.billing.desired.test_plan_and_marking import ended, mark, plan, push, pushed, second_of

OCTOBER, NOVEMBER, DECEMBER = "2026-10", "2026-11", "2026-12"
INVOICES = {
    OCTOBER: an_invoice(),
    NOVEMBER: an_invoice("invoice-2", invoice_date=date(2026, 11, 15), period=NOVEMBER, number="1002"),
    DECEMBER: an_invoice("invoice-3", invoice_date=date(2026, 12, 15), period=DECEMBER, number="1003"),
}
STARTS = {OCTOBER: date(2026, 10, 12), NOVEMBER: date(2026, 11, 12), DECEMBER: date(2026, 12, 12)}
ENDS = {OCTOBER: date(2026, 11, 11), NOVEMBER: date(2026, 12, 11), DECEMBER: date(2027, 1, 11)}
DEARER = {"unit_price": Decimal("3.60"), "total": Decimal("36.00")}


@pytest.fixture
async def customer(billing: Billing, api: Client) -> Billing:
    """A mapped customer with nothing invoiced from October on."""
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    await billing.catches_up()
    return billing


def charge(period: str, **changes: Any) -> tuple[RowFacts, InvoiceFacts]:
    invoice = INVOICES[period]
    values: dict[str, Any] = {
        "invoice_id": invoice.invoice_id,
        "charge_start": STARTS[period],
        "charge_end": ENDS[period],
    }
    return a_row(**values | changes), invoice


async def load(billing: Billing, period: str, **changes: Any) -> None:
    row, invoice = charge(period, **changes)
    await billing.hears(rows_loaded(row, invoice=invoice))


async def close(billing: Billing, answer: AdditionsDesired, addition: DesiredAddition, addition_id: str) -> None:
    """A push has closed what a plan asked to close."""
    (closing,) = answer.closings
    await mark(billing, ended=[ended(addition, closing.last_billed_day, addition_id)])


async def october_and_a_dearer_november(billing: Billing) -> tuple[DesiredAddition, DesiredAddition]:
    await load(billing, OCTOBER)
    (october,) = await push(billing)
    await load(billing, NOVEMBER, **DEARER)
    answer = await plan(billing, NOVEMBER)
    (november,) = answer.additions
    await mark(billing, [pushed(november, addition_id="78")])
    await close(billing, answer, october, "77")
    return october, november


class TestNextMonth:
    async def test_dearer_values_begin_a_segment_and_close_the_one_before(self, customer: Billing) -> None:
        october, november = await october_and_a_dearer_november(customer)
        assert (november.marker, november.effective_date) == (second_of(october, customer), date(2026, 11, 1))
        rows = await customer.owner.fetch("SELECT * FROM billing.running_addition ORDER BY segment")
        assert [(row["addition_id"], row["last_billed_day"], row["bills_from"]) for row in rows] == [
            ("77", date(2026, 10, 31), date(2026, 10, 1)),
            ("78", None, date(2026, 11, 1)),
        ]

    async def test_plans_of_both_months_then_ask_for_what_is_there(self, customer: Billing) -> None:
        october, november = await october_and_a_dearer_november(customer)
        answers = [await plan(customer, OCTOBER), await plan(customer, NOVEMBER)]
        assert [answer.closings for answer in answers] == [[], []]
        again = [addition for answer in answers for addition in answer.additions]
        assert [(each.marker, each.cancelled_date, each.amount) for each in again] == [
            (october.marker, date(2026, 10, 31), Decimal("30.00")),
            (november.marker, None, Decimal("36.00")),
        ]
        assert {each.rated.status for each in await customer.lines()} == {LineStatus.SENT}

    async def test_a_reload_of_both_months_leaves_them_sent(self, customer: Billing) -> None:
        await october_and_a_dearer_november(customer)
        await load(customer, OCTOBER, subscription_name="Renamed")
        await load(customer, OCTOBER)
        await load(customer, NOVEMBER, subscription_name="Renamed", **DEARER)
        await load(customer, NOVEMBER, **DEARER)
        assert {each.rated.status for each in await customer.lines()} == {LineStatus.SENT}

    async def test_a_closing_that_was_not_confirmed_is_asked_for_again(self, customer: Billing) -> None:
        await load(customer, OCTOBER)
        (october,) = await push(customer)
        await load(customer, NOVEMBER, **DEARER)
        await push(customer, NOVEMBER, addition_id="78")
        answer = await plan(customer, NOVEMBER)
        assert [(each.marker, each.last_billed_day) for each in answer.closings] == [
            (october.marker, date(2026, 10, 31))
        ]

    async def test_december_goes_on_with_the_second_segment(self, customer: Billing) -> None:
        _, november = await october_and_a_dearer_november(customer)
        await load(customer, DECEMBER, **DEARER)
        (december,) = await push(customer, DECEMBER, operation=OperationKind.NONE, addition_id="78")
        assert (december.marker, december.effective_date) == (november.marker, date(2026, 11, 1))
        answer = await plan(customer, NOVEMBER)
        assert [each.reasons for each in answer.unsent] == [[HoldReason.SUPERSEDED]]

    async def test_a_charge_that_touches_stays_sent_when_the_period_before_its_days_is_closed(
        self, customer: Billing
    ) -> None:
        """Billed in October with days in November: the end of the segment is the end of October's period."""
        days = {
            OCTOBER: {"charge_start": date(2026, 9, 30), "charge_end": date(2026, 10, 30)},
            NOVEMBER: {"charge_start": date(2026, 10, 31), "charge_end": date(2026, 11, 30)},
            DECEMBER: {"charge_start": date(2026, 12, 1), "charge_end": date(2026, 12, 30)},
        }
        await customer.hears(agreements(an_agreement(next_invoice_date=None)))
        for period in (OCTOBER, NOVEMBER):
            await load(customer, period, **days[period])
            (carried,) = await push(customer, period)
        await load(customer, DECEMBER, **days[DECEMBER], **DEARER)
        answer = await plan(customer, DECEMBER)
        assert [each.last_billed_day for each in answer.closings] == [date(2026, 10, 31)]
        await close(customer, answer, carried, "77")
        assert [each.rated.status for each in await customer.lines()] == [
            LineStatus.SENT,
            LineStatus.SENT,
            LineStatus.READY,
        ]

    async def test_months_loaded_in_reverse_are_each_billed_once(self, customer: Billing) -> None:
        found = []
        for period in (DECEMBER, NOVEMBER, OCTOBER):
            await load(customer, period)
            found += await push(customer, period, addition_id=period)
        assert [each.is_recurring for each in found] == [True, False, False]
        assert [each.bills_from for each in found] == [date(2026, 12, 1), date(2026, 11, 1), date(2026, 10, 1)]

    async def test_two_months_planned_before_either_is_pushed(self, customer: Billing) -> None:
        await load(customer, OCTOBER)
        await load(customer, NOVEMBER, **DEARER)
        october, november = (await plan(customer, OCTOBER)).additions, (await plan(customer, NOVEMBER)).additions
        assert [each.marker for each in october] == [each.marker for each in november]
        await mark(customer, [pushed(october[0])])
        # The push of the other plan finds the addition made, and refuses to make it again.
        await mark(customer, [pushed(november[0], addition_id=None, error="This addition exists now: make a new plan")])
        answer = await plan(customer, NOVEMBER)
        assert [each.marker for each in answer.additions] == [second_of(october[0], customer)]
        assert [each.last_billed_day for each in answer.closings] == [date(2026, 10, 31)]


class TestAdopted:
    async def test_the_start_that_the_psa_holds_is_kept(self, customer: Billing) -> None:
        await load(customer, NOVEMBER)
        await push(customer, NOVEMBER, operation=OperationKind.ADOPT, effective_date=date(2026, 3, 1))
        await load(customer, DECEMBER)
        asked = [*(await plan(customer, NOVEMBER)).additions, *(await plan(customer, DECEMBER)).additions]
        assert {each.effective_date for each in asked} == {date(2026, 3, 1)}

    async def test_an_earlier_month_inside_it_gets_no_addition_of_its_own(self, customer: Billing) -> None:
        await load(customer, NOVEMBER)
        (november,) = await push(customer, NOVEMBER, operation=OperationKind.ADOPT, effective_date=date(2026, 3, 1))
        await load(customer, OCTOBER)
        answer = await plan(customer, OCTOBER)
        assert answer.additions == []
        assert [(each.reasons, each.sent_marker) for each in answer.unsent] == [
            ([HoldReason.SUPERSEDED], november.marker)
        ]


class TestOlderBuilds:
    async def test_an_addition_from_before_segments_goes_on(self, customer: Billing) -> None:
        await load(customer, OCTOBER)
        (october,) = await push(customer, effective_date=None, bills_from=None, bills_through=None, is_recurring=None)
        await customer.owner.execute(
            "UPDATE billing.running_addition SET bills_from = NULL, bills_through = NULL, charge_end = NULL,"
            " money = DEFAULT, charged_from = NULL, begun_by = 'a row of an earlier month'"
        )
        await load(customer, DECEMBER, **DEARER)
        answer = await plan(customer, DECEMBER)
        assert ([each.marker for each in answer.additions], answer.closings) == ([october.marker], [])

    async def test_what_a_push_of_an_older_build_left_out_is_worked_out(self, customer: Billing) -> None:
        await load(customer, OCTOBER)
        await push(customer, effective_date=None, bills_from=None, bills_through=None, is_recurring=None)
        row = await customer.owner.fetchrow("SELECT * FROM billing.running_addition")
        assert row is not None
        assert (row["effective_date"], row["bills_from"], row["bills_through"]) == (
            date(2026, 10, 12),
            date(2026, 10, 1),
            date(2026, 10, 31),
        )


async def test_closings_of_a_large_month_come_in_parts(customer: Billing) -> None:
    rows = [a_row(f"{number:04d}") for number in range(300)]
    await customer.hears(rows_loaded(*rows))
    await push(customer)
    dearer = [charge(NOVEMBER, row_id=row.row_id, subscription_id=row.subscription_id, **DEARER)[0] for row in rows]
    await customer.hears(rows_loaded(*dearer, invoice=INVOICES[NOVEMBER]))
    answer = await plan(customer, NOVEMBER)
    assert (answer.chunk.count, len(answer.additions), len(answer.closings)) == (2, 300, 300)
