from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.billing.rules.identity import recurring_marker
from services.contracts.events.billing import AdditionsDesired, LinesSettled
from services.contracts.events.sync import AdditionsPushed, PlanPrepared
from services.contracts.shapes import DesiredAddition, EndedAddition, PushedAddition, RowFacts
from services.contracts.vocabulary import DecisionChoice, HoldReason, LineStatus, OperationKind, UndecidedCause
from tests.billing.builders import RUN, a_row, agreements, an_agreement, an_invoice, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client

NOVEMBER = an_invoice("invoice-2", invoice_date=date(2026, 11, 15), period="2026-11", number="1002")


def november_row(**changes: Any) -> RowFacts:
    values: dict[str, Any] = {
        "invoice_id": "invoice-2",
        "charge_start": date(2026, 11, 12),
        "charge_end": date(2026, 12, 11),
    }
    return a_row(**values | changes)


@pytest.fixture
async def month(billing: Billing, api: Client) -> Billing:
    """A mapped customer with nothing invoiced yet."""
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    await billing.catches_up()
    return billing


async def plan(billing: Billing, period: str = "2026-10") -> AdditionsDesired:
    """The whole answer to a plan, as one part."""
    plan_id = uuid4()
    await billing.hears(PlanPrepared(plan_id=plan_id, period=period))
    parts = [each for each in await billing.told(AdditionsDesired) if each.plan_id == plan_id]
    assert [part.chunk.index for part in parts] == list(range(parts[0].chunk.count))
    return AdditionsDesired(
        plan_id=plan_id,
        chunk=parts[0].chunk,
        additions=[addition for part in parts for addition in part.additions],
        unsent=[line for part in parts for line in part.unsent],
        closings=[closing for part in parts for closing in part.closings],
        when_undecided=parts[0].when_undecided,
    )


def pushed(addition: DesiredAddition, **changes: Any) -> PushedAddition:
    values: dict[str, Any] = {
        "marker": addition.marker,
        "line_id": addition.line_id,
        "line_version": addition.line_version,
        "operation": OperationKind.CREATE,
        "agreement_id": addition.agreement_id,
        "addition_id": "77",
        "amount": addition.amount,
        "effective_date": addition.effective_date,
        "bills_from": addition.bills_from,
        "bills_through": addition.bills_through,
        "is_recurring": addition.is_recurring,
    }
    return PushedAddition(**values | changes)


async def mark(billing: Billing, additions: Sequence[PushedAddition] = (), ended: Sequence[EndedAddition] = ()) -> None:
    fact = AdditionsPushed(
        run_id=RUN, plan_id=uuid4(), part=0, period="2026-10", additions=list(additions), ended=list(ended)
    )
    await billing.hears(fact)


def ended(addition: DesiredAddition, last_billed_day: date | None = None, addition_id: str = "77") -> EndedAddition:
    return EndedAddition(
        marker=addition.marker,
        agreement_id=addition.agreement_id,
        subscription_id=addition.subscription_id,
        addition_id=addition_id,
        last_billed_day=last_billed_day,
    )


def second_of(addition: DesiredAddition, billing: Billing) -> str:
    """The marker of the second segment of a persistent addition."""
    return recurring_marker(billing.partner, addition.agreement_id, addition.subscription_id, 2)


async def push(billing: Billing, period: str = "2026-10", **changes: Any) -> list[DesiredAddition]:
    """Plan, and let the PSA take everything."""
    desired = (await plan(billing, period)).additions
    await mark(billing, [pushed(each, **changes) for each in desired])
    return desired


