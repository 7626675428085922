"""Habits of ConnectWise that are no faults, and that a push must know."""

import pytest

from services.contracts.vocabulary import RunStatus
from services.sync.plans.schemas import PlanSummary
from tests.faults.acts import WRITES, creates
from tests.faults.scene import Scene
from tests.faults.world import AGREEMENTS, OTHER_PRODUCT, charge, held, read_books

MANY, PAGE = 153, 20


@pytest.mark.faults
class TestHabits:
    async def test_short_pages_show_every_addition_of_an_agreement(self, scene: Scene) -> None:
        scene.house.workers.only()
        await scene.house.connectwise.order("behaviour", page_limit=PAGE)
        scene.desk.wanted = [charge(number, agreement_id=AGREEMENTS[0]) for number in range(MANY)]
        run = await scene.desk.push()
        assert run.outcomes["created"].count == MANY
        pages, by_id = await scene.count_calls("GET"), await scene.count_calls("GET", "/{id}")
        assert (await scene.desk.plan()).summary == PlanSummary(none=MANY)
        assert await scene.count_calls("GET") - pages in (MANY // PAGE + 1, MANY // PAGE + 2)  # perhaps an empty one
        assert await scene.count_calls("GET", "/{id}") == by_id  # what a list shows need not be read again

    async def test_another_product_brings_neither_its_price_nor_its_texts(self, scene: Scene) -> None:
        scene.house.workers.only()
        await scene.house.connectwise.order("behaviour", reprice_on_product_change=True)
        scene.desk.wanted = [charge(number) for number in range(WRITES)]
        await scene.desk.push()
        scene.desk.wanted = [charge(number, product_id=OTHER_PRODUCT) for number in range(WRITES)]
        await scene.desk.charge(*((each, each.amount) for each in scene.desk.wanted))
        run = await scene.desk.push()
        assert {name: tally.count for name, tally in run.outcomes.items()} == {"updated": WRITES}
        receipt = await scene.desk.receipt(run.id)
        assert (receipt.ties_out, receipt.examined, receipt.failures) == (True, WRITES, [])
        assert await read_books(scene.house.connectwise.address) == [held(each) for each in scene.desk.wanted]
        assert (await scene.desk.plan()).summary == PlanSummary(none=WRITES)

    async def test_an_agreement_that_goes_between_plan_and_push_fails_alone(self, scene: Scene) -> None:
        scene.house.workers.only()
        scene.act = await creates(scene)
        gone, stays = AGREEMENTS[1], [each for each in scene.set_up.expected if each.agreement_id == AGREEMENTS[0]]
        await scene.house.connectwise.order(f"agreements/{gone}/delete")
        run = await scene.desk.finish(await scene.begin())
        assert run.status is RunStatus.SUCCEEDED
        counts = {name: tally.count for name, tally in run.outcomes.items()}
        assert counts == {"created": len(stays), "failed": WRITES - len(stays)}
        receipt = await scene.desk.receipt(run.id)
        assert {each.agreement for each in receipt.failures} == {f"Cloud {gone}"}
        assert all(each.error.startswith("ConnectWise has no such agreement any more.") for each in receipt.failures)
        assert (receipt.accounted_for, receipt.examined) == (True, WRITES)
        assert await read_books(scene.house.connectwise.address) == stays
