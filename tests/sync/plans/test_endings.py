from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from services.contracts.events.sync import TroubleNoted
from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import HoldReason
from services.sync.plans.schemas import PlanSummary
from tests.sync.conftest import CONNECTWISE, StandIns
from tests.sync.plans.desk import Desk, leave, want

JULY = "2026-07"
SUBSCRIPTION = "sub-a"  # ids of AppXite come in either case, and are kept in lower


def want_a(**changes: Any) -> DesiredAddition:
    return want("TO-A", subscription_id=SUBSCRIPTION, **changes)


def end_subscription(desk: Desk) -> None:
    """AppXite says from now on that it has ended."""
    desk.subscriptions.listed[SUBSCRIPTION] = {
        "subscriptionId": SUBSCRIPTION,
        "subscriptionName": "M365 Business",
        "subscriptionEndDate": "2026-06-20T00:00:00",
        "status": "Expired",
    }


async def sent_in_june(desk: Desk) -> None:
    desk.wanted = [want_a()]
    await desk.push()
    desk.wanted = []


class TestEndedSubscriptions:
    async def test_their_addition_is_cancelled_with_a_last_billed_day(self, desk: Desk) -> None:
        await sent_in_june(desk)
        end_subscription(desk)
        plan = await desk.plan(JULY)
        (operation,) = await desk.operations(plan.id)
        assert (operation.kind, operation.organization, operation.amount) == ("cancel", "Contoso", Decimal(50))
        assert "ended on 2026-06-20" in operation.explanation[0]
        await desk.apply(plan.id)
        await desk.settle()
        (addition,) = await desk.additions()
        assert addition.values.cancelled_date == date(2026, 6, 30)
        assert (await desk.plan(JULY)).summary == PlanSummary()

    async def test_planning_the_month_before_again_leaves_it_ended(self, desk: Desk) -> None:
        await sent_in_june(desk)
        end_subscription(desk)
        await desk.push(JULY)
        desk.wanted = [want_a()]
        assert (await desk.plan()).summary == PlanSummary(none=1)

    async def test_an_ending_that_was_answered_with_a_failure_is_remembered_like_any_other(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        await sent_in_june(desk)
        end_subscription(desk)
        fault = {"kind": "error_after_commit", "code": "InternalServerError", "method": "PATCH"}
        await stand_ins.order(CONNECTWISE, "faults", **fault)
        run = await desk.push(JULY)
        assert run.outcomes["cancelled"].count == 1
        desk.wanted = [want_a()]
        assert (await desk.plan()).summary == PlanSummary(none=1)

    async def test_a_month_without_a_line_is_no_end(self, desk: Desk) -> None:
        await sent_in_june(desk)
        assert (await desk.plan(JULY)).summary.cancel == 0

    async def test_neither_is_a_subscription_that_is_no_longer_listed(self, desk: Desk) -> None:
        await sent_in_june(desk)
        end_subscription(desk)
        assert (await desk.plan(JULY)).summary.cancel == 1
        desk.subscriptions.listed.clear()
        assert (await desk.plan(JULY)).summary.cancel == 0

    async def test_what_appxite_said_before_counts_while_it_does_not_answer(self, desk: Desk) -> None:
        await sent_in_june(desk)
        end_subscription(desk)
        assert (await desk.plan(JULY)).summary.cancel == 1
        desk.subscriptions.are_refused = True
        assert (await desk.plan(JULY)).summary.cancel == 1
        (trouble,) = await desk.facts(TroubleNoted)
        assert trouble.title == "Subscriptions could not be read"
        assert "500" in trouble.details or "try later" in trouble.details

    async def test_one_that_the_period_still_charges_goes_on(self, desk: Desk) -> None:
        await sent_in_june(desk)
        end_subscription(desk)
        await desk.charge((want_a(), Decimal(50)), period=JULY)
        assert (await desk.plan(JULY)).summary.cancel == 0

    async def test_a_refund_does_not_postpone_the_end(self, desk: Desk) -> None:
        """A Correction of -20 on the next month's invoice let the addition bill 30 once more."""
        await sent_in_june(desk)
        end_subscription(desk)
        await desk.charge((want_a(), Decimal(-20)), period=JULY, charge_type="Correction")
        assert (await desk.plan(JULY)).summary.cancel == 1

    async def test_the_last_billed_day_is_that_of_the_last_charge_whatever_month_it_was_invoiced_in(
        self, desk: Desk
    ) -> None:
        desk.wanted = [want_a(bills_from=date(2026, 6, 1), bills_through=date(2026, 8, 31))]
        await desk.push()
        desk.wanted = []
        end_subscription(desk)
        await desk.push(JULY)
        (addition,) = await desk.additions()
        assert addition.values.cancelled_date == date(2026, 8, 31)

    async def test_one_that_was_invoiced_a_month_late_stays_ended_when_that_month_is_planned_again(
        self, desk: Desk
    ) -> None:
        late = want_a(effective_date=date(2026, 5, 1), bills_from=date(2026, 5, 1), bills_through=date(2026, 5, 31))
        desk.wanted = [late]
        await desk.push()
        desk.wanted = []
        end_subscription(desk)
        await desk.push(JULY)
        (addition,) = await desk.additions()
        assert addition.values.cancelled_date == date(2026, 5, 31)
        desk.wanted = [late]
        assert (await desk.plan()).summary == PlanSummary(none=1)

    async def test_a_charge_that_vanished_from_its_invoice_is_not_billed_before_the_end(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        await stand_ins.order(CONNECTWISE, "invoice-agreements", through="2026-04-30")
        charged = want_a(effective_date=date(2026, 5, 1), bills_from=date(2026, 5, 1), bills_through=date(2026, 5, 31))
        desk.wanted = [charged]
        await desk.push("2026-05")
        again = want_a(effective_date=date(2026, 5, 1), bills_from=date(2026, 6, 1), bills_through=date(2026, 6, 30))
        again = again.model_copy(update={"line_id": uuid4()})
        desk.wanted = [again]
        await desk.push()
        end_subscription(desk)
        desk.wanted, desk.unsent = [], [leave(line_id=again.line_id, reasons=[HoldReason.VANISHED_FROM_INVOICE])]
        await desk.push()
        (addition,) = await desk.additions()
        assert addition.values.cancelled_date == date(2026, 5, 31)

    async def test_only_recurring_additions_end(self, desk: Desk) -> None:
        desk.wanted = [want_a(is_recurring=False)]
        await desk.push()
        desk.wanted = []
        end_subscription(desk)
        assert (await desk.plan(JULY)).summary.cancel == 0