class TestPlan:
    async def test_every_line_is_an_addition_or_money_left_behind(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row("1"), a_row("2", charge_type="UsageFee"), a_row("3", charge_type="?")))
        answer = await plan(month)
        assert {(each.row_id, each.is_recurring) for each in answer.additions} == {("1", True), ("2", False)}
        assert {each.company for each in answer.additions} == {"Alpine"}
        assert {each.product for each in answer.additions} == {"Microsoft 365 Business"}
        assert [(each.row_id, each.reasons) for each in answer.unsent] == [("3", [HoldReason.UNKNOWN_CHARGE_TYPE])]

    async def test_a_month_without_lines_is_answered_too(self, month: Billing) -> None:
        answer = await plan(month, "2020-01")
        assert (answer.chunk.count, answer.additions, answer.unsent) == (1, [], [])

    async def test_it_says_what_the_rules_in_force_decide_about_additions_without_a_charge(
        self, month: Billing, api: Client
    ) -> None:
        await month.hears(rows_loaded(a_row()))
        assert (await plan(month)).when_undecided == {}
        rules = {"when_undecided": {"excluded": "end", "absent": "keep"}}
        await api("PUT", "/billing-rules", json={"version": 0, "rules": rules})
        for period in ("2026-10", "2020-01"):  # lines that older rules rated, and none at all
            assert (await plan(month, period)).when_undecided == {
                UndecidedCause.EXCLUDED: DecisionChoice.END,
                UndecidedCause.ABSENT: DecisionChoice.KEEP,
            }

    async def test_a_large_month_comes_in_parts(self, month: Billing) -> None:
        held = {"charge_type": "?"}
        for start in range(0, 1200, 400):
            rows = [a_row(f"{number:04d}", **(held if number % 2 else {})) for number in range(start, start + 400)]
            await month.hears(rows_loaded(*rows))
        answer = await plan(month)
        assert answer.chunk.count == 3
        assert (len(answer.additions), len(answer.unsent)) == (600, 600)

    async def test_the_longest_charge_of_a_subscription_drives_and_the_others_are_saved_as_one_time(
        self, month: Billing
    ) -> None:
        early = a_row("early", subscription_id="sub", charge_start=date(2026, 10, 1), charge_end=date(2026, 10, 11))
        await month.hears(rows_loaded(early, a_row("late", subscription_id="sub")))
        answer = await plan(month)
        assert {each.row_id: each.is_recurring for each in answer.additions} == {"early": False, "late": True}
        lines = await month.lines()
        assert {each.line.row_id: each.rated.is_recurring for each in lines} == {"early": False, "late": True}
        assert {each.line_id: each.line_version for each in answer.additions} == {
            each.id: each.version for each in lines
        }


