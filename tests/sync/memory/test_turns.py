import asyncio
from collections import Counter
from decimal import Decimal
from uuid import UUID

from services.contracts.vocabulary import PlanStatus, RunStatus
from services.sync.pushes import crew, repository
from services.sync.runs.schemas import RunOut
from tests.sync.memory_psa import MemoryPsa
from tests.sync.plans.builders import held
from tests.sync.plans.desk import AGREEMENT, OTHER_AGREEMENT, PERIOD, want
from tests.sync.plans.memory import MemoryDesk


async def begin(desk: MemoryDesk, plan_id: UUID) -> tuple[RunOut, "asyncio.Task[None]"]:
    """A push that goes on beside others."""
    asked = await desk.apply(plan_id)

    async def work_until_proven() -> None:
        while (await desk.run(asked.id)).receipt_id is None:
            await desk.run_jobs()
            await asyncio.sleep(0.02)

    return asked, asyncio.create_task(work_until_proven())


class TestTurns:
    async def test_pushes_of_different_agreements_go_on_side_by_side(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        desk.wanted = [want("TO-A")]
        month = await desk.plan()
        desk.wanted = [want("TO-B", agreement_id=OTHER_AGREEMENT)]
        single = await desk.plan(agreement_ids=[OTHER_AGREEMENT])
        psa.gate = held_back = asyncio.Event()
        first, running = await begin(desk, month.id)
        await psa.writing.wait()
        psa.gate = None
        second, _ = await begin(desk, single.id)
        await desk.wait_for(lambda: "TO-B" in psa.creates)
        assert "TO-A" not in psa.creates
        held_back.set()
        await running
        await desk.settle()
        assert [(await desk.run(each.id)).status for each in (first, second)] == [RunStatus.SUCCEEDED] * 2

    async def test_on_one_agreement_they_wait_and_nothing_is_made_twice(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        month = await desk.plan()
        desk.wanted = [want("TO-A"), want("TO-C")]
        customer = await desk.plan(organization_ids=["org-1"])
        psa.gate = asyncio.Event()
        first, one = await begin(desk, month.id)
        await psa.writing.wait()
        second, two = await begin(desk, customer.id)
        await asyncio.sleep(3 * crew.TURN_SECONDS)
        psa.gate.set()
        await asyncio.gather(one, two)
        await desk.settle()
        assert Counter(psa.creates) == {"TO-A": 1, "TO-B": 1, "TO-C": 1}
        receipts = [await desk.receipt((await desk.run(each.id)).id) for each in (first, second)]
        assert {(await desk.run(each.id)).status for each in (first, second)} == {RunStatus.SUCCEEDED}
        assert len(receipts) == 2

    async def test_what_another_push_made_meanwhile_with_other_values_is_said_and_left(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        desk.wanted = [want("TO-A"), want("TO-B")]
        june = await desk.plan()
        desk.wanted = [want("TO-A", quantity=Decimal(9)), want("TO-C")]
        may = await desk.plan("2026-05")
        await desk.apply(june.id)
        await desk.settle()
        asked = await desk.apply(may.id)
        await desk.settle()
        run = await desk.run(asked.id)
        assert {name: tally.count for name, tally in run.outcomes.items()} == {"created": 1, "failed": 1}
        (failed,) = [each for each in desk.settled if each.error]
        assert failed.error == (
            "Another push wrote to this agreement after the plan was computed, "
            "and this addition exists now: make a new plan."
        )
        assert Counter(psa.creates) == {"TO-A": 1, "TO-B": 1, "TO-C": 1}
        assert (await desk.plan("2026-05")).summary.update == 1

    async def test_every_operation_on_a_large_agreement_is_looked_at_again(
        self, desk: MemoryDesk, psa: MemoryPsa
    ) -> None:
        markers = [f"TO-{number}" for number in range(2 * crew.INTENTS + 5)]
        desk.wanted = [want(marker) for marker in markers]
        june = await desk.plan()
        may = await desk.plan("2026-05")
        for plan in (june, may):
            await desk.apply(plan.id)
            await desk.settle()
        assert Counter(psa.creates) == dict.fromkeys(markers, 1)

    async def test_what_people_change_still_refuses_the_whole_plan(self, desk: MemoryDesk, psa: MemoryPsa) -> None:
        desk.wanted = [want("TO-A"), want("TO-B", agreement_id=OTHER_AGREEMENT)]
        plan = await desk.plan()
        by_hand = held("by hand", agreement_id=AGREEMENT, serial_number="")
        psa.held[by_hand.id] = by_hand
        asked = await desk.apply(plan.id)
        await desk.settle()
        assert (await desk.run(asked.id)).status is RunStatus.FAILED
        assert (await desk.show(plan.id)).status is PlanStatus.STALE
        assert psa.creates == []

    async def test_runs_come_in_the_order_in_which_they_asked(self, desk: MemoryDesk) -> None:
        first, second, third = [await desk.any_run() for _ in range(3)]
        for run_id, expected in ((first, {AGREEMENT}), (second, set()), (third, set()), (first, {AGREEMENT})):
            async with desk.database.writing(desk.circumstances) as session:
                assert await repository.take_turns(session, run_id, [AGREEMENT]) == expected
        async with desk.database.writing(desk.circumstances) as session:
            await repository.give_turns_back(session, first, [AGREEMENT])
        for run_id, expected in ((third, set()), (second, {AGREEMENT})):
            async with desk.database.writing(desk.circumstances) as session:
                assert await repository.take_turns(session, run_id, [AGREEMENT]) == expected

    async def test_a_run_that_is_over_holds_nobody_back(self, desk: MemoryDesk) -> None:
        first, second = await desk.any_run(), await desk.any_run()
        async with desk.database.writing(desk.circumstances) as session:
            await repository.take_turns(session, first, [AGREEMENT])
        await desk.end_run(first)
        async with desk.database.writing(desk.circumstances) as session:
            assert await repository.take_turns(session, second, [AGREEMENT]) == {AGREEMENT}

    async def test_two_that_ask_at_once_never_both_have_the_turn(self, desk: MemoryDesk) -> None:
        runs = [await desk.any_run() for _ in range(8)]

        async def ask(run_id: UUID) -> set[str]:
            async with desk.database.writing(desk.circumstances) as session:
                return await repository.take_turns(session, run_id, [AGREEMENT, OTHER_AGREEMENT])

        granted = await asyncio.gather(*(ask(run_id) for run_id in runs))
        assert Counter(agreement for each in granted for agreement in each) == {AGREEMENT: 1, OTHER_AGREEMENT: 1}


class TestTwoUsers:
    async def test_who_applies_a_plan_second_is_told_so(self, desk: MemoryDesk) -> None:
        desk.wanted = [want("TO-A")]
        plan = await desk.plan()
        answers = await asyncio.gather(desk.apply(plan.id), desk.apply(plan.id), return_exceptions=True)
        assert sorted(type(each).__name__ for each in answers) == ["PlanIsAlreadyApplied", "RunOut"]

    async def test_two_plans_may_be_applied_at_once(self, desk: MemoryDesk) -> None:
        first, second = await desk.plan("2026-05"), await desk.plan(PERIOD)
        answers = await asyncio.gather(desk.apply(first.id), desk.apply(second.id))
        assert len({each.id for each in answers}) == 2
