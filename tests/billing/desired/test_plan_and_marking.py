from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest

from services.contracts.events.billing import AdditionsDesired, LinesSettled
from services.contracts.events.sync import AdditionsPushed, PlanPrepared
from services.contracts.shapes import DesiredAddition, PushedAddition, RowFacts
from services.contracts.vocabulary import HoldReason, LineStatus, OperationKind
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
    }
    return PushedAddition(**values | changes)


async def settle(billing: Billing, additions: Sequence[PushedAddition]) -> None:
    fact = AdditionsPushed(run_id=RUN, plan_id=uuid4(), part=0, period="2026-10", additions=list(additions))
    await billing.hears(fact)


async def push(billing: Billing, period: str = "2026-10", **changes: Any) -> list[DesiredAddition]:
    """Plan, and let ConnectWise take everything."""
    desired = (await plan(billing, period)).additions
    await settle(billing, [pushed(each, **changes) for each in desired])
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

    async def test_a_large_month_comes_in_parts(self, month: Billing) -> None:
        held = {"charge_type": "?"}
        for start in range(0, 1200, 400):
            rows = [a_row(f"{number:04d}", **(held if number % 2 else {})) for number in range(start, start + 400)]
            await month.hears(rows_loaded(*rows))
        answer = await plan(month)
        assert answer.chunk.count == 3
        assert (len(answer.additions), len(answer.unsent)) == (600, 600)

    async def test_the_latest_row_of_a_subscription_drives_and_the_others_are_saved_as_one_time(
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


class TestSettlement:
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
        await settle(month, [pushed(addition, addition_id=None, error="400 InvalidObject")])
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
        await settle(month, [pushed(addition)])
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

    async def test_a_cancelled_addition_sets_its_line_free(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        (addition,) = await push(month)
        await settle(month, [pushed(addition, operation=OperationKind.CANCEL)])
        line = await month.line()
        assert (line.rated.status, line.addition_id, line.sent_at) == (LineStatus.READY, None, None)
        assert await month.owner.fetchval("SELECT count(*) FROM billing.running_addition") == 0

    async def test_news_of_lines_nobody_has_changes_nothing(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row()))
        (addition,) = (await plan(month)).additions
        await settle(month, [pushed(addition, line_id=UUID(int=5))])
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
