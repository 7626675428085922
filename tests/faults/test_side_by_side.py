"""Several plans of one partner, applied at once, with two worker processes at work."""

import asyncio

import pytest

from services.contracts.vocabulary import RunStatus
from services.sync.plans.schemas import PlanSummary
from tests.faults.scene import Scene
from tests.faults.world import JULY, JUNE, ORGANIZATIONS, charge, held, read_books


@pytest.mark.faults
class TestSideBySide:
    async def test_two_months_and_a_customer_make_nothing_twice_and_have_a_receipt_each(self, scene: Scene) -> None:
        scene.house.workers.only()
        await asyncio.to_thread(scene.house.workers.start)
        desk, first_customer = scene.desk, next(iter(ORGANIZATIONS.values()))
        june = [charge(number) for number in range(4)]
        july = [charge(number, invoice_id="inv-2") for number in range(4, 8)]
        ours = [each for each in june if each.organization_id == first_customer]
        await desk.charge(*((each, each.amount) for each in june))
        await desk.charge(
            *((each.model_copy(update={"invoice_id": "inv-2"}), each.amount) for each in july), period=JULY
        )
        july = [each.model_copy(update={"invoice_id": "inv-2"}) for each in july]
        desk.wanted = june
        month = await desk.plan(JUNE)
        desk.wanted = july
        next_month = await desk.plan(JULY)
        desk.wanted = ours
        customer = await desk.plan(JUNE, organization_ids=[first_customer])
        await scene.house.connectwise.order("latency", seconds=0.1)

        plans = {month.id: len(june), next_month.id: len(july), customer.id: len(ours)}
        asked = [(await desk.apply(plan_id)).id for plan_id in plans]
        for run_id, rows in zip(asked, plans.values(), strict=True):
            run = await desk.finish(run_id)
            receipt = await desk.receipt(run_id)
            assert (run.status, run.error) == (RunStatus.SUCCEEDED, "")
            assert (receipt.arrived, receipt.accounted_for, receipt.examined) == (True, True, rows)
            assert receipt.failures == []

        assert await scene.count_calls("POST") == len(june) + len(july)
        assert await read_books(scene.house.connectwise.address) == [held(each) for each in [*june, *july]]
        await desk.settle_all()
        assert await desk.list_resting() == []
        desk.wanted = june
        assert (await desk.plan(JUNE)).summary == PlanSummary(none=len(june))
