from uuid import uuid4

import pytest

from services.contracts.envelope import Event
from services.contracts.events.billing import LineEdited, LinesRated, MappingChanged, RulesChanged
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import PlanStatus
from services.kit.ledger import bus
from tests.sync.plans.desk import PERIOD, Desk, want


def line_edited(period: str = PERIOD) -> LineEdited:
    change = FieldChange(field="charge_start_date", before=None, after="2026-06-10")
    return LineEdited(line_id=uuid4(), period=period, changes=[change])


NEWS: list[tuple[Event, str]] = [
    (line_edited(), "Tieout changed charge start date of a line."),
    (
        MappingChanged(mapping="product", external_id="o1", name="M365", changes=[]),
        "Tieout changed the mapping of product M365.",
    ),
    (RulesChanged(version=4, changes=[]), "Tieout saved version 4 of the billing rules."),
    (LinesRated(run_id=uuid4(), part=0, period=PERIOD, outcomes={}), "Invoices of 2026-06 were loaded again."),
]


class TestStalePlans:
    @pytest.mark.parametrize(("news", "sentence"), NEWS)
    async def test_news_after_it_was_computed_makes_it_stale_and_says_why(
        self, desk: Desk, news: Event, sentence: str
    ) -> None:
        plan = await desk.plan()
        await desk.tell(news)
        stale = await desk.show(plan.id)
        assert (stale.status, stale.moved) == (PlanStatus.STALE, [sentence])

    async def test_the_same_reason_is_told_once(self, desk: Desk) -> None:
        plan = await desk.plan()
        for _ in range(3):
            await desk.tell(line_edited())
        assert len((await desk.show(plan.id)).moved) == 1

    async def test_an_edit_in_another_period_changes_nothing(self, desk: Desk) -> None:
        plan = await desk.plan()
        await desk.tell(line_edited("2026-05"))
        assert (await desk.show(plan.id)).status is PlanStatus.READY

    async def test_news_from_before_billing_was_asked_is_in_the_plan_already(self, desk: Desk) -> None:
        async with desk.database.writing(desk.circumstances) as session:
            await bus.publish(session, line_edited(), subject="line/1")  # delivered late, with the plan's own events
        plan = await desk.plan()
        assert plan.status is PlanStatus.READY

    async def test_news_while_it_is_computed_makes_it_stale_at_its_end(self, desk: Desk) -> None:
        desk.wanted = [want()]
        desk.interrupt = line_edited()  # committed after billing was asked, before its answer is complete
        stale = await desk.plan()
        assert (stale.status, len(stale.moved)) == (PlanStatus.STALE, 1)
        assert stale.summary.create == 1

    async def test_a_plan_that_is_being_applied_stays_as_it_is(self, desk: Desk) -> None:
        plan = await desk.plan()
        await desk.apply(plan.id)
        await desk.tell(line_edited())
        assert (await desk.show(plan.id)).status is PlanStatus.APPLIED
