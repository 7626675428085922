"""What rules drop, from the rules screen to the grid and the plan."""

from decimal import Decimal
from typing import Any

import pytest

from services.contracts.events.billing import AdditionsDesired, RulesChanged
from services.contracts.events.sync import PlanPrepared
from services.contracts.shapes import FieldChange
from services.kit.base.ids import new_id
from tests.billing.builders import a_row, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client

FREE: dict[str, Any] = {"unit_price": Decimal(0), "total": Decimal(0)}


def a_correction(row_id: str, total: str) -> Any:
    """One of the subscription of seats."""
    money = {"quantity": Decimal(1), "unit_price": Decimal(total), "total": Decimal(total)}
    return a_row(row_id, subscription_id="seats", charge_type="Correction", **money)


@pytest.fixture
async def mapped(billing: Billing, api: Client) -> Billing:
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    return billing


async def switch(billing: Billing, api: Client, **rules: bool) -> None:
    version = (await api.get("/billing-rules"))["version"]
    await api("PUT", "/billing-rules", json={"version": version, "rules": rules})
    await billing.hears((await billing.told(RulesChanged))[-1])


async def statuses(billing: Billing) -> dict[str, str]:
    return {each.line.row_id: each.rated.status.value for each in await billing.lines()}


class TestRules:
    async def test_a_switch_holds_at_once_for_lines_that_are_not_sent(self, mapped: Billing, api: Client) -> None:
        await mapped.hears(rows_loaded(a_row("free", **FREE), a_correction("credit", "-5.00"), a_row("charge")))
        assert await statuses(mapped) == {"free": "held", "credit": "ready", "charge": "ready"}
        await switch(mapped, api, drop_zero_lines=True, drop_favourable_prorations=True)
        assert await statuses(mapped) == {"free": "dropped", "credit": "dropped", "charge": "ready"}
        await switch(mapped, api)
        assert await statuses(mapped) == {"free": "held", "credit": "ready", "charge": "ready"}

    async def test_the_grid_shows_the_money_and_the_rule(self, mapped: Billing, api: Client) -> None:
        await switch(mapped, api, drop_favourable_prorations=True)
        await mapped.hears(rows_loaded(a_correction("credit", "-5.00")))
        totals = await api.get("/invoice-lines/totals")
        assert totals["by_status"] == {"dropped": {"count": 1, "amounts": {"USD": "-5.00"}}}
        (line,) = (await api.get("/invoice-lines", status="dropped"))["items"]
        assert (line["dropped_by"], line["hold_reasons"]) == ("favourable_prorations", [])

    async def test_a_change_is_told_for_the_record(self, mapped: Billing, api: Client) -> None:
        await switch(mapped, api, drop_zero_lines=True)
        fact = (await mapped.told(RulesChanged))[-1]
        assert fact.changes == [FieldChange(field="drop_zero_lines", before=False, after=True)]
        headline = fact.headline()
        assert headline is not None
        assert headline.details == "dropping zero lines"

    async def test_zero_lines_cannot_be_sent_and_dropped(self, mapped: Billing, api: Client) -> None:
        rules = {"allow_zero_price": True, "drop_zero_lines": True}
        problem = await api("PUT", "/billing-rules", 422, json={"version": 0, "rules": rules})
        assert "either sent or dropped" in str(problem)


class TestCorrectionsTogether:
    async def test_a_row_that_comes_later_decides_about_those_that_are_there(
        self, mapped: Billing, api: Client
    ) -> None:
        await switch(mapped, api, drop_favourable_prorations=True)
        await mapped.hears(rows_loaded(a_correction("old", "-10.00")))
        assert await statuses(mapped) == {"old": "dropped"}
        await mapped.hears(rows_loaded(a_correction("new", "14.00")))
        assert await statuses(mapped) == {"old": "ready", "new": "ready"}

    async def test_a_row_that_is_gone_counts_no_more(self, mapped: Billing, api: Client) -> None:
        await switch(mapped, api, drop_favourable_prorations=True)
        await mapped.hears(rows_loaded(a_correction("old", "-10.00"), a_correction("new", "14.00")))
        await mapped.hears(rows_loaded(vanished=["new"]))
        assert (await statuses(mapped))["old"] == "dropped"


class TestAPerson:
    async def test_a_person_includes_a_dropped_line_and_gives_it_back_to_the_rule(
        self, mapped: Billing, api: Client
    ) -> None:
        await switch(mapped, api, drop_favourable_prorations=True)
        await mapped.hears(rows_loaded(a_correction("credit", "-5.00")))
        line = await mapped.line()
        path = f"/invoice-lines/{line.id}"
        included = await api("PATCH", path, json={"version": line.version, "excluded": False})
        assert (included["status"], included["dropped_by"], included["excluded"]) == ("ready", None, False)
        again = await api("PATCH", path, json={"version": included["version"], "excluded": None})
        assert again["status"] == "dropped"


class TestAPlan:
    async def test_a_plan_leaves_a_dropped_line_with_its_rule(self, mapped: Billing, api: Client) -> None:
        await switch(mapped, api, drop_favourable_prorations=True)
        await mapped.hears(rows_loaded(a_correction("credit", "-5.00")))
        await mapped.hears(PlanPrepared(plan_id=new_id(), period="2026-10"))
        (fact,) = await mapped.told(AdditionsDesired)
        (left,) = fact.unsent
        assert (left.status, left.dropped_by, left.amount) == ("dropped", "favourable_prorations", Decimal("-5.00"))
