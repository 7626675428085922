"""Usage that goes out as one addition: loaded, planned, pushed and invoiced, with what changes in between."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.billing.lines import repository as lines
from services.billing.lines.grid.repository import find_line
from services.billing.lines.service import describe_all
from services.billing.lines.stored import StoredLine
from services.contracts.vocabulary import LineStatus, OperationKind
from tests.lives.installation import Installation
from tests.lives.life import Life
from tests.lives.playing import Player, Script
from tests.sync.conftest import APPXITE

MONTH = "2026-02"
ROWS = [
    "UsageFee 2026-02-01 to 2026-02-10: 1 × 1.004 = 1.004",
    "UsageFee 2026-02-11 to 2026-02-20: 1 × 2.00 = 2.00",
    "OneTimeFee 2026-02-01 to 2026-02-28: 1 × 5.004 = 5.004",
]
COLLAPSED = {"collapse_usage": True}


class Desk:
    """One customer's February, worked through by hand."""

    def __init__(self, installation: Installation) -> None:
        life: dict[str, Any] = {"title": "usage", "why": "usage", "rules": COLLAPSED, "month": [{"month": MONTH}]}
        self.installation = installation
        self.player = Player(installation, Script("usage", [MONTH], [Life.model_validate(life)]))
        self.customer = self.player.customers[0]
        self.agreement = str(self.customer.agreement_id())

    async def open(self) -> None:
        await self.player._open()
        await self.installation.set_day(date(2026, 2, 20))
        subscription = self.customer.subscription("seats")
        await self.installation.stand_ins.order(APPXITE, "world", subscriptions=[subscription])

    async def load(self, rows: list[str]) -> None:
        invoice = self.customer.invoice(MONTH, rows)
        await self.installation.stand_ins.order(APPXITE, "world", invoices=[invoice])
        await self.installation.load([MONTH])

    async def push(self) -> dict[str, Any]:
        return (await self.installation.push_month(MONTH, {}, {})).receipt

    async def amounts(self) -> list[Decimal]:
        """What the open additions of the agreement bill."""
        held = await self.installation.additions(self.agreement)
        return sorted(each.values.total("EUR") for each in held if each.values.bill_option == "Billable")

    async def stored(self) -> list[StoredLine]:
        async with self.installation.billing.reading(self.installation.in_billing) as session:
            return sorted(await lines.find_of_period(session, MONTH), key=lambda each: each.line.row_id)


class TestUsage:
    async def test_its_rows_are_one_addition_that_follows_them(self, installation: Installation) -> None:
        desk = Desk(installation)
        await desk.open()
        await desk.load(ROWS)

        receipt = await desk.push()
        assert await desk.amounts() == [Decimal("0.01"), Decimal("3.00"), Decimal("5.00")]
        (total,) = receipt["totals"]
        assert (receipt["ties_out"], total["rounded"], total["additions_total"]) == (True, "-0.002", "8.01")
        assert {each.rated.status for each in await desk.stored()} == {LineStatus.SENT}
        assert await installation.list_writes(MONTH) == []

        await desk.load([ROWS[0], "UsageFee 2026-02-11 to 2026-02-20: 1 × 4.00 = 4.00", ROWS[2]])
        await desk.push()
        assert await desk.amounts() == [Decimal("0.01"), Decimal("5.00"), Decimal("5.00")]
        assert await installation.list_writes(MONTH) == []

        await installation.invoice(int(desk.agreement), date(2026, 2, 28))
        await installation.mirror()
        await desk.load([ROWS[0], "UsageFee 2026-02-11 to 2026-02-20: 1 × 4.50 = 4.50", ROWS[2]])
        receipt = await desk.push()
        assert await desk.amounts() == [Decimal("0.01"), Decimal("0.50"), Decimal("5.00"), Decimal("5.00")]
        assert receipt["ties_out"]
        assert await installation.list_writes(MONTH) == []

    async def test_a_rule_that_goes_sends_nothing_again(self, installation: Installation) -> None:
        desk = Desk(installation)
        await desk.open()
        await desk.load(ROWS)
        await desk.push()
        before = await desk.amounts()

        await installation.set_rules({"collapse_usage": False})
        await desk.load(ROWS)
        assert await installation.list_writes(MONTH) == []
        await desk.load([ROWS[0], "UsageFee 2026-02-11 to 2026-02-20: 1 × 3.00 = 3.00", ROWS[2]])
        await desk.push()
        assert len(await desk.amounts()) == len(before)
        assert await installation.list_writes(MONTH) == []

    async def test_a_rule_that_comes_leaves_what_was_sent_alone(self, installation: Installation) -> None:
        desk = Desk(installation)
        await desk.open()
        await installation.set_rules({"collapse_usage": False})
        await desk.load(ROWS)
        await desk.push()
        before = await desk.amounts()

        await installation.set_rules(COLLAPSED)
        await desk.load(ROWS)
        assert await installation.list_writes(MONTH) == []
        assert await desk.amounts() == before

    async def test_a_plan_of_one_line_pushes_the_whole_sum(self, installation: Installation) -> None:
        desk = Desk(installation)
        await desk.open()
        await desk.load(ROWS)
        usage = [each for each in await desk.stored() if each.line.charge_type == "UsageFee"]

        plan = await installation.plan(MONTH, line_ids=[usage[0].id])
        (operation,) = await installation.operations(plan.id)
        assert (operation.kind, operation.amount) == (OperationKind.CREATE.value, Decimal("3.00"))
        await installation.apply(plan.id)
        await installation.settle()
        sent = [each.id for each in await desk.stored() if each.is_sent]
        assert sorted(sent) == sorted(each.id for each in usage)

    async def test_a_line_says_how_many_others_its_addition_carries(self, installation: Installation) -> None:
        desk = Desk(installation)
        await desk.open()
        await desk.load(ROWS)
        await desk.push()
        async with installation.billing.reading(installation.in_billing) as session:
            found = [await find_line(session, each.id) for each in await desk.stored()]
            shown = await describe_all(session, [each for each in found if each])
        assert sorted((each.is_gathered, each.carried_with) for each in shown) == [(False, 0), (True, 1), (True, 1)]
