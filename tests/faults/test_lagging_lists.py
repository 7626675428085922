"""ConnectWise's lists show only after a while what was written; reading by id shows it at once."""

import asyncio
import time

import pytest

from services.contracts.vocabulary import RunStatus
from services.sync.plans.schemas import PlanSummary
from tests.faults.acts import WRITES, creates
from tests.faults.scene import Scene
from tests.faults.troubles import IN_FLIGHT
from tests.faults.world import read_books

LAG, BELIEVED_LAG = 11, 12  # seconds


@pytest.mark.faults
class TestLaggingLists:
    async def test_a_second_plan_is_empty_long_before_lists_show_the_first_push(self, scene: Scene) -> None:
        scene.house.workers.only()
        scene.act = await creates(scene)
        await scene.house.connectwise.order("behaviour", list_lag_seconds=40)
        run = await scene.desk.finish(await scene.begin())
        assert await read_books(scene.house.connectwise.address) == []  # the lists lag
        assert (await scene.desk.plan()).summary == PlanSummary(none=WRITES)
        assert (await scene.desk.push()).outcomes["unchanged"].count == WRITES
        await scene.prove(run)
        assert await scene.count_calls("POST") == WRITES

    async def test_a_push_that_gave_up_is_gone_on_with_and_makes_nothing_twice(self, scene: Scene) -> None:
        scene.house.workers.only(TIEOUT_CONNECTWISE_LIST_LAG_SECONDS=str(BELIEVED_LAG))
        scene.act = await creates(scene)
        await scene.house.connectwise.order("behaviour", list_lag_seconds=LAG)
        await scene.fault("stall", seconds=1, after_commit=True, count=IN_FLIGHT)
        run_id = await scene.begin()
        await scene.wait_until_struck(IN_FLIGHT)
        sent_at = time.monotonic()
        await scene.wire.cut()
        gave_up = await scene.desk.finish(run_id)
        assert gave_up.status is RunStatus.FAILED
        await scene.wire.connect()

        plan = await scene.desk.plan()
        assert plan.summary == PlanSummary(create=WRITES - IN_FLIGHT, none=IN_FLIGHT)
        reasons = [each.error for each in await scene.desk.operations(plan.id) if each.error]
        assert [each.partition(" at ")[0] for each in reasons] == ["An earlier push sent this addition"] * IN_FLIGHT
        second = await scene.desk.finish((await scene.desk.apply(plan.id)).id)
        counts = {name: tally.count for name, tally in second.outcomes.items()}
        assert counts == {"created": WRITES - IN_FLIGHT, "failed": IN_FLIGHT}

        await asyncio.sleep(max(0, sent_at + BELIEVED_LAG - time.monotonic()))
        third = await scene.desk.push()
        assert {name: tally.count for name, tally in third.outcomes.items()} == {"unchanged": WRITES}
        assert await scene.count_calls("POST") == WRITES
        receipt = await scene.desk.receipt(third.id)
        assert (receipt.ties_out, receipt.examined, receipt.failures) == (True, WRITES, [])
        await scene.house.connectwise.order("behaviour", list_lag_seconds=0)
        assert await read_books(scene.house.connectwise.address) == list(scene.set_up.expected)
