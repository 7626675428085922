"""Which lines a new price reaches: of the rules those that are not sent, of the catalog those that are not invoiced."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from services.contracts.vocabulary import LineStatus, MirrorKind
from tests.billing.builders import a_record, a_row, agreements, an_agreement, both_sides, mirror, rows_loaded
from tests.billing.conftest import Billing, Client
from tests.billing.desired.test_plan_and_marking import mark, plan, push, pushed

CATALOG = {"pricing": {"price_source": "catalog", "catalog_currency": "USD", "unit_cost": "catalog"}}
OCTOBER = {"charge_start": date(2026, 10, 1), "charge_end": date(2026, 10, 31)}


@pytest.fixture
async def month(billing: Billing, api: Client) -> Billing:
    """A mapped customer with nothing invoiced yet, and a product that costs 4.00 and sells at 5.00."""
    await billing.hears(*both_sides())
    await sell_at(billing, "5.00")
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    await billing.catches_up()
    return billing


async def sell_at(billing: Billing, price: str) -> None:
    """A new price in the PSA's catalog."""
    attributes = {"price": price, "cost": "4.00"}
    item = a_record("product-1", "Microsoft 365 Business", identifier="M365-BP", attributes=attributes)
    await billing.hears(mirror(MirrorKind.CATALOG_ITEM, item))


async def save(api: Client, rules: Mapping[str, object]) -> None:
    version = (await api.get("/billing-rules"))["version"]
    await api("PUT", "/billing-rules", json={"version": version, "rules": rules})


class TestRules:
    async def test_they_reach_lines_that_are_loaded_from_then_on(self, month: Billing, api: Client) -> None:
        await month.hears(rows_loaded(a_row("1", **OCTOBER)))
        await push(month)
        await save(api, {"pricing": {"markup_percent": "10"}})
        await month.hears(rows_loaded(a_row("1", **OCTOBER), a_row("2", **OCTOBER)))
        found = {each.line.row_id: (each.rated.status, each.rated.amount) for each in await month.lines()}
        assert found == {
            "1": (LineStatus.SENT, Decimal("30.00")),
            "2": (LineStatus.READY, Decimal("33.00")),
        }

    async def test_a_plan_says_what_is_charged_and_what_is_billed(self, month: Billing, api: Client) -> None:
        await save(api, {"pricing": {"markup_percent": "10", "unit_cost": "as_charged"}})
        await month.hears(rows_loaded(a_row("1", **OCTOBER)))
        (wanted,) = (await plan(month)).additions
        assert (wanted.amount, wanted.charged, wanted.marked_up) == (
            Decimal("33.00"),
            Decimal("30.00"),
            Decimal("3.00"),
        )
        assert (wanted.quantity, wanted.unit_price, wanted.unit_cost) == (Decimal(10), Decimal("3.30"), Decimal("3.00"))

    async def test_the_panel_says_how_the_price_came_about(self, month: Billing, api: Client) -> None:
        await save(api, {"pricing": {"markup_percent": "10"}})
        await month.hears(rows_loaded(a_row("1", **OCTOBER)))
        (line,) = (await api.get("/invoice-lines"))["items"]
        assert (line["total"], line["amount"]) == ("30.00", "33.00")
        assert (
            "price: the marketplace's 30.00 USD; +10 %; 33.00 USD is billed, 30.00 is charged (rules version 1)"
            in line["explanation"]
        )

    async def test_a_true_up_of_a_changed_row_keeps_the_markup_that_it_was_invoiced_with(
        self, month: Billing, api: Client
    ) -> None:
        await save(api, {"pricing": {"markup_percent": "10"}})
        await month.hears(rows_loaded(a_row("1", **OCTOBER)))
        await push(month)
        await month.hears(agreements(an_agreement(next_invoice_date=date(2026, 11, 1))))
        await save(api, {"pricing": {"markup_percent": "50"}})
        await month.hears(rows_loaded(a_row("1", **OCTOBER, quantity=Decimal(12), total=Decimal("36.00"))))
        frozen, true_up = (await plan(month)).additions
        assert (frozen.amount, true_up.amount) == (Decimal("33.00"), Decimal("6.60"))
        # Both together stand for the charge of 36.00, and for the 3.60 that were added to it.
        assert frozen.marked_up + true_up.marked_up == Decimal("3.60")


class TestCatalog:
    async def test_a_new_price_changes_a_line_that_is_sent(self, month: Billing, api: Client) -> None:
        await save(api, CATALOG)
        await month.hears(rows_loaded(a_row("1", **OCTOBER)))
        (wanted,) = await push(month)
        assert (wanted.amount, wanted.unit_cost) == (Decimal("50.00"), Decimal("4.00"))
        await sell_at(month, "6.00")
        assert (await month.line()).rated.status is LineStatus.READY
        (again,) = (await plan(month)).additions
        assert (again.marker, again.amount) == (wanted.marker, Decimal("60.00"))

    async def test_a_new_price_changes_nothing_that_is_invoiced(self, month: Billing, api: Client) -> None:
        await save(api, CATALOG)
        await month.hears(rows_loaded(a_row("1", **OCTOBER)))
        (wanted,) = (await plan(month)).additions
        await mark(month, [pushed(wanted)])
        await month.hears(agreements(an_agreement(next_invoice_date=date(2026, 11, 1))))
        await sell_at(month, "6.00")
        (frozen,) = (await plan(month)).additions
        assert (frozen.is_frozen, frozen.amount, frozen.charged) == (True, Decimal("50.00"), Decimal("30.00"))

    async def test_a_new_price_is_nothing_to_lines_at_the_marketplace_s(self, month: Billing) -> None:
        await month.hears(rows_loaded(a_row("1", **OCTOBER)))
        await push(month)
        version = (await month.line()).version
        await sell_at(month, "6.00")
        assert (await month.line()).version == version
