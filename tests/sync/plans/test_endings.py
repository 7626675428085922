from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from services.contracts.facts import MirrorRecord
from services.contracts.vocabulary import MirrorKind
from services.sync.mirrors.models import MirrorRecordRow
from services.sync.plans.schemas import PlanSummary
from tests.sync.plans.desk import Desk, want

JULY = "2026-07"


async def end_subscription(desk: Desk, subscription_id: str = "sub-TO-A", **changes: Any) -> None:
    record = MirrorRecord(
        external_id=subscription_id, name="M365 Business", is_active=False, attributes={"end": "2026-06-20"}
    )
    values = {
        "partner_id": desk.id,
        "kind": MirrorKind.SUBSCRIPTION.value,
        "external_id": subscription_id,
        "record": record.model_dump(mode="json"),
        "digest": b"",
        **changes,
    }
    async with desk.database.writing(desk.circumstances) as session:
        await session.execute(insert(MirrorRecordRow), [values])


async def sent_in_june(desk: Desk) -> None:
    desk.wanted = [want("TO-A")]
    await desk.push()
    desk.wanted = []


class TestEndedSubscriptions:
    async def test_their_addition_is_cancelled_with_a_last_billed_day(self, desk: Desk) -> None:
        await sent_in_june(desk)
        await end_subscription(desk)
        plan = await desk.plan(JULY)
        (operation,) = await desk.operations(plan.id)
        assert (operation.kind, operation.organization, operation.amount) == ("cancel", "Contoso", Decimal(50))
        assert "ended on 2026-06-20" in operation.explanation[0]
        await desk.apply(plan.id)
        await desk.settle()
        (addition,) = await desk.additions()
        assert addition.cancelled_date == date(2026, 6, 30)
        assert (await desk.plan(JULY)).summary == PlanSummary()

    async def test_planning_the_month_before_again_leaves_it_ended(self, desk: Desk) -> None:
        await sent_in_june(desk)
        await end_subscription(desk)
        await desk.push(JULY)
        desk.wanted = [want("TO-A")]
        assert (await desk.plan()).summary == PlanSummary(none=1)

    async def test_a_month_without_a_line_is_no_end(self, desk: Desk) -> None:
        await sent_in_june(desk)
        assert (await desk.plan(JULY)).summary.cancel == 0

    async def test_neither_is_a_subscription_that_is_no_longer_listed(self, desk: Desk) -> None:
        await sent_in_june(desk)
        await end_subscription(desk, is_listed=False)
        assert (await desk.plan(JULY)).summary.cancel == 0

    async def test_one_that_the_period_still_charges_goes_on(self, desk: Desk) -> None:
        await sent_in_june(desk)
        await end_subscription(desk)
        await desk.charge((want("TO-A"), Decimal(50)), period=JULY)
        assert (await desk.plan(JULY)).summary.cancel == 0

    async def test_only_recurring_additions_end(self, desk: Desk) -> None:
        desk.wanted = [want("TO-A", is_recurring=False)]
        await desk.push()
        desk.wanted = []
        await end_subscription(desk)
        assert (await desk.plan(JULY)).summary.cancel == 0
