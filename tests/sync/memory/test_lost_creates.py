from collections import Counter
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from services.contracts.events.sync import TroubleNoted
from services.contracts.vocabulary import OperationKind, RunStatus
from services.kit.upstream.http import UpstreamTimeout
from services.sync.plans.schemas import PlanSummary
from services.sync.pushes.search import WAITS, plan_looks
from services.sync.unreadable import Unreadable
from tests.support.clock import HeldClock
from tests.sync.memory_psa import MemoryPsa
from tests.sync.plans.desk import AGREEMENT, OTHER_AGREEMENT, want
from tests.sync.plans.memory import MemoryDesk


class TestListsThatLag:
    async def test_a_second_plan_is_empty_though_no_list_shows_the_first_push(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        psa.hides_new = True
        desk.wanted = [want(f"TO-{number}") for number in range(5)]
        await desk.push()
        assert (await desk.plan()).summary == PlanSummary(none=5)
        run = await desk.push()
        assert run.outcomes["unchanged"].count == 5
        assert Counter(psa.creates) == {f"TO-{number}": 1 for number in range(5)}

    async def test_the_ground_is_not_moved_by_a_list_that_catches_up(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        psa.hides_new = True
        desk.wanted = [want("TO-A")]
        await desk.push()
        desk.wanted = [want("TO-A"), want("TO-B")]
        plan = await desk.plan()
        psa.hidden.clear()
        asked = await desk.apply(plan.id)
        await desk.settle()
        assert (await desk.run(asked.id)).outcomes["created"].count == 1


class TestCreatesOfUnknownOutcome:
    async def lose(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        """A push that sent a create, learned nothing, and was stopped by an outage."""
        psa.lost_answers, psa.hides_new = {"TO-A"}, True
        psa.list_lag = timedelta(minutes=5)
        desk.wanted = [want("TO-A")]
        plan = await desk.plan()
        psa.list_fault = UpstreamTimeout("no answer")
        asked = await desk.apply(plan.id)
        await desk.settle()
        assert (await desk.run(asked.id)).status is RunStatus.FAILED
        psa.list_fault = None

    async def test_a_later_plan_does_not_make_it_again(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        await self.lose(desk, psa)
        plan = await desk.plan()
        (operation,) = await desk.operations(plan.id)
        assert operation.kind == OperationKind.NONE.value
        assert operation.error.startswith("An earlier push sent this addition at")
        run = await desk.push()
        assert (run.outcomes["failed"].count, psa.creates) == (1, ["TO-A"])

    async def test_it_is_taken_up_as_soon_as_a_list_shows_it(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        await self.lose(desk, psa)
        psa.hidden.clear()
        assert (await desk.plan()).summary == PlanSummary(none=1)
        run = await desk.push()
        assert (run.outcomes["unchanged"].count, psa.creates) == (1, ["TO-A"])

    async def test_one_that_lists_would_show_by_now_was_never_made(
        self, desk: MemoryDesk, psa: MemoryPsa, clock: HeldClock
    ) -> None:
        await self.lose(desk, psa)
        psa.held.clear()
        psa.lost_answers.clear()
        clock.advance(timedelta(minutes=6))
        assert (await desk.plan()).summary == PlanSummary(create=1)
        run = await desk.push()
        assert run.outcomes["created"].count == 1

    def test_a_push_looks_until_lists_must_show_it(self) -> None:
        looks = plan_looks(WAITS, timedelta(minutes=5))
        assert looks[: len(WAITS)] == WAITS
        assert sum(looks) == 300
        assert plan_looks(WAITS, timedelta(seconds=60)) == WAITS


class TestTroubleOfOneAgreement:
    async def test_the_others_are_planned_pushed_and_proven(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        psa.missing_agreements = {OTHER_AGREEMENT}
        good, bad = want("TO-A"), want("TO-B", agreement_id=OTHER_AGREEMENT)
        await desk.charge((good, Decimal(50)), (bad, Decimal(50)))
        desk.wanted = [good, bad]
        run = await desk.push()
        assert run.status is RunStatus.SUCCEEDED
        assert {name: tally.count for name, tally in run.outcomes.items()} == {"created": 1, "failed": 1}
        (failed,) = [each for each in desk.settled if each.error]
        assert failed.error.startswith("Ledgerly has no such agreement any more.")
        receipt = await desk.receipt(run.id)
        assert (receipt.accounted_for, receipt.examined) == (True, 2)

    async def test_an_agreement_that_goes_between_plan_and_push_fails_alone(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        desk.wanted = [want("TO-A"), want("TO-B", agreement_id=OTHER_AGREEMENT)]
        plan = await desk.plan()
        psa.missing_agreements = {OTHER_AGREEMENT}
        asked = await desk.apply(plan.id)
        await desk.settle()
        run = await desk.run(asked.id)
        assert {name: tally.count for name, tally in run.outcomes.items()} == {"created": 1, "failed": 1}

    async def test_an_addition_that_cannot_be_read_holds_only_what_it_may_be(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        psa.unreadable = [Unreadable("quantity is no number", '{"serialNumber": "TO-A"}')]
        desk.wanted = [want("TO-A"), want("TO-B")]
        run = await desk.push()
        assert {name: tally.count for name, tally in run.outcomes.items()} == {"created": 1, "failed": 1}
        assert psa.creates == ["TO-B"]


class TestWhatBillingLearns:
    async def test_an_addition_that_is_gone_is_said_once(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        await desk.push()
        del psa.held[next(each.id for each in psa.held.values() if each.marker == "TO-A")]
        desk.wanted = [want("TO-B")]
        await desk.push()
        assert [(each.marker, each.subscription_id, each.last_billed_day) for each in desk.ended] == [
            ("TO-A", "sub-TO-A", None)
        ]
        await desk.push()
        assert len(desk.ended) == 1

    async def test_one_that_was_made_again_is_not_gone(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        desk.wanted = [want("TO-A")]
        await desk.push()
        psa.held.clear()
        await desk.push()
        assert (psa.creates, desk.ended) == (["TO-A", "TO-A"], [])


class TestTwins:
    async def test_twins_that_appear_during_a_push_are_said(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        desk.wanted = [want("TO-A")]
        await desk.push()
        (first,) = psa.held.values()
        psa.twin_of = first
        desk.wanted = [want("TO-A"), want("TO-B")]
        await desk.push()
        titles = [fact.title for fact in await desk.facts(TroubleNoted)]
        assert "A charge would be billed twice" in titles

    async def test_a_plan_about_their_agreement_ends_one_of_them_though_no_line_goes_there(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        desk.wanted = [want("TO-A")]
        await desk.push()
        (first,) = psa.held.values()
        psa.held["TWIN"] = replace(first, id="TWIN")
        desk.wanted = []
        plan = await desk.plan(agreement_ids=[AGREEMENT])
        (operation,) = await desk.operations(plan.id)
        assert (operation.kind, operation.addition_id) == ("cancel", "TWIN")
        await desk.apply(plan.id)
        await desk.settle()
        assert not psa.held["TWIN"].values.is_open
        assert psa.held[first.id].values.is_open
        assert desk.ended == []
