"""What ConnectWise itself shows of a prorated price is held against the forecast; whether it catches up is a trait."""

import tomllib
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.contracts.events.sync import TroubleNoted
from services.sync.connections import traits
from tests.lives.installation import Installation
from tests.lives.life import Life
from tests.lives.playing import Player, Script
from tests.sync.conftest import CONNECTWISE

PART_OF_A_MONTH = """
title = "A charge that a person dates inside a month"
why = "It begins on the 11th."
agreement = { prorates = true, next_invoice = 2026-02-01 }

[[month]]
month = "2026-02"
rows = ["CycleFee 2026-02-11 to 2026-02-28: 7 × 10.01 = 70.07"]
edit = { "seats-cyclefee-1" = { charge_start_date = "2026-02-11" } }
"""
AN_INVOICED_MONTH = """
title = "A charge of a month that is invoiced"
why = "Only a tenant that catches up bills it with March."
agreement = { prorates = true, next_invoice = 2026-03-01 }

[[month]]
month = "2026-02"
rows = ["CycleFee 2026-02-01 to 2026-02-28: 10 × 3.00 = 30.00"]
invoiced_through = 2026-03-31
"""


class Pusher(Player):
    """Plays one life at a ConnectWise of certain habits, and keeps its receipt."""

    def __init__(self, installation: Installation, text: str, end: date | None = None, **habits: Any) -> None:
        life = Life.model_validate(tomllib.loads(text))
        life = life.model_copy(update={"agreement": life.agreement.model_copy(update={"end": end})})
        super().__init__(installation, Script("part", ["2026-02"], [life]))
        self.habits = habits
        self.receipt: dict[str, Any] = {}

    async def _play_month(self, name: str, active: Any) -> None:
        await self.installation.stand_ins.order(CONNECTWISE, "behaviour", **self.habits)
        await super()._play_month(name, active)

    def _write_down(self, push: Any, active: Any) -> None:
        self.receipt = push.receipt
        super()._write_down(push, active)

    async def bill(self) -> Decimal:
        (played,) = await self.play()
        assert played.second_plans == []
        return sum(played.billed.values(), Decimal(0))

    async def titles(self) -> list[str]:
        return [fact.title for fact in await self.installation.facts(TroubleNoted)]


class TestAProratedPrice:
    async def test_that_was_forecast_needs_no_word(self, installation: Installation) -> None:
        pusher = Pusher(installation, PART_OF_A_MONTH)
        assert await pusher.bill() == Decimal("45.08")
        assert [each["expected"] for each in pusher.receipt["differences"]] == ["45.08"]
        assert await pusher.titles() == []

    async def test_teaches_what_is_rounded_and_the_receipt_says_what_is_billed(
        self, installation: Installation
    ) -> None:
        pusher = Pusher(installation, PART_OF_A_MONTH, proration_rounds="amount")
        assert await pusher.bill() == Decimal("45.05")
        assert [each["expected"] for each in pusher.receipt["differences"]] == ["45.05"]
        assert await pusher.titles() == ["Learned of ConnectWise: what is rounded where days are prorated: amount"]

    async def test_that_nothing_explains_is_a_warning_and_a_difference_with_its_reason(
        self, installation: Installation
    ) -> None:
        pusher = Pusher(installation, PART_OF_A_MONTH, end=date(2026, 2, 20))
        billed = await pusher.bill()
        assert await pusher.titles() == ["ConnectWise prorates otherwise"]
        (difference,) = pusher.receipt["differences"]
        assert Decimal(difference["expected"]) == billed == Decimal("25.06")
        assert "the prorated price that it shows is 25.06" in difference["reason"]


class TestDaysThatEarlierInvoicesMissed:
    async def test_are_billed_by_a_tenant_that_catches_up(self, installation: Installation) -> None:
        pusher = Pusher(installation, AN_INVOICED_MONTH, missed_days="billed")
        assert await pusher.bill() == Decimal("60.00")  # February, and March of the open addition
        assert pusher.receipt["unsent"] == []

    @pytest.mark.parametrize("catches_up", [True, False])
    async def test_are_lost_in_silence_only_where_nobody_has_said_so(
        self, installation: Installation, *, catches_up: bool
    ) -> None:
        async with installation.database.writing(installation.circumstances) as session:
            await traits.fix(session, "connectwise", "catches_up", catches_up)
        pusher = Pusher(installation, AN_INVOICED_MONTH, missed_days="forgotten")
        billed = await pusher.bill()
        reasons = [each["reasons"] for each in pusher.receipt["unsent"]]
        if catches_up:
            assert (billed, reasons) == (Decimal("30.00"), [])
        else:
            assert (billed, reasons) == (Decimal(0), [["period_already_invoiced"]])
