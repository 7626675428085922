"""The life of an addition, as the line panel asks for it."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
from sqlalchemy import update

from services.contracts.shapes import DesiredAddition
from services.sync.plans.models import GroundRow
from tests.sync.conftest import StandIns
from tests.sync.plans.desk import AGREEMENT, Desk, want
from tests.sync.plans.months import JULY, SUBSCRIPTION, invoice_through, july, june

Api = Callable[..., httpx.AsyncClient]


async def ask(desk: Desk, api: Api, line: DesiredAddition, **more: str) -> httpx.Response:
    async with api(desk.id) as client:
        return await client.get("/api/v1/additions/life", params={"line_id": str(line.line_id), **more})


async def show(desk: Desk, api: Api, line: DesiredAddition, **more: str) -> dict[str, Any]:
    answer = await ask(desk, api, line, **more)
    assert answer.status_code == httpx.codes.OK, answer.text
    life: dict[str, Any] = answer.json()
    return life


def figures(addition: dict[str, Any]) -> list[tuple[str, str | None, str | None, str | None]]:
    """First day, amount, charged, difference of each period."""
    return [(each["starts_on"], each["amount"], each["charged"], each["difference"]) for each in addition["periods"]]


class TestLife:
    async def test_it_shows_what_each_period_will_bill_up_to_three_ahead(self, desk: Desk, api: Api) -> None:
        desk.wanted = [june()]
        await desk.charge((june(), Decimal("30.00")))
        await desk.push()
        life = await show(desk, api, june())
        (addition,) = life["additions"]
        assert (addition["kind"], addition["segment"], addition["state"]) == ("segment", 1, "open")
        assert (addition["quantity"], addition["unit_price"], addition["is_of_line"]) == ("1", "30.00", True)
        assert figures(addition) == [
            ("2026-06-01", "30.00", "30.00", "0.00"),
            ("2026-07-01", "30.00", None, None),
            ("2026-08-01", "30.00", None, None),
            ("2026-09-01", "30.00", None, None),
        ]
        first = addition["periods"][0]
        assert (first["is_current"], first["is_invoiced"]) == (True, False)
        assert [each["invoice_number"] for each in first["charges"]] == ["N-inv-1"]
        assert addition["periods"][1]["words"] == "No line has come for this period yet."

    async def test_an_invoiced_period_keeps_what_the_addition_held_then(
        self, desk: Desk, api: Api, stand_ins: StandIns
    ) -> None:
        desk.wanted = [june()]
        await desk.push()
        await invoice_through(stand_ins, "2026-06-30")
        desk.wanted = [july(quantity=Decimal(2), amount=Decimal("60.00"))]
        await desk.push(JULY)
        life = await show(desk, api, july())
        (addition,) = life["additions"]
        assert addition["quantity"] == "2"
        assert figures(addition)[:3] == [
            ("2026-06-01", "30.00", "30.00", "0.00"),
            ("2026-07-01", "60.00", "60.00", "0.00"),
            ("2026-08-01", "60.00", None, None),
        ]
        assert [each["is_invoiced"] for each in addition["periods"][:2]] == [True, False]

    async def test_it_says_that_it_does_not_know_what_an_older_build_left_unkept(
        self, desk: Desk, api: Api, stand_ins: StandIns
    ) -> None:
        desk.wanted = [june()]
        await desk.push()
        async with desk.database.writing(desk.circumstances) as session:
            await session.execute(update(GroundRow).values(agreement_facts=None))
        await invoice_through(stand_ins, "2026-06-30")
        await desk.plan()  # reads the agreements anew
        life = await show(desk, api, june())
        period = life["additions"][0]["periods"][0]
        assert (period["amount"], period["difference"]) == (None, None)
        assert "not known" in period["words"]

    async def test_true_ups_stand_under_what_they_correct(self, desk: Desk, api: Api, stand_ins: StandIns) -> None:
        desk.wanted = [june()]
        await desk.push()
        await invoice_through(stand_ins, "2026-06-30")
        frozen = june(is_frozen=True)
        more = june(
            "TO-UP",
            corrects="TO-A",
            is_recurring=False,
            unit_price=Decimal("6.00"),
            amount=Decimal("6.00"),
            effective_date=date(2026, 7, 1),
            cancelled_date=date(2026, 7, 31),
            bills_from=date(2026, 7, 1),
            bills_through=date(2026, 7, 31),
        )
        desk.wanted = [frozen, more]
        await desk.push()
        life = await show(desk, api, june())
        original, true_up = life["additions"]
        assert (original["kind"], true_up["kind"]) == ("segment", "true_up")
        assert true_up["corrects"] == original["addition_id"]
        assert figures(true_up) == [("2026-07-01", "6.00", "6.00", "0.00")]
        assert figures(original)[0] == ("2026-06-01", "30.00", "30.00", "0.00")

    async def test_segments_are_numbered_in_the_order_of_their_starts(self, desk: Desk, api: Api) -> None:
        desk.wanted = [june(cancelled_date=date(2026, 6, 30)), july("TO-B", effective_date=date(2026, 7, 1))]
        await desk.push()
        life = await show(desk, api, june(), subscription_id=SUBSCRIPTION)
        first, second = life["additions"]
        assert [(each["segment"], each["is_of_line"]) for each in (first, second)] == [(1, True), (2, False)]
        assert first["last_billed_day"] == "2026-06-30"
        assert [each[0] for each in figures(first)] == ["2026-06-01"]
        assert [each[0] for each in figures(second)] == ["2026-07-01", "2026-08-01", "2026-09-01"]

    async def test_a_one_time_line_shows_its_own_addition_alone(self, desk: Desk, api: Api) -> None:
        days = {"cancelled_date": date(2026, 6, 30), "subscription_id": SUBSCRIPTION}
        desk.wanted = [june(), want("TO-ONCE", is_recurring=False, **days)]
        await desk.push()
        life = await show(desk, api, want("TO-ONCE"), subscription_id=SUBSCRIPTION)
        (addition,) = life["additions"]
        assert (addition["kind"], addition["segment"]) == ("one_time", None)

    async def test_a_line_that_was_never_sent_shows_its_subscriptions_addition(self, desk: Desk, api: Api) -> None:
        desk.wanted = [june()]
        await desk.push()
        life = await show(desk, api, july(), subscription_id=SUBSCRIPTION, agreement_id=AGREEMENT)
        (addition,) = life["additions"]
        assert addition["is_of_line"] is False

    async def test_a_line_of_which_nothing_was_written_says_so(self, desk: Desk, api: Api) -> None:
        await desk.connect()
        answer = await ask(desk, api, june())
        assert (answer.status_code, answer.json()["code"]) == (404, "nothing_written")

    async def test_another_partners_additions_are_not_there(self, desk: Desk, api: Api) -> None:
        desk.wanted = [june()]
        await desk.push()
        other = Desk(uuid4(), desk.database, desk.upstreams)
        await other.connect()
        answer = await ask(other, api, june(), subscription_id=SUBSCRIPTION)
        assert answer.status_code == httpx.codes.NOT_FOUND
