from datetime import date
from decimal import Decimal
from typing import Any

from services.contracts.events.billing import AdditionsDesired, RulesChanged
from services.contracts.events.sync import HandBillingNoted, PlanPrepared, RowsLoaded
from services.contracts.shapes import HandBilled
from services.contracts.vocabulary import ByHand, HoldReason, LineStatus
from services.kit.base.ids import new_id
from tests.billing.builders import a_row, an_invoice, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client


def of_month(month: int, **changes: Any) -> RowsLoaded:
    period = f"2026-{month:02}"
    invoice = an_invoice(f"invoice-{month}", invoice_date=date(2026, month, 15), period=period)
    row = {"charge_start": date(2026, month, 1), "charge_end": date(2026, month, 28), **changes}
    return rows_loaded(a_row(f"row-{month}", invoice_id=f"invoice-{month}", **row), invoice=invoice)


async def go_live(billing: Billing, api: Client, *months: int) -> None:
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    await billing.hears(*(of_month(each) for each in months))


async def begin(billing: Billing, api: Client, period: str | None, **change: Any) -> None:
    version = (await api.get("/billing-rules"))["version"]
    rules = {"first_period": period}
    await api("PUT", "/billing-rules", json={"version": version, "rules": rules, **change})
    await billing.hears((await billing.told(RulesChanged))[-1])


async def statuses(api: Client) -> dict[str, str]:
    return {each["period"]: each["status"] for each in (await api.get("/invoice-lines"))["items"]}


class TestFirstPeriod:
    async def test_lines_before_it_count_as_billed_apart_from_what_is_held(self, billing: Billing, api: Client) -> None:
        await go_live(billing, api, 9, 10)
        await begin(billing, api, "2026-10")
        assert await statuses(api) == {"2026-09": "billed_before", "2026-10": "ready"}
        totals = await api.get("/invoice-lines/totals")
        assert totals["by_status"]["billed_before"] == {"count": 1, "amounts": {"USD": "30.00"}}
        assert "held" not in totals["by_status"]

    async def test_a_month_before_it_that_is_loaded_later_is_never_sent(self, billing: Billing, api: Client) -> None:
        await go_live(billing, api)
        await begin(billing, api, "2026-10")
        await billing.hears(of_month(9))
        assert await statuses(api) == {"2026-09": "billed_before"}

    async def test_its_effect_is_known_before_it_is_saved(self, billing: Billing, api: Client) -> None:
        await go_live(billing, api, 8, 9, 10)
        effect = await api.get("/billing-rules/first-period-effect", first_period="2026-10")
        assert effect["becomes_billed_before"] == {"count": 2, "amounts": {"USD": "60.00"}}
        assert effect["becomes_sendable"]["count"] == 0
        assert "billed_before" not in (await statuses(api)).values()

    async def test_moving_it_earlier_is_refused_until_somebody_says_so(self, billing: Billing, api: Client) -> None:
        await go_live(billing, api, 9, 10)
        await begin(billing, api, "2026-10")
        change = {"version": 1, "rules": {"first_period": "2026-09"}}
        problem = await api("PUT", "/billing-rules", 409, json=change)
        assert problem["code"] == "first_period_moves_earlier"
        assert problem["current"]["becomes_sendable"] == {"count": 1, "amounts": {"USD": "30.00"}}
        await begin(billing, api, "2026-09", moves_first_period_earlier=True)
        assert (await statuses(api))["2026-09"] != "billed_before"

    async def test_a_correction_of_days_before_it_is_new_money(self, billing: Billing, api: Client) -> None:
        await go_live(billing, api)
        await begin(billing, api, "2026-10")
        before = {"charge_start": date(2026, 9, 10), "charge_end": date(2026, 9, 30)}
        await billing.hears(of_month(10, charge_type="Correction", **before))
        line = await billing.line()
        assert line.rated.status is LineStatus.READY
        assert "new money" in line.rated.explanation[0]


class TestBilledByHand:
    async def note(self, billing: Billing, state: ByHand | None, charged: str = "30.00") -> None:
        line = await billing.line()
        noted = HandBilled(line_id=line.id, state=state, charged=Decimal(charged), addition_id="712", words="By 712.")
        await billing.hears(HandBillingNoted(plan_id=new_id(), period="2026-10", lines=[noted]))

    async def test_what_a_plan_found_is_billed_before_until_the_row_charges_something_else(
        self, billing: Billing, api: Client
    ) -> None:
        await go_live(billing, api, 10)
        await self.note(billing, ByHand.BILLED)
        assert (await billing.line()).rated.status is LineStatus.BILLED_BEFORE
        assert (await billing.line()).rated.explanation[0] == "By 712."
        await billing.hears(of_month(10, quantity=Decimal(12), total=Decimal("36.00")))
        assert (await billing.line()).rated.status is LineStatus.READY

    async def test_a_question_holds_the_line_and_every_plan_asks_anew(self, billing: Billing, api: Client) -> None:
        await go_live(billing, api, 10)
        await begin(billing, api, "2026-10")
        await self.note(billing, ByHand.ASK)
        before = await billing.line()
        assert before.rated.hold_reasons == (HoldReason.MAYBE_BILLED_BY_HAND,)
        await billing.hears(PlanPrepared(plan_id=new_id(), period="2026-10"))
        (answer,) = await billing.told(AdditionsDesired)
        (desired,) = answer.additions
        assert desired.first_charge is not None
        assert (answer.first_period, desired.line_version) == ("2026-10", before.version)
        assert await billing.line() == before

    async def test_a_question_that_is_open_no_more_frees_the_line(self, billing: Billing, api: Client) -> None:
        await go_live(billing, api, 10)
        await self.note(billing, ByHand.ASK)
        await self.note(billing, None)
        assert (await billing.line()).rated.status is LineStatus.READY
