from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import insert

from services.contracts.shapes import Closing, MirrorRecord
from services.contracts.vocabulary import (
    DecisionChoice,
    HoldReason,
    LineStatus,
    MirrorKind,
    OperationKind,
    PlanStatus,
    UndecidedCause,
)
from services.sync.mirrors.models import MirrorRecordRow
from services.sync.plans.models import OperationRow
from services.sync.plans.schemas import PlanSummary
from services.sync.psas.addition import Addition
from tests.support.clock import HeldClock
from tests.sync.conftest import CONNECTWISE, StandIns
from tests.sync.plans.desk import AGREEMENT, JUNE, OTHER_AGREEMENT, PERIOD, Desk, want
from tests.sync.plans.months import JULY, SUBSCRIPTION, invoice_through, july, june, stay_behind

MAY_31, JUNE_30 = date(2026, 5, 31), date(2026, 6, 30)
BEHIND = [
    (LineStatus.HELD, HoldReason.VANISHED_FROM_INVOICE, UndecidedCause.VANISHED),
    (LineStatus.EXCLUDED, None, UndecidedCause.EXCLUDED),
    (LineStatus.HELD, HoldReason.PRODUCT_UNMAPPED, UndecidedCause.HELD),
    (LineStatus.HELD, HoldReason.ZERO_PRICE, UndecidedCause.FREE),
]


@pytest.fixture(autouse=True)
async def in_july(desk: Desk, clock: HeldClock, stand_ins: StandIns) -> None:
    """It is 20 July, and ConnectWise has invoiced up to the end of May."""
    clock.set(datetime(2026, 7, 20, 12, tzinfo=UTC))
    await invoice_through(stand_ins, "2026-05-31")


async def only(desk: Desk, plan_id: Any, kind: OperationKind) -> OperationRow:
    (found,) = [each for each in await desk.operations(plan_id) if each.kind == kind.value]
    return found


async def apply(desk: Desk, plan_id: Any) -> None:
    await desk.apply(plan_id)
    await desk.settle()


def never_bills(addition: Addition) -> bool:
    values = addition.values
    return values.bill_option == "DoNotBill" and values.cancelled_date == values.effective_date