class TestMarking:
    async def test_a_written_line_is_sent_and_the_run_is_told(self, month: Billing, api: Client) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        (item,) = (await api.get("/invoice-lines"))["items"]
        assert (item["status"], item["addition_id"]) == ("sent", "77")
        assert item["sent_at"] is not None
        assert await month.told(LinesSettled) == [LinesSettled(run_id=RUN, part=0)]

    async def test_a_second_plan_desires_exactly_the_same(self, month: Billing) -> None:
        early = a_row("early", subscription_id="sub", charge_start=date(2026, 10, 1), charge_end=date(2026, 10, 11))
        await month.hears(rows_loaded(early, a_row("late", subscription_id="sub"), a_row("u", charge_type="UsageFee")))
        first = await push(month)
        again = (await plan(month)).additions
        assert [each.model_copy(update={"line_version": 0}) for each in again] == [
            each.model_copy(update={"line_version": 0}) for each in first
        ]

    async def test_a_line_found_unchanged_by_a_second_push_is_not_written_again(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        before = await month.line()
        await push(month, operation=OperationKind.NONE)
        assert await month.line() == before

    async def test_a_sent_line_stays_sent_when_its_period_is_invoiced(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        await month.hears(agreements(an_agreement(next_invoice_date=date(2026, 11, 1))), rows_loaded(a_row()))
        assert (await month.line()).rated.status is LineStatus.SENT

    async def test_a_failed_line_is_held_with_its_error_and_tried_again_by_the_next_plan(
        self, month: Billing, api: Client
    ) -> None:
        await month.hears(rows_loaded(a_row()))
        (addition,) = (await plan(month)).additions
        await mark(month, [pushed(addition, addition_id=None, error="400 InvalidObject")])
        (item,) = (await api.get("/invoice-lines"))["items"]
        assert (item["status"], item["hold_reasons"], item["push_error"]) == (
            "held",
            ["push_failed"],
            "400 InvalidObject",
        )
        assert [each.marker for each in await push(month)] == [addition.marker]
        assert (await month.line()).rated.status is LineStatus.SENT

    async def test_a_line_edited_after_sending_is_ready_again_and_sent_when_the_edit_is_undone(
        self, month: Billing, api: Client
    ) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        line = await month.line()
        edited = await api("PATCH", f"/invoice-lines/{line.id}", json={"version": line.version, "excluded": True})
        assert edited["status"] == "excluded"
        change = {"version": edited["version"], "excluded": False, "charge_start_date": "2026-10-20"}
        edited = await api("PATCH", f"/invoice-lines/{line.id}", json=change)
        assert edited["status"] == "ready"
        change = {"version": edited["version"], "charge_start_date": None}
        assert (await api("PATCH", f"/invoice-lines/{line.id}", json=change))["status"] == "sent"

    async def test_a_line_edited_while_it_was_pushed_is_ready_for_its_new_values(
        self, month: Billing, api: Client
    ) -> None:
        await month.hears(rows_loaded(a_row()))
        (addition,) = (await plan(month)).additions
        change = {"version": addition.line_version, "charge_start_date": "2026-10-20"}
        await api("PATCH", f"/invoice-lines/{addition.line_id}", json=change)
        await mark(month, [pushed(addition)])
        line = await month.line()
        assert (line.rated.status, line.addition_id) == (LineStatus.READY, "77")
        await push(month, operation=OperationKind.UPDATE)
        assert (await month.line()).rated.status is LineStatus.SENT

    async def test_a_changed_row_of_a_sent_line_is_ready_again(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        await month.hears(rows_loaded(a_row(unit_price=Decimal("3.50"), total=Decimal("35.00"))))
        line = await month.line()
        assert (line.rated.status, line.addition_id) == (LineStatus.READY, "77")

    async def test_a_refused_re_creation_ends_sent(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        (addition,) = await push(month)
        await mark(month, [pushed(addition, addition_id=None, error="400 InvalidObject")])
        line = await month.line()
        assert (line.rated.status, line.rated.hold_reasons) == (LineStatus.HELD, (HoldReason.PUSH_FAILED,))
        assert (line.addition_id, line.sent_at, line.line.sent_recurring) == (None, None, None)
        await plan(month)
        assert (await month.line()).rated.status is LineStatus.READY

    async def test_a_refused_correction_ends_sent_and_knows_its_addition(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        (addition,) = await push(month)
        await mark(month, [pushed(addition, operation=OperationKind.UPDATE, error="400 InvalidObject")])
        line = await month.line()
        assert (line.rated.status, line.addition_id) == (LineStatus.HELD, "77")
        assert [each.marker for each in await push(month, operation=OperationKind.UPDATE)] == [addition.marker]
        assert (await month.line()).rated.status is LineStatus.SENT

    async def test_news_of_lines_nobody_has_changes_nothing(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        (addition,) = (await plan(month)).additions
        await mark(month, [pushed(addition, line_id=UUID(int=5))])
        assert (await month.line()).rated.status is LineStatus.READY


class TestMonths:
    """One persistent addition through the months."""

    async def test_the_next_month_goes_on_with_the_addition_and_its_start(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        (october,) = await push(month)
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        (november,) = await push(month, "2026-11", operation=OperationKind.NONE)
        assert (november.marker, november.effective_date) == (october.marker, date(2026, 10, 12))
        assert {each.rated.status for each in await month.lines()} == {LineStatus.SENT}

    async def test_an_invoiced_period_does_not_hold_what_runs_already(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        await month.hears(agreements(an_agreement(next_invoice_date=date(2026, 12, 1))))
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        assert (await month.lines())[1].rated.status is LineStatus.READY

    async def test_an_earlier_month_does_not_take_the_addition_back(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        await push(month, "2026-11")
        answer = await plan(month)
        assert answer.additions == []
        assert [(each.status, each.reasons) for each in answer.unsent] == [(LineStatus.SENT, [HoldReason.SUPERSEDED])]

    async def test_a_line_that_comes_after_a_later_month_was_sent_is_an_addition_of_its_own(
        self, month: Billing
    ) -> None:
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        (november,) = await push(month, "2026-11")
        await month.hears(rows_loaded(a_row()))
        (october,) = await push(month)
        assert not october.is_recurring
        assert october.marker != november.marker
        assert october.cancelled_date is not None

    async def test_a_re_load_leaves_a_line_sent_whose_addition_an_earlier_month_began(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        await push(month, "2026-11")
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        assert {each.rated.status for each in await month.lines()} == {LineStatus.SENT}

    async def test_a_late_line_that_was_sent_once_takes_a_correction(self, month: Billing) -> None:
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        await push(month, "2026-11")
        await month.hears(rows_loaded(a_row()))
        (october,) = await push(month, addition_id="78")
        await month.hears(rows_loaded(a_row(unit_price=Decimal("3.50"), total=Decimal("35.00"))))
        assert (await month.lines())[0].rated.status is LineStatus.READY
        (corrected,) = await push(month, operation=OperationKind.UPDATE, addition_id="78")
        assert (corrected.marker, corrected.amount) == (october.marker, Decimal("35.00"))
        assert (await month.lines())[0].rated.status is LineStatus.SENT

    async def test_a_line_sent_once_never_joins_the_persistent_addition(self, month: Billing) -> None:
        early = a_row("early", subscription_id="sub", charge_start=date(2026, 10, 1), charge_end=date(2026, 10, 11))
        await month.hears(rows_loaded(early, a_row("late", subscription_id="sub")))
        first = {each.row_id: each.marker for each in await push(month)}
        corrected = early.model_copy(update={"unit_price": Decimal("3.50"), "total": Decimal("35.00")})
        await month.hears(rows_loaded(corrected, vanished=["late"]))
        (addition,) = (await plan(month)).additions
        assert (addition.row_id, addition.marker, addition.is_recurring) == ("early", first["early"], False)


class TestEnd:
    """Additions that we cancelled, or that are gone from ConnectWise."""

    async def test_a_line_whose_one_time_addition_is_gone_is_no_longer_sent(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row(charge_type="UsageFee")))
        (addition,) = await push(month)
        await mark(month, ended=[ended(addition)])
        line = await month.line()
        assert (line.rated.status, line.addition_id, line.sent_at) == (LineStatus.READY, None, None)
        assert [each.marker for each in (await plan(month)).additions] == [addition.marker]

    async def test_a_line_that_was_billed_before_its_addition_was_cancelled_stays_sent(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        (addition,) = await push(month)
        before = await month.line()
        await mark(month, ended=[ended(addition, date(2026, 10, 31))])
        assert await month.line() == before

    async def test_a_line_that_its_cancelled_addition_never_billed_is_free(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        (addition,) = await push(month)
        await mark(month, ended=[ended(addition, date(2026, 10, 11))])
        assert (await month.line()).rated.status is LineStatus.READY

    async def test_a_charge_after_the_end_begins_anew_with_its_own_start(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        (october,) = await push(month)
        await mark(month, ended=[ended(october, date(2026, 10, 31))])
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        (november,) = await push(month, "2026-11", operation=OperationKind.UPDATE)
        assert (november.marker, november.effective_date) == (second_of(october, month), date(2026, 11, 12))
        december = an_invoice("invoice-3", invoice_date=date(2026, 12, 15), period="2026-12", number="1003")
        row = november_row(invoice_id="invoice-3", charge_start=date(2026, 12, 12), charge_end=date(2027, 1, 11))
        await month.hears(rows_loaded(row, invoice=december))
        (later,) = (await plan(month, "2026-12")).additions
        assert (later.marker, later.effective_date) == (november.marker, date(2026, 11, 12))

    async def test_months_before_the_end_do_not_write_to_the_cancelled_addition(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        (november,) = await push(month, "2026-11", operation=OperationKind.NONE)
        await mark(month, ended=[ended(november, date(2026, 11, 30))])
        answer = await plan(month)
        assert answer.additions == []
        assert [each.reasons for each in answer.unsent] == [[HoldReason.SUPERSEDED]]

    async def test_of_an_addition_that_is_gone_only_the_line_that_drove_it_last_is_free(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        (november,) = await push(month, "2026-11", operation=OperationKind.NONE)
        await mark(month, ended=[ended(november)])
        assert [each.rated.status for each in await month.lines()] == [LineStatus.SENT, LineStatus.READY]
        (again,) = await push(month, "2026-11", addition_id="78")
        assert (again.marker, again.effective_date) == (second_of(november, month), date(2026, 11, 12))
        assert [each.rated.status for each in await month.lines()] == [LineStatus.SENT, LineStatus.SENT]

    async def test_an_end_that_is_heard_after_the_addition_was_written_anew_changes_nothing(
        self, month: Billing
    ) -> None:
        await month.hears(rows_loaded(a_row()))
        (addition,) = await push(month, addition_id="78")
        before = await month.line()
        await mark(month, ended=[ended(addition, addition_id="77")])
        assert await month.line() == before
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        (november,) = (await plan(month, "2026-11")).additions
        assert november.effective_date == date(2026, 10, 12)


class TestOlderLines:
    async def test_a_line_sent_before_it_was_remembered_how_keeps_its_addition(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        (october,) = await push(month)
        await month.owner.execute("UPDATE billing.line SET sent_recurring = NULL, sent_marker = NULL")
        await month.owner.execute("UPDATE billing.running_addition SET addition_id = NULL")
        assert (await month.line()).line.sent_recurring is True
        await month.hears(rows_loaded(november_row(), invoice=NOVEMBER))
        await push(month, "2026-11")
        await month.hears(rows_loaded(a_row(unit_price=Decimal("3.50"), total=Decimal("35.00"))))
        assert (await month.lines())[0].rated.hold_reasons == (HoldReason.SUPERSEDED,)
        await mark(month, ended=[ended(october, date(2026, 11, 30))])
        assert await month.owner.fetchval("SELECT last_billed_day FROM billing.running_addition") == date(2026, 11, 30)


class TestWordsAlone:
    async def test_a_sent_line_of_an_older_build_is_not_rated_anew_for_them(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        await push(month)
        before = await month.line()
        assert before.rated.status is LineStatus.SENT
        await month.hears(rows_loaded(a_row(vendor="Microsoft", purchase_order="4500")))
        assert await month.line() == before
