"""How few decimals ConnectWise keeps is learned by the first push, which mends what it has sent too fine."""

import tomllib
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from services.contracts.events.sync import TroubleNoted
from services.sync.connections import traits
from services.sync.plans.models import OperationRow, PlanRow
from services.sync.psas.addition import AdditionValues
from tests.lives.installation import Installation
from tests.lives.life import Life
from tests.lives.outcome import Played
from tests.lives.playing import Player, Script
from tests.lives.world import Customer
from tests.sync.conftest import CONNECTWISE

WORST = """
title = "The worst numbers"
why = "Prices of seven decimals, quantities of four, twenty digits, credits, a total no price comes to."

[[month]]
month = "2026-02"
rows = [
  "seats CycleFee 2026-02-01 to 2026-02-28: 24 × 1.9435 = 46.64",
  "fine CycleFee 2026-02-01 to 2026-02-28: 100 × 12.3456789 = 1234.57",
  "digits CycleFee 2026-02-01 to 2026-02-28: 3 × 12.345678901234567890 = 37.04",
  "thirds CycleFee 2026-02-01 to 2026-02-28: 3 × 3.3333 = 10.00",
  "usage UsageFee 2026-02-01 to 2026-02-28: 0.1234 × 81.04 = 10.00",
  "hours UsageFee 2026-02-01 to 2026-02-28: 2.5 × 30.00 = 75.00",
  "credit OneTimeFee 2026-02-01 to 2026-02-28: -10 × 1.2345 = -12.35",
  "plain CycleFee 2026-02-01 to 2026-02-28: 10 × 3.00 = 30.00",
]

[[month]]
month = "2026-03"
rows = [
  "seats CycleFee 2026-03-01 to 2026-03-31: 24 × 1.9435 = 46.64",
  "fine CycleFee 2026-03-01 to 2026-03-31: 90 × 12.3446789 = 1111.02",
  "digits CycleFee 2026-03-01 to 2026-03-31: 3 × 12.345678901234567890 = 37.04",
  "thirds CycleFee 2026-03-01 to 2026-03-31: 3 × 3.3333 = 10.00",
  "plain CycleFee 2026-03-01 to 2026-03-31: 10 × 3.00 = 30.00",
]
"""
FEBRUARY, MARCH = Decimal("1430.90"), Decimal("1234.70")
BILLED = {("A", "2026-02-01"): FEBRUARY, ("A", "2026-03-01"): MARCH}


class Watcher(Player):
    """A player who keeps every receipt, and sets ConnectWise's habits before each month."""

    def __init__(
        self, installation: Installation, *habits: dict[str, Any], rules: dict[str, Any] | None = None
    ) -> None:
        life = Life.model_validate(tomllib.loads(WORST) | {"rules": rules or {}})
        super().__init__(installation, Script("worst", ["2026-02", "2026-03"], [life]))
        self.habits = list(habits)
        self.receipts: list[dict[str, Any]] = []

    @property
    def customer(self) -> Customer:
        return self.customers[0]

    async def _play_month(self, name: str, active: Any) -> None:
        if self.habits:
            await self.installation.stand_ins.order(CONNECTWISE, "behaviour", **self.habits.pop(0))
        await super()._play_month(name, active)

    def _write_down(self, push: Any, active: Any) -> None:
        self.receipts.append(push.receipt)
        super()._write_down(push, active)

    async def amounts(self) -> dict[str, str]:
        """Quantity and unit price of the newest addition of each subscription."""
        found = await self.installation.additions(str(self.customer.agreement_id()))
        return {each.values.invoice_description.split(" ")[0]: _spell(each.values) for each in found}


def _spell(values: AdditionValues) -> str:
    return f"{values.quantity.normalize():f} × {values.unit_price.normalize():f}"


def prove_exact(watcher: Watcher, played: Played) -> None:
    assert dict(played.billed) == BILLED
    assert [*played.failures, *played.second_plans] == []
    assert [receipt["ties_out"] for receipt in watcher.receipts] == [True, True]


async def traits_of(installation: Installation) -> dict[str, tuple[Any, str]]:
    async with installation.client(installation.id) as http:
        answer = await http.get("/api/v1/connections/connectwise/traits")
    assert answer.is_success, answer.text
    return {each["name"]: (each["value"], each["origin"]) for each in answer.json()}