class TestChargesThatGoElsewhere:
    async def test_a_line_that_moves_to_another_agreement_closes_the_addition_it_leaves(self, desk: Desk) -> None:
        """30 were billed on both."""
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = [june("TO-B", agreement_id=OTHER_AGREEMENT, replaces="TO-A")]
        plan = await desk.plan()
        assert plan.summary == PlanSummary(create=1, close=1)
        closing = await only(desk, plan.id, OperationKind.CLOSE)
        assert closing.explanation[0] == "Its charge is on agreement Cloud now."
        assert (closing.will_bill, closing.organization_id) == (Decimal("30.00"), "org-1")
        await apply(desk, plan.id)
        assert never_bills(*await desk.additions(AGREEMENT))
        assert (await desk.plan()).summary == PlanSummary(none=1)

    async def test_also_where_billing_no_longer_says_which_it_left(self, desk: Desk) -> None:
        """Its first move was pushed and the close was refused: the line is sent under its new marker by now."""
        desk.wanted = [june(is_recurring=False, cancelled_date=JUNE_30)]
        await desk.push()
        desk.wanted = [june("TO-B", agreement_id=OTHER_AGREEMENT, is_recurring=False, cancelled_date=JUNE_30)]
        await desk.push()
        assert never_bills(*await desk.additions(AGREEMENT))

    async def test_what_was_invoiced_before_the_move_stays_billed(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [june()]
        await desk.push()
        await invoice_through(stand_ins, "2026-06-30")
        desk.wanted = [july("TO-B", agreement_id=OTHER_AGREEMENT)]
        plan = await desk.plan(JULY)
        assert plan.summary == PlanSummary(create=1, close=1)
        await apply(desk, plan.id)
        (left,) = await desk.additions(AGREEMENT)
        assert (left.values.cancelled_date, left.values.bill_option) == (JUNE_30, "Billable")

    async def test_a_month_that_is_charged_and_not_invoiced_yet_still_bills(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = [july("TO-B", agreement_id=OTHER_AGREEMENT)]
        await desk.push(JULY)
        (left,) = await desk.additions(AGREEMENT)
        assert left.values.cancelled_date == JUNE_30

    async def test_a_monthly_charge_that_becomes_an_annual_one_closes_the_monthly_addition(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        """300 + 30 were billed every month."""
        desk.wanted = [june()]
        await desk.push()
        await invoice_through(stand_ins, "2026-06-30")
        annual = july(
            "TO-Y",
            is_recurring=False,
            unit_price=Decimal("300.00"),
            effective_date=date(2026, 7, 1),
            cancelled_date=date(2026, 7, 31),
        )
        await desk.charge((annual, Decimal(300)), period=JULY)
        desk.wanted = [annual]
        plan = await desk.plan(JULY)
        closing = await only(desk, plan.id, OperationKind.CLOSE)
        assert closing.will_bill == Decimal("30.00")
        assert closing.explanation[0] == "Its charge is on agreement Cloud now, as a one-time charge."
        await apply(desk, plan.id)
        monthly = next(each for each in await desk.additions() if each.marker == "TO-A")
        assert monthly.values.cancelled_date == JUNE_30

    async def test_an_earlier_month_does_not_close_what_a_later_one_is_charged_for(self, desk: Desk) -> None:
        """July's billing period began within June, so June's plan took its addition for one that June had left."""
        early = {"bills_from": JUNE_30, "bills_through": date(2026, 7, 30), "effective_date": JUNE_30}
        desk.wanted = [july("TO-2", period=JULY, **early)]
        await desk.push(JULY)
        desk.wanted = [june(period=PERIOD)]
        assert (await desk.plan()).summary == PlanSummary(create=1)

    async def test_usage_beside_an_absent_charge_does_not_stand_in_for_it(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        usage = july("TO-U", is_recurring=False, effective_date=date(2026, 7, 1), cancelled_date=date(2026, 7, 31))
        await desk.charge((usage, Decimal(30)), period=JULY, charge_type="UsageFee")
        await desk.say_complete(JULY)
        desk.wanted = [usage]
        assert (await desk.plan(JULY)).summary == PlanSummary(create=1, undecided=1)

    async def test_an_older_segment_ends_where_billing_says(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = [july("TO-2", effective_date=date(2026, 7, 1))]
        desk.closings = [
            Closing(
                marker="TO-A",
                agreement_id=AGREEMENT,
                subscription_id=SUBSCRIPTION,
                last_billed_day=JUNE_30,
                explanation="From July on 36.00 are charged.",
            )
        ]
        plan = await desk.plan(JULY)
        assert plan.summary == PlanSummary(create=1, close=1)
        await apply(desk, plan.id)
        assert next(each for each in await desk.additions() if each.marker == "TO-A").values.cancelled_date == JUNE_30
        assert (await desk.plan(JULY)).summary == PlanSummary(none=1)

    async def test_a_segment_never_ends_before_what_was_invoiced(self, desk: Desk, stand_ins: StandIns) -> None:
        desk.wanted = [june()]
        await desk.push()
        await invoice_through(stand_ins, "2026-06-30")
        desk.wanted = []
        desk.closings = [
            Closing(
                marker="TO-A",
                agreement_id=AGREEMENT,
                subscription_id=SUBSCRIPTION,
                last_billed_day=MAY_31,
                explanation="It was charged by mistake.",
            )
        ]
        await desk.push()
        (addition,) = await desk.additions()
        assert (addition.values.cancelled_date, addition.values.bill_option) == (JUNE_30, "Billable")


class TestLinesThatStayBehind:
    @pytest.mark.parametrize(("status", "reason", "cause"), BEHIND)
    async def test_their_addition_is_undecided_with_its_money(
        self, desk: Desk, status: LineStatus, reason: HoldReason | None, cause: UndecidedCause
    ) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = []
        desk.unsent = [stay_behind(june(), status, *([reason] if reason else []))]
        plan = await desk.plan()
        assert plan.summary == PlanSummary(undecided=1)
        question = await only(desk, plan.id, OperationKind.UNDECIDED)
        assert (question.cause, question.choice, question.will_bill) == (cause.value, None, Decimal("30.00"))
        assert question.before == question.after

    async def test_a_plan_applies_without_decisions_and_writes_nothing_undecided(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = []
        desk.unsent = [stay_behind(june(), LineStatus.HELD, HoldReason.VANISHED_FROM_INVOICE)]
        run = await desk.push()
        assert run.outcomes["undecided"].count == 1
        (addition,) = await desk.additions()
        assert addition.values.is_open

    @pytest.mark.parametrize(("status", "reason", "cause"), BEHIND)
    async def test_a_later_months_line_that_was_never_sent_asks_about_its_own_month_alone(
        self, desk: Desk, status: LineStatus, reason: HoldReason | None, cause: UndecidedCause
    ) -> None:
        desk.wanted = [june()]
        await desk.push()
        line = stay_behind(july(), status, *([reason] if reason else []))
        desk.wanted, desk.unsent = [], [line.model_copy(update={"sent_marker": ""})]
        plan = await desk.plan(JULY)
        question = await only(desk, plan.id, OperationKind.UNDECIDED)
        assert (question.cause, question.will_bill) == (cause.value, Decimal("30.00"))  # July; June is charged

    async def test_a_vanished_correction_does_not_bill_on_in_silence(self, desk: Desk) -> None:
        """Reissued, 45 were charged and 95 billed."""
        old = june("TO-OLD", is_recurring=False, cancelled_date=JUNE_30, unit_price=Decimal("50.00"))
        desk.wanted = [old]
        await desk.push()
        desk.wanted = [
            want("TO-NEW", is_recurring=False, cancelled_date=JUNE_30, quantity=Decimal(1), unit_price=Decimal("45.00"))
        ]
        desk.unsent = [stay_behind(old, LineStatus.HELD, HoldReason.VANISHED_FROM_INVOICE)]
        plan = await desk.plan()
        question = await only(desk, plan.id, OperationKind.UNDECIDED)
        assert (question.marker, question.will_bill) == ("TO-OLD", Decimal("50.00"))

    async def test_one_that_was_invoiced_before_its_line_vanished_asks_nothing(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        once = june(is_recurring=False, cancelled_date=JUNE_30)
        desk.wanted = [once]
        await desk.push()
        await invoice_through(stand_ins, "2026-06-30")
        desk.wanted, desk.unsent = [], [stay_behind(once, LineStatus.HELD, HoldReason.VANISHED_FROM_INVOICE)]
        assert (await desk.plan()).summary == PlanSummary()

    async def test_a_line_whose_addition_a_later_month_has_taken_over_asks_nothing(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = [july()]
        await desk.push(JULY)
        desk.wanted, desk.unsent = [], [stay_behind(june(), LineStatus.HELD, HoldReason.SUPERSEDED)]
        assert (await desk.plan()).summary == PlanSummary()

    async def test_a_preview_is_a_charge_to_come_and_is_listed(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        line = stay_behind(july(), LineStatus.PREVIEW).model_copy(update={"sent_marker": ""})
        desk.wanted, desk.unsent = [], [line]
        plan = await desk.plan(JULY)
        assert plan.summary == PlanSummary()
        (expected,) = await desk.expected(plan.id)
        assert (expected.marker, expected.amount) == ("TO-A", Decimal("30.00"))
        assert expected.reason == "Its charge is on an invoice that is not Verified yet."


class TestAbsentCharges:
    async def test_a_month_that_is_not_complete_asks_nothing_and_lists_them(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = []
        plan = await desk.plan(JULY)
        assert plan.summary == PlanSummary()
        (expected,) = await desk.expected(plan.id)
        assert (expected.addition_id, expected.amount) == ((await desk.additions())[0].id, Decimal("30.00"))
        assert (expected.organization, expected.organization_id) == ("Contoso", "org-1")
        assert expected.reason == "The month has not charged it yet."

    async def test_a_month_that_a_person_calls_complete_asks(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = []
        before = await desk.plan(JULY)
        await desk.say_complete(JULY)
        assert (await desk.show(before.id)).status is PlanStatus.STALE
        plan = await desk.plan(JULY)
        question = await only(desk, plan.id, OperationKind.UNDECIDED)
        assert (question.cause, question.will_bill) == ("absent", Decimal("30.00"))
        await desk.say_complete(JULY, is_complete=False)
        assert (await desk.plan(JULY)).summary == PlanSummary()

    @pytest.mark.parametrize(
        ("today", "billing_day", "status", "asks"),
        [
            (date(2026, 7, 16), "15", "Verified", True),
            (date(2026, 7, 15), "15", "Verified", False),
            (date(2026, 7, 16), "15", "New", False),
            (date(2026, 7, 16), "", "Verified", False),
            (date(2026, 7, 31), "31", "Verified", False),
            (date(2026, 8, 1), "31", "Verified", True),
        ],
    )
    async def test_without_a_person_it_is_complete_once_its_billing_day_is_over_and_its_invoices_are_verified(
        self,
        desk: Desk,
        clock: HeldClock,
        today: date,
        billing_day: str,
        status: str,
        asks: bool,
    ) -> None:
        desk.wanted = [june()]
        await desk.push()
        await know_contract(desk, billing_day)
        await desk.charge((want("TO-OTHER"), Decimal(10)), period=JULY, status=status)
        desk.wanted = []
        clock.set(datetime(today.year, today.month, today.day, 12, tzinfo=UTC))
        assert (await desk.plan(JULY)).summary == PlanSummary(undecided=int(asks))

    async def test_without_any_invoice_it_is_not(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        await know_contract(desk, "1")
        desk.wanted = []
        assert (await desk.plan(JULY)).summary == PlanSummary()

    async def test_an_annual_charge_is_absent_only_when_its_next_billing_period_comes(self, desk: Desk) -> None:
        desk.wanted = [june(bills_through=date(2027, 5, 31))]
        await desk.push()
        desk.wanted = []
        await desk.say_complete(PERIOD)
        plan = await desk.plan()
        assert (plan.summary, await desk.expected(plan.id)) == (PlanSummary(), [])

    async def test_a_month_without_a_change_is_noted_although_nothing_is_pushed(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = [july()]
        assert (await desk.plan(JULY)).summary == PlanSummary(none=1)
        desk.wanted = []
        plan = await desk.plan(JULY)  # billing is silent about July, which was charged a moment ago
        assert (plan.summary, await desk.expected(plan.id)) == (PlanSummary(), [])

    async def test_planning_an_earlier_month_again_does_not_take_back_what_is_charged(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = [july(quantity=Decimal(2))]
        await desk.push(JULY)
        desk.wanted = [june()]
        await desk.push()
        desk.wanted = []
        plan = await desk.plan(JULY)
        assert (plan.summary, await desk.expected(plan.id)) == (PlanSummary(), [])


class TestRules:
    async def test_a_rule_that_ends_closes_at_once(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted, desk.rules = [], {UndecidedCause.ABSENT: DecisionChoice.END}
        await desk.say_complete(JULY)
        plan = await desk.plan(JULY)
        closing = await only(desk, plan.id, OperationKind.CLOSE)
        assert (closing.cause, closing.choice, closing.decided_by) == ("absent", "end", "Billing rules")
        await apply(desk, plan.id)
        (addition,) = await desk.additions()
        assert addition.values.cancelled_date == JUNE_30

    async def test_a_rule_that_keeps_leaves_it_and_lists_it(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        desk.wanted, desk.rules = [], {UndecidedCause.ABSENT: DecisionChoice.KEEP}
        await desk.say_complete(JULY)
        plan = await desk.plan(JULY)
        question = await only(desk, plan.id, OperationKind.UNDECIDED)
        assert (question.choice, question.will_bill) == ("keep", Decimal("30.00"))


class TestScope:
    async def test_a_plan_of_other_customers_does_not_look_at_it(self, desk: Desk) -> None:
        desk.wanted = [june()]
        await desk.push()
        await desk.say_complete(JULY)
        desk.wanted = []
        assert (await desk.plan(JULY, organization_ids=["org-2"])).summary == PlanSummary()
        assert (await desk.plan(JULY, subscription_id="another")).summary == PlanSummary()
        assert (await desk.plan(JULY, agreement_ids=[OTHER_AGREEMENT])).summary == PlanSummary()
        for scope in (
            {"organization_ids": ["org-1"]},
            {"subscription_id": SUBSCRIPTION},
            {"agreement_ids": [AGREEMENT]},
        ):
            assert (await desk.plan(JULY, **scope)).summary == PlanSummary(undecided=1)

    async def test_a_plan_of_single_lines_looks_only_where_they_go_or_were(self, desk: Desk) -> None:
        other = want("TO-OTHER", subscription_id="sub-other", bills_from=JUNE, bills_through=JUNE_30)
        desk.wanted = [june(), other]
        await desk.push()
        await desk.say_complete(JULY)
        moved = july("TO-B", agreement_id=OTHER_AGREEMENT)
        desk.wanted = [moved]
        assert (await desk.plan(JULY, line_ids=[moved.line_id])).summary == PlanSummary(create=1, close=1)

    async def test_a_line_that_goes_elsewhere_is_not_absent_from_the_agreement_that_a_plan_is_about(
        self, desk: Desk
    ) -> None:
        desk.wanted = [june()]
        await desk.push()
        await desk.say_complete(JULY)
        await desk.charge((july("TO-B", agreement_id=OTHER_AGREEMENT), Decimal(30)), period=JULY)
        desk.wanted = []
        plan = await desk.plan(JULY, agreement_ids=[AGREEMENT])
        assert (plan.summary, await desk.expected(plan.id)) == (PlanSummary(), [])

    async def test_each_agreement_with_an_open_addition_is_read_once_and_counted(
        self, desk: Desk, stand_ins: StandIns
    ) -> None:
        desk.wanted = [june(), want("TO-B", agreement_id=OTHER_AGREEMENT)]
        await desk.push()
        desk.wanted = []
        before = await list_reads(stand_ins)
        plan = await desk.plan(JULY)
        assert plan.calls_needed == 2 * 2 * 2  # before and after the writes, each a page and an empty one
        assert await list_reads(stand_ins) - before == 2 * 2


async def list_reads(stand_ins: StandIns) -> int:
    """Pages of additions that ConnectWise was asked for."""
    answer = (await stand_ins.http.get(f"{CONNECTWISE}/_sandbox/calls")).json()
    return sum(each["count"] for each in answer["calls"] if each["method"] == "GET" and "additions" in each["path"])


async def know_contract(desk: Desk, billing_day: str) -> None:
    """Contoso's contract, as AppXite lists it."""
    record = MirrorRecord(
        external_id="contract-1",
        name="Contoso",
        parent_id="org-1",
        attributes={"billing_cycle_day": billing_day} if billing_day else {},
    )
    async with desk.database.writing(desk.circumstances) as session:
        values = {
            "partner_id": desk.id,
            "kind": MirrorKind.CONTRACT.value,
            "external_id": record.external_id,
            "record": record.model_dump(mode="json"),
            "digest": b"",
            "is_listed": True,
        }
        await session.execute(insert(MirrorRecordRow), [values])
