"""What was invoiced, through load, plan, push and mark: the PSA never bills a charge twice."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.events.billing import AdditionsDesired
from services.contracts.events.sync import AdditionsPushed, PlanPrepared, RowsLoaded
from services.contracts.shapes import AgreementFacts, DesiredAddition, EndedAddition, PushedAddition, RowFacts
from services.contracts.vocabulary import HoldReason, LineStatus, OperationKind
from tests.billing.builders import RUN, a_row, agreements, an_agreement, an_invoice, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client

HUNDRED, TEN = Decimal("100.00"), Decimal("10.00")

FORGET = (
    "UPDATE billing.line SET sent_amount = NULL, sent_agreement_id = NULL, sent_from = NULL, sent_through = NULL, "
    "sent_start = NULL, sent_end = NULL"
)


def a_charge(total: str = "100.00", **changes: Any) -> RowFacts:
    """A usage fee for 12 October to 11 November."""
    values: dict[str, Any] = {"charge_type": "UsageFee", "quantity": Decimal(1)}
    return a_row(**values | {"unit_price": Decimal(total), "total": Decimal(total)} | changes)


async def plan(billing: Billing, period: str = "2026-10") -> AdditionsDesired:
    plan_id = uuid4()
    await billing.hears(PlanPrepared(plan_id=plan_id, period=period))
    (answer,) = [each for each in await billing.told(AdditionsDesired) if each.plan_id == plan_id]
    return answer


def pushed(addition: DesiredAddition, **changes: Any) -> PushedAddition:
    """As sync says it after a push that went well: what was frozen is left, an addition is made for anything else."""
    kind = OperationKind.TRUE_UP if addition.corrects else OperationKind.CREATE
    values: dict[str, Any] = {
        "marker": addition.marker,
        "line_id": addition.line_id,
        "line_version": addition.line_version,
        "operation": OperationKind.NONE if addition.is_frozen else kind,
        "agreement_id": addition.agreement_id,
        "addition_id": f"id-{addition.marker[-6:]}",
        "amount": addition.amount,
        "effective_date": addition.effective_date,
        "bills_from": addition.bills_from,
        "bills_through": addition.bills_through,
        "is_recurring": addition.is_recurring,
        "is_frozen": addition.is_frozen,
        "corrects": addition.corrects,
    }
    return PushedAddition(**values | changes)


async def mark(billing: Billing, *additions: PushedAddition, ended: tuple[EndedAddition, ...] = ()) -> None:
    plan_id = uuid4()
    facts = (
        AdditionsPushed(run_id=RUN, plan_id=plan_id, part=part, period="2026-10", additions=some, ended=over)
        for part, (some, over) in enumerate([(list(additions), []), ([], list(ended))])
    )
    await billing.hears(*facts)


async def push(billing: Billing, period: str = "2026-10", **changes: Any) -> AdditionsDesired:
    """Plan and push everything; what is taken back is ended on its first day, as it cannot end before it."""
    answer = await plan(billing, period)
    ended = tuple(
        EndedAddition(
            marker=each.marker,
            agreement_id=each.agreement_id,
            subscription_id=each.subscription_id,
            addition_id=f"id-{each.marker[-6:]}",
            last_billed_day=date(2026, 11, 1),
        )
        for each in answer.closings
    )
    await mark(billing, *(pushed(each, **changes) for each in answer.additions), ended=ended)
    return answer


def carried(answer: AdditionsDesired) -> list[tuple[bool, Decimal]]:
    return [(each.is_frozen, each.amount) for each in answer.additions]


@pytest.fixture
async def month(billing: Billing, api: Client) -> Billing:
    """A mapped customer with nothing invoiced yet."""
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    await billing.catches_up()
    return billing


async def invoice(billing: Billing, next_invoice: date = date(2026, 11, 1), **changes: Any) -> None:
    """The PSA has invoiced everything before a day."""
    facts: AgreementFacts = an_agreement(next_invoice_date=next_invoice, **changes)
    await billing.hears(agreements(facts))


@pytest.fixture
async def invoiced(month: Billing) -> Billing:
    """100.00 were sent for October, and October is invoiced."""
    await month.hears(rows_loaded(a_charge()))
    await push(month)
    await invoice(month)
    return month


class TestSending:
    async def test_a_line_remembers_what_was_sent_and_for_which_period(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_charge()))
        await push(month)
        line = (await month.line()).line
        assert (line.sent_amount, line.sent_agreement_id) == (HUNDRED, "agreement-1")
        assert (line.sent_from, line.sent_through) == (date(2026, 10, 1), date(2026, 10, 31))
        assert (line.sent_start, line.sent_end) == (date(2026, 10, 12), date(2026, 10, 31))

    async def test_a_load_keeps_it(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        assert (await invoiced.line()).line.sent_amount == HUNDRED

    async def test_an_update_before_invoicing_is_what_was_sent(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_charge()))
        await push(month)
        await month.hears(rows_loaded(a_charge("110.00")))
        answer = await push(month, operation=OperationKind.UPDATE)
        assert carried(answer) == [(False, Decimal("110.00"))]
        assert (await month.line()).line.sent_amount == Decimal("110.00")

    async def test_a_line_edited_while_it_was_pushed_remembers_what_was_sent(self, month: Billing, api: Client) -> None:
        await month.hears(rows_loaded(a_charge()))
        (addition,) = (await plan(month)).additions
        change = {"version": addition.line_version, "charge_start_date": "2026-11-20"}
        await api("PATCH", f"/invoice-lines/{addition.line_id}", json=change)
        await mark(month, pushed(addition))
        line = (await month.line()).line
        assert (line.sent_amount, line.sent_from, line.sent_start) == (HUNDRED, date(2026, 10, 1), None)
        await invoice(month)
        stored = await month.line()
        assert (stored.rated.status, stored.rated.start.value, stored.rated.end.value) == (
            LineStatus.SENT,
            date(2026, 10, 1),
            date(2026, 10, 31),
        )

    async def test_a_line_that_an_older_build_has_sent_says_it_where_the_psa_has_its_values(
        self, invoiced: Billing
    ) -> None:
        await invoiced.owner.execute(FORGET)
        line = (await invoiced.line()).line
        assert (line.sent_amount, line.sent_agreement_id, line.sent_from) == (
            HUNDRED,
            "agreement-1",
            date(2026, 10, 12),
        )
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        assert carried(await push(invoiced)) == [(True, HUNDRED), (False, TEN)]
        assert carried(await plan(invoiced)) == [(True, HUNDRED), (False, TEN)]

    async def test_a_line_whose_values_an_older_build_has_changed_is_rated_as_before(self, invoiced: Billing) -> None:
        await invoiced.owner.execute(FORGET + ", sent_fingerprint = 'other'")
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        assert [each.is_frozen for each in (await plan(invoiced)).additions] == [False]

    async def test_a_refused_create_leaves_nothing_sent(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_charge()))
        (addition,) = (await push(month)).additions
        await mark(month, pushed(addition, addition_id=None, error="400 InvalidObject"))
        line = (await month.line()).line
        assert (line.sent_amount, line.sent_agreement_id, line.sent_from, line.sent_start) == (None, None, None, None)


class TestTrueUp:
    async def test_100_were_invoiced_the_row_becomes_110_and_210_are_never_billed(
        self, invoiced: Billing, api: Client
    ) -> None:
        rules = {"when_already_invoiced": "next_open_period"}
        await api("PUT", "/billing-rules", json={"version": 0, "rules": rules})
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        assert (await invoiced.line()).rated.status is LineStatus.READY
        answer = await push(invoiced)
        assert carried(answer) == [(True, HUNDRED), (False, TEN)]
        assert answer.unsent == []
        stored = await invoiced.line()
        assert stored.rated.status is LineStatus.SENT
        assert [(each.number, each.amount, each.bills_from) for each in stored.line.true_ups] == [
            (1, TEN, date(2026, 11, 1))
        ]
        assert (stored.line.sent_amount, stored.line.sent_marker) == (HUNDRED, answer.additions[0].marker)

    async def test_a_second_plan_asks_for_exactly_the_same(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        first = await push(invoiced)
        before = await invoiced.line()
        again = await push(invoiced, operation=OperationKind.NONE)
        assert [each.marker for each in again.additions] == [each.marker for each in first.additions]
        assert carried(again) == carried(first)
        assert await invoiced.line() == before

    async def test_a_row_that_was_only_renamed_sends_nothing(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(a_charge(subscription_name="renamed", offer_name="renamed")))
        assert (await invoiced.line()).rated.status is LineStatus.SENT
        assert carried(await plan(invoiced)) == [(True, HUNDRED)]

    async def test_a_row_that_vanishes_is_credited(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(vanished=["row-1"]))
        assert carried(await push(invoiced)) == [(True, HUNDRED), (False, -HUNDRED)]
        assert (await invoiced.line()).rated.status is LineStatus.SENT

    async def test_two_corrections_before_the_first_true_up_is_invoiced_are_one(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        first = (await push(invoiced)).additions[1]
        await invoiced.hears(rows_loaded(a_charge("115.00")))
        assert (await invoiced.line()).rated.status is LineStatus.READY
        answer = await push(invoiced, operation=OperationKind.UPDATE)
        assert carried(answer) == [(True, HUNDRED), (False, Decimal("15.00"))]
        assert answer.additions[1].marker == first.marker
        assert [each.amount for each in (await invoiced.line()).line.true_ups] == [Decimal("15.00")]

    async def test_a_correction_after_the_first_true_up_was_invoiced_is_the_second(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        first = (await push(invoiced)).additions[1]
        await invoice(invoiced, date(2026, 12, 1))
        await invoiced.hears(rows_loaded(a_charge("115.00")))
        answer = await push(invoiced)
        assert carried(answer) == [(True, Decimal("110.00")), (False, Decimal("5.00"))]
        assert answer.additions[1].marker != first.marker
        assert [(each.number, each.amount) for each in (await invoiced.line()).line.true_ups] == [
            (1, TEN),
            (2, Decimal("5.00")),
        ]

    async def test_a_true_up_is_withdrawn_when_the_row_is_again_as_it_was(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        await push(invoiced)
        await invoiced.hears(rows_loaded(a_charge()))
        answer = await push(invoiced)
        assert carried(answer) == [(True, HUNDRED)]
        assert [each.last_billed_day for each in answer.closings] == [date(2026, 10, 31)]
        assert (await invoiced.line()).rated.status is LineStatus.SENT
        again = await plan(invoiced)
        assert (carried(again), again.closings) == ([(True, HUNDRED)], [])

    async def test_a_true_up_that_people_delete_is_written_anew(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        true_up = (await push(invoiced)).additions[1]
        gone = EndedAddition(
            marker=true_up.marker,
            agreement_id="agreement-1",
            subscription_id=true_up.subscription_id,
            addition_id=f"id-{true_up.marker[-6:]}",
            last_billed_day=None,
        )
        await mark(invoiced, ended=(gone,))
        assert (await invoiced.line()).rated.status is LineStatus.READY
        assert carried(await push(invoiced)) == [(True, HUNDRED), (False, TEN)]

    async def test_a_refused_true_up_leaves_the_line_sent_as_it_was_and_is_tried_again(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        frozen, true_up = (await plan(invoiced)).additions
        await mark(invoiced, pushed(frozen), pushed(true_up, addition_id=None, error="400 InvalidObject"))
        stored = await invoiced.line()
        assert (stored.rated.hold_reasons, stored.push_error) == ((HoldReason.PUSH_FAILED,), "400 InvalidObject")
        assert (stored.line.sent_amount, stored.line.sent_marker, stored.line.true_ups) == (HUNDRED, frozen.marker, ())
        again = await push(invoiced)
        assert [each.marker for each in again.additions] == [frozen.marker, true_up.marker]
        assert (await invoiced.line()).rated.status is LineStatus.SENT

    async def test_an_invoiced_addition_that_people_delete_is_not_made_again(self, invoiced: Billing) -> None:
        stored = await invoiced.line()
        gone = EndedAddition(
            marker=stored.line.sent_marker or "",
            agreement_id="agreement-1",
            subscription_id="sub-row-1",
            addition_id=stored.addition_id or "",
            last_billed_day=None,
        )
        await mark(invoiced, ended=(gone,))
        assert carried(await plan(invoiced)) == [(True, HUNDRED)]

    async def test_a_persistent_addition_that_was_invoiced_is_trued_up_once(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_charge(charge_type="CycleFee")))
        await push(month)
        await invoice(month)
        await month.hears(rows_loaded(a_charge("110.00", charge_type="CycleFee")))
        frozen, true_up = (await push(month)).additions
        assert (frozen.is_recurring, frozen.amount, true_up.is_recurring, true_up.amount) == (True, HUNDRED, False, TEN)
        assert await month.owner.fetchval("SELECT amount FROM billing.running_addition") == HUNDRED

    async def test_a_large_answer_brings_its_closings_in_parts(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        await push(invoiced)
        many = [a_charge(row_id=f"{number:03d}", charge_type="?") for number in range(499)]
        await invoiced.hears(rows_loaded(a_charge()), rows_loaded(*many))
        plan_id = uuid4()
        await invoiced.hears(PlanPrepared(plan_id=plan_id, period="2026-10"))
        parts = [each for each in await invoiced.told(AdditionsDesired) if each.plan_id == plan_id]
        sizes = [(len(part.additions), len(part.unsent), len(part.closings)) for part in parts]
        assert sizes == [(1, 499, 0), (0, 0, 1)]


class TestBilledInAdvance:
    """An agreement billed in advance has invoiced a month before its charges come, with what the month before left."""

    def a_month(self, month: int, total: str) -> RowsLoaded:
        first = date(2026, month, 12)
        header = an_invoice(f"i-{month}", invoice_date=date(2026, month, 15), period=f"2026-{month}", number=f"{month}")
        last = date(2026, month + 1, 11) if month < 12 else date(2027, 1, 11)
        row = a_charge(total, charge_type="CycleFee", invoice_id=f"i-{month}", charge_start=first, charge_end=last)
        return rows_loaded(row, invoice=header)

    @pytest.fixture
    async def october(self, month: Billing) -> Billing:
        await month.hears(self.a_month(10, "100.00"))
        await push(month)
        return month

    async def test_more_seats_in_a_month_billed_in_advance_go_out_as_a_true_up(self, october: Billing) -> None:
        await invoice(october, date(2026, 12, 1))
        await october.hears(self.a_month(11, "110.00"))
        update, true_up = (await push(october, "2026-11", operation=OperationKind.UPDATE)).additions
        assert (update.amount, update.billed_amount, update.is_frozen) == (Decimal("110.00"), HUNDRED, False)
        assert (true_up.amount, true_up.corrects, true_up.bills_from) == (TEN, update.marker, date(2026, 12, 1))
        november = (await october.lines())[1]
        assert (november.rated.status, november.line.sent_amount) == (LineStatus.SENT, HUNDRED)
        assert carried(await plan(october, "2026-11")) == [(True, HUNDRED), (False, TEN)]

    async def test_a_true_up_that_was_written_although_its_addition_was_refused_goes_on_with_its_number(
        self, october: Billing
    ) -> None:
        await invoice(october, date(2026, 12, 1))
        await october.hears(self.a_month(11, "110.00"))
        update, true_up = (await plan(october, "2026-11")).additions
        refused = pushed(update, operation=OperationKind.UPDATE, error="refused")
        await mark(october, refused, pushed(true_up))
        again = await plan(october, "2026-11")
        assert [each.marker for each in again.additions] == [update.marker, true_up.marker]
        assert again.closings == []

    async def test_the_rule_to_hold_lets_the_addition_take_its_values_alone(
        self, october: Billing, api: Client
    ) -> None:
        rules = {"when_changed_after_invoicing": "hold"}
        await api("PUT", "/billing-rules", json={"version": 0, "rules": rules})
        await invoice(october, date(2026, 12, 1))
        await october.hears(self.a_month(11, "110.00"))
        (update,) = (await plan(october, "2026-11")).additions
        assert (update.amount, update.billed_amount) == (Decimal("110.00"), None)

    async def test_the_month_after_was_billed_with_the_new_amount(self, october: Billing) -> None:
        await invoice(october, date(2026, 12, 1))
        await october.hears(self.a_month(11, "110.00"))
        await push(october, "2026-11", operation=OperationKind.UPDATE)
        await invoice(october, date(2027, 1, 1))
        await october.hears(self.a_month(12, "110.00"))
        await push(october, "2026-12", operation=OperationKind.NONE)
        assert carried(await plan(october, "2026-12")) == [(True, Decimal("110.00"))]

    async def test_two_months_that_come_late_were_both_billed_with_the_amount_before(self, october: Billing) -> None:
        await invoice(october, date(2027, 1, 1))
        await october.hears(self.a_month(11, "110.00"))
        await push(october, "2026-11", operation=OperationKind.UPDATE)
        await october.hears(self.a_month(12, "100.00"))
        await push(october, "2026-12", operation=OperationKind.UPDATE)
        assert carried(await plan(october, "2026-11")) == [(True, HUNDRED), (False, TEN)]
        assert carried(await plan(october, "2026-12")) == [(True, HUNDRED)]


class TestWhoDecides:
    async def test_the_rule_holds_a_change_and_the_plan_lists_the_difference(
        self, invoiced: Billing, api: Client
    ) -> None:
        rules = {"when_changed_after_invoicing": "hold"}
        await api("PUT", "/billing-rules", json={"version": 0, "rules": rules})
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        answer = await plan(invoiced)
        assert carried(answer) == [(True, HUNDRED)]
        assert [(each.amount, each.reasons) for each in answer.unsent] == [(TEN, [HoldReason.CHANGED_AFTER_INVOICING])]

    async def test_dates_and_agreement_of_an_invoiced_line_cannot_be_edited(
        self, invoiced: Billing, api: Client
    ) -> None:
        line = await invoiced.line()
        for change in ({"charge_start_date": "2026-11-20"}, {"agreement_id": "agreement-1"}):
            body = {"version": line.version, **change}
            problem = await api("PATCH", f"/invoice-lines/{line.id}", status=409, json=body)
            assert problem["code"] == "line_is_invoiced"
        assert await invoiced.line() == line

    async def test_an_edit_from_before_cannot_be_reverted_after_invoicing(self, month: Billing, api: Client) -> None:
        await month.hears(rows_loaded(a_charge()))
        line = await month.line()
        change = {"version": line.version, "charge_start_date": "2026-10-20"}
        await api("PATCH", f"/invoice-lines/{line.id}", json=change)
        await push(month)
        await invoice(month)
        (decision,) = (await api.get(f"/invoice-lines/{line.id}/history"))["items"]
        path = f"/invoice-lines/{line.id}/history/{decision['edit_id']}/revert"
        before = await month.line()
        problem = await api("POST", path, status=409, json={"version": before.version})
        assert problem["code"] == "line_is_invoiced"
        assert await month.line() == before

    async def test_a_line_excluded_after_invoicing_gets_no_true_up(self, invoiced: Billing, api: Client) -> None:
        line = await invoiced.line()
        await api("PATCH", f"/invoice-lines/{line.id}", json={"version": line.version, "excluded": True})
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        answer = await plan(invoiced)
        assert answer.additions == []
        assert [(each.status, each.sent_marker) for each in answer.unsent] == [
            (LineStatus.EXCLUDED, line.line.sent_marker)
        ]

    async def test_a_customer_moved_after_invoicing_is_trued_up_where_it_was_invoiced(
        self, invoiced: Billing, api: Client
    ) -> None:
        other = an_agreement("agreement-2", next_invoice_date=date(2026, 11, 1))
        await invoiced.hears(agreements(other))
        organization = (await api.get("/organizations"))["items"][0]
        body = {"version": organization["version"], "agreement_id": "agreement-2"}
        await api("PATCH", "/organizations/org-1", json=body)
        await invoiced.catches_up()
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        answer = await plan(invoiced)
        assert [each.agreement_id for each in answer.additions] == ["agreement-1", "agreement-1"]
        assert carried(answer) == [(True, HUNDRED), (False, TEN)]

    async def test_a_period_that_is_invoiced_while_a_change_waits_leaves_only_the_difference(
        self, month: Billing
    ) -> None:
        await month.hears(rows_loaded(a_charge()))
        await push(month)
        await month.hears(rows_loaded(a_charge("110.00")))
        before = (await plan(month)).additions
        await invoice(month)
        assert [each.amount for each in before] == [Decimal("110.00")]
        assert carried(await plan(month)) == [(True, HUNDRED), (False, TEN)]

    async def test_a_partner_sees_only_true_ups_of_its_own(self, invoiced: Billing) -> None:
        await invoiced.hears(rows_loaded(a_charge("110.00")))
        await push(invoiced)
        walls = "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'billing.true_up'::regclass"
        assert await invoiced.owner.fetchval(walls)
        await invoiced.owner.execute("UPDATE billing.true_up SET partner_id = $1", UUID(int=1))
        assert (await invoiced.line()).line.true_ups == ()
