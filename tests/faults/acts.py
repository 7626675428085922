"""Plans of six writes of one kind, ready to be applied."""

from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

from services.contracts.vocabulary import RunStatus
from services.sync.plans.schemas import PlanSummary
from tests.faults.scene import Act, Scene
from tests.faults.world import JULY, JUNE, PRODUCT, charge, held, subscription

WRITES = 6
GOES_ON = WRITES  # the number of the subscription that does not end

Prepare = Callable[[Scene], Awaitable[Act]]


async def creates(scene: Scene) -> Act:
    desk = scene.desk
    desk.wanted = [charge(number) for number in range(WRITES)]
    await desk.charge(*((each, each.amount) for each in desk.wanted))
    plan = await desk.plan()
    assert plan.summary == PlanSummary(create=WRITES)
    expected = [held(each) for each in desk.wanted]
    return Act(plan.id, "POST", {"created": WRITES}, expected, WRITES, PlanSummary(none=WRITES))


async def creates_with_an_end(scene: Scene) -> Act:
    """What bills once, and what ends with its period: a list of open additions would lack them."""
    desk, end = scene.desk, date(2026, 6, 30)
    desk.wanted = [charge(number, is_recurring=number % 2 == 0, cancelled_date=end) for number in range(WRITES)]
    await desk.charge(*((each, each.amount) for each in desk.wanted))
    plan = await desk.plan()
    assert plan.summary == PlanSummary(create=WRITES)
    expected = [held(each, str(end)) for each in desk.wanted]
    return Act(plan.id, "POST", {"created": WRITES}, expected, WRITES, PlanSummary(none=WRITES))


async def updates(scene: Scene) -> Act:
    desk = scene.desk
    desk.wanted = [charge(number) for number in range(WRITES)]
    assert (await desk.push()).status is RunStatus.SUCCEEDED
    desk.wanted = [
        charge(number, quantity=Decimal(20 + number), unit_price=Decimal("11.50"), invoice_description=f"More {number}")
        for number in range(WRITES)
    ]
    await desk.charge(*((each, each.amount) for each in desk.wanted))
    plan = await desk.plan()
    assert plan.summary == PlanSummary(update=WRITES)
    expected = [held(each) for each in desk.wanted]
    return Act(plan.id, "PATCH", {"updated": WRITES}, expected, WRITES, PlanSummary(none=WRITES))


async def cancels(scene: Scene) -> Act:
    """Six subscriptions end in June, and one goes on."""
    desk = scene.desk
    ending = [charge(number) for number in range(WRITES)]
    stays = charge(GOES_ON, product_id=PRODUCT)
    desk.wanted = [*ending, stays]
    assert (await desk.push(JUNE)).status is RunStatus.SUCCEEDED
    ended = [subscription(number, "Expired", end="2026-06-20") for number in range(WRITES)]
    await scene.house.appxite.order("world", subscriptions=ended)
    desk.wanted = [stays]
    await desk.charge((stays, stays.amount), period=JULY)
    plan = await desk.plan(JULY)
    assert plan.summary == PlanSummary(cancel=WRITES, none=1)
    expected = [*(held(each, "2026-06-30") for each in ending), held(stays)]
    outcomes = {"cancelled": WRITES, "unchanged": 1}
    return Act(plan.id, "PATCH", outcomes, expected, 1, PlanSummary(none=1), JULY)


ACTS: dict[str, Prepare] = {
    "create": creates,
    "create_with_an_end": creates_with_an_end,
    "update": updates,
    "cancel": cancels,
}