class TestTheFirstPush:
    @pytest.mark.timeout(300)
    @pytest.mark.parametrize(("price", "quantity"), [(2, 4), (3, 2), (4, 0), (6, 4)])
    async def test_learns_what_is_kept_and_ties_out_at_once(
        self, installation: Installation, price: int, quantity: int
    ) -> None:
        watcher = Watcher(installation, {"price_decimals": price, "quantity_decimals": quantity})
        (played,) = await watcher.play()
        prove_exact(watcher, played)
        amounts = await watcher.amounts()
        assert amounts["Seats"] == ("24 × 1.9435" if price >= 4 else "1 × 46.64")
        assert amounts["Hours"] == ("2.5 × 30" if quantity else "1 × 75")
        assert amounts["Plain"] == "10 × 3"
        singles = sum(1 for amount in amounts.values() if amount.startswith("1 × "))
        assert watcher.receipts[0]["singles"]["count"] == singles
        known = await traits_of(installation)
        learned = {name for name, (_, origin) in known.items() if origin == "learned"}
        assert learned == {"price_decimals", *(["quantity_decimals"] if quantity < 4 else [])}
        assert known["price_decimals"][0] == price

    async def test_says_in_the_system_log_what_it_has_learned(self, installation: Installation) -> None:
        await Watcher(installation, {"price_decimals": 2}).play()
        noted = [fact for fact in await installation.facts(TroubleNoted) if fact.title.startswith("Learned")]
        assert [fact.title for fact in noted] == ["Learned of ConnectWise: decimals kept of a unit price: 2"]
        assert "additions were sent again in a form that it holds." in noted[0].details

    async def test_sends_each_addition_again_once_and_the_next_month_none(self, installation: Installation) -> None:
        watcher = Watcher(installation, {"price_decimals": 2})
        await watcher.play()
        async with installation.database.reading(installation.circumstances) as session:
            mended = select(PlanRow.period).join(OperationRow, OperationRow.plan_id == PlanRow.id)
            periods = (await session.scalars(mended.where(OperationRow.mending.is_not(None)))).all()
        assert set(periods) == {"2026-02"}


class TestWhatIsFixed:
    async def test_a_fixed_value_holds_and_nothing_is_learned_over_it(self, installation: Installation) -> None:
        watcher = Watcher(installation, {"price_decimals": 4})
        async with installation.database.writing(installation.circumstances) as session:
            await traits.fix(session, "connectwise", "price_decimals", 2)
        (played,) = await watcher.play()
        prove_exact(watcher, played)
        assert (await watcher.amounts())["Seats"] == "1 × 46.64"
        assert (await traits_of(installation))["price_decimals"] == (2, "fixed")

    async def test_two_decimals_by_rule_send_more_as_quantity_one(self, installation: Installation) -> None:
        watcher = Watcher(installation, {"price_decimals": 6}, rules={"quantities": "two_decimals"})
        (played,) = await watcher.play()
        prove_exact(watcher, played)
        assert (await watcher.amounts())["Seats"] == "1 × 46.64"


class TestWhatConnectWiseKeepsLater:
    """The tenant keeps other decimals in March than in February, which it has invoiced."""

    async def test_more_is_used_once_what_was_learned_is_forgotten(self, installation: Installation) -> None:
        watcher = Forgetting(installation, {"price_decimals": 2}, {"price_decimals": 6})
        (played,) = await watcher.play()
        prove_exact(watcher, played)
        assert (await watcher.amounts())["Seats"] == "24 × 1.9435"
        assert (await traits_of(installation))["price_decimals"] == (6, "learned")

    async def test_fewer_are_learned_by_the_next_push(self, installation: Installation) -> None:
        watcher = Watcher(installation, {"price_decimals": 6}, {"price_decimals": 2})
        (played,) = await watcher.play()
        prove_exact(watcher, played)
        assert (await traits_of(installation))["price_decimals"] == (2, "learned")


class Forgetting(Watcher):
    """An administrator forgets before the second month what was learned in the first."""

    async def _play_month(self, name: str, active: Any) -> None:
        if self.receipts:
            async with self.installation.client(self.installation.id) as http:
                answer = await http.delete("/api/v1/connections/connectwise/traits/price_decimals")
            assert {each["name"]: each["origin"] for each in answer.json()}["price_decimals"] == "guessed"
            await self.installation.settle()
            # February is invoiced: nothing of it is written again, although its true quantities could be said now.
            assert await self.installation.list_writes("2026-02") == []
        await super()._play_month(name, active)
