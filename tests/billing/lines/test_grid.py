from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.billing.lines.filters import LineSort
from services.contracts.vocabulary import MirrorKind
from tests.billing.builders import a_record, a_row, an_invoice, both_sides, mirror, rows_loaded
from tests.billing.conftest import Billing, Client

ROWS = [
    a_row("a", organization_id="org-1", organization_name="Alpine", total=Decimal("30.00")),
    a_row(
        "b", organization_id="org-2", organization_name="Bravo", unit_price=Decimal("-3.00"), total=Decimal("-30.00")
    ),
    a_row("c", organization_id="org-2", organization_name="Bravo", charge_type="Usage Fee", charge_end=None),
    a_row("d", organization_id="org-3", organization_name="100% Cloud", charge_start=None, subscription_name="Übung"),
    a_row("e", organization_id="org-1", organization_name="Alpine", unit_price=Decimal(0), total=Decimal(0)),
]


@pytest.fixture
async def loaded(billing: Billing, api: Client) -> Client:
    """Five October lines of three customers, of which Alpine is mapped, and one of November in euros."""
    november = an_invoice(invoice_date=date(2026, 11, 15), period="2026-11", number="2002", currency="EUR")
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    await billing.hears(rows_loaded(*ROWS), rows_loaded(a_row("f"), invoice=november))
    await billing.catches_up()
    return api


async def found(api: Client, **query: Any) -> list[str]:
    page = await api.get("/invoice-lines", **({"period": "2026-10"} | query))
    return [item["row_id"] for item in page["items"]]


class TestWindow:
    async def test_a_line_is_shown_with_every_name_and_origin(self, loaded: Client) -> None:
        page = await loaded.get("/invoice-lines", period="2026-10", organization="org-1", sort="-total")
        item = page["items"][0]
        assert item | {"id": "", "subscription_id": ""} == {
            "id": "",
            "version": 1,
            "status": "ready",
            "hold_reasons": [],
            "period": "2026-10",
            "organization": "Alpine",
            "organization_id": "org-1",
            "company": "Alpine",
            "company_id": "company-1",
            "agreement": "Name of agreement-1",
            "agreement_id": "agreement-1",
            "offer": "Microsoft 365 Business",
            "offer_id": "offer-1",
            "product": "Microsoft 365 Business",
            "product_id": "product-1",
            "subscription": "M365 Alpine",
            "subscription_id": "",
            "invoice_number": "1001",
            "invoice_id": "invoice-1",
            "invoice_date": "2026-10-15",
            "row_id": "a",
            "charge_type": "CycleFee",
            "is_recurring": True,
            "quantity": "10",
            "unit_price": "3.00",
            "total": "30.00",
            "currency": "USD",
            "charge_start_date": "2026-10-12",
            "charge_end_date": None,
            "description": "M365 Alpine - Cycle Fee",
            "bill_option": "Billable",
            "taxable": True,
            "addition_quantity": "10",
            "addition_unit_price": "3.00",
            "amount": "30.00",
            "unit_cost": None,
            "remainder": "0.00",
            "is_gathered": False,
            "carried_with": 0,
            "forecast": "30.00",
            "explanation": ["the only agreement of the company that fits"],
            "warnings": [],
            "push_error": "",
            "excluded": False,
            "dropped_by": None,
            "provenance": {
                "charge_start_date": {
                    "provenance": "source",
                    "source": "2026-10-12",
                    "system": "2026-10-12",
                    "user": None,
                    "explanation": "as invoiced",
                },
                "charge_end_date": {
                    "provenance": "system",
                    "source": "2026-11-11",
                    "system": None,
                    "user": None,
                    "explanation": "open: a recurring charge runs until its subscription ends",
                },
            },
            "decided": {},
            "is_invoiced": False,
            "sent_at": None,
            "addition_id": None,
        }

    @pytest.mark.parametrize(
        ("query", "rows"),
        [
            ({}, "abcde"),
            ({"period": "2026-11"}, "f"),
            ({"organization": "org-2"}, "bc"),
            ({"organization": "Bravo"}, "bc"),
            ({"organization": "Nobody"}, ""),
            ({"status": "ready"}, "a"),
            ({"status": ["ready", "held"]}, "ae"),
            ({"charge_type": "UsageFee"}, "c"),
            ({"currency": "usd"}, "abcde"),
            ({"currency": "EUR"}, ""),
            ({"hold_reason": "zero_price"}, "e"),
            ({"search": "BRAVO"}, "bc"),
            ({"search": "100%"}, "d"),
            ({"search": "übung"}, "d"),
            ({"search": "0% c_oud"}, ""),
            ({"search": "1001"}, "abcde"),
        ],
    )
    async def test_filters_find_what_they_say(self, loaded: Client, query: dict[str, Any], rows: str) -> None:
        assert sorted(await found(loaded, **query)) == list(rows)

    @pytest.mark.parametrize("sort", LineSort)
    async def test_every_order_pages_through_all_lines_once(self, loaded: Client, sort: LineSort) -> None:
        whole = await found(loaded, sort=sort)
        pages = await loaded.pages("/invoice-lines", period="2026-10", sort=sort, limit=2)
        assert [len(page) for page in pages] == [2, 2, 1]
        assert [item["row_id"] for page in pages for item in page] == whole
        assert sorted(whole) == list("abcde")

    async def test_a_minus_turns_an_order_round(self, loaded: Client) -> None:
        assert (await found(loaded, sort="total"))[0] == (await found(loaded, sort="-total"))[-1] == "b"

    async def test_what_has_no_day_comes_after_every_day(self, loaded: Client) -> None:
        assert (await found(loaded, sort="charge_start_date"))[-1] == "d"

    @pytest.mark.parametrize("cursor", ["nonsense", "WyJ0b3RhbCIsIk5hTiIsIjEiXQ", "WyJ0b3RhbCIsIjEiLCJ4Il0"])
    async def test_a_cursor_from_elsewhere_is_refused(self, loaded: Client, cursor: str) -> None:
        problem = await loaded("GET", "/invoice-lines", 400, params={"cursor": cursor, "sort": "total"})
        assert problem["code"] == "bad_cursor"

    async def test_a_cursor_of_another_order_is_refused(self, loaded: Client) -> None:
        page = await loaded.get("/invoice-lines", limit=1)
        await loaded("GET", "/invoice-lines", 400, params={"cursor": page["next_cursor"], "sort": "total"})

    async def test_a_name_that_the_psa_lost_is_shown_by_its_id(self, billing: Billing, loaded: Client) -> None:
        await billing.owner.execute("DELETE FROM billing.reference WHERE kind = $1", MirrorKind.COMPANY.value)
        page = await loaded.get("/invoice-lines", period="2026-10", status="ready")
        assert page["items"][0]["company"] == "company-1"


class TestTotals:
    async def test_totals_say_how_many_lines_and_how_much_money(self, loaded: Client) -> None:
        totals = await loaded.get("/invoice-lines/totals", period="2026-10")
        told = {name: totals[name] for name in ("lines", "amounts", "by_status", "hold_reasons")}
        assert (
            told
            == totals["month"]
            == {
                "lines": 5,
                "amounts": {"USD": "60.00"},
                "by_status": {
                    "ready": {"count": 1, "amounts": {"USD": "30.00"}},
                    "held": {"count": 1, "amounts": {"USD": "0"}},
                    "excluded": {"count": 3, "amounts": {"USD": "30.00"}},
                },
                "hold_reasons": {"zero_price": {"count": 1, "amounts": {"USD": "0"}}},
            }
        )

    async def test_totals_follow_the_filter_and_keep_currencies_apart(self, loaded: Client) -> None:
        everything = await loaded.get("/invoice-lines/totals", organization="org-1")
        assert everything["lines"] == 3
        assert everything["hold_reasons"]["currency_mismatch"] == {"count": 1, "amounts": {"EUR": "30.00"}}


class TestWalls:
    async def test_another_partner_sees_nothing(self, loaded: Client) -> None:
        stranger = Client(loaded.http, type(loaded.partner)(int=1))
        assert (await stranger.get("/invoice-lines"))["items"] == []
        assert (await stranger.get("/invoice-lines/totals"))["lines"] == 0
        for path in ("/organizations", "/products", "/companies", "/catalog-items", "/agreements"):
            assert (await stranger.get(path))["items"] == []

    async def test_another_partner_changes_nothing(self, billing: Billing, loaded: Client) -> None:
        line = (await billing.lines())[0]
        stranger = Client(loaded.http, type(loaded.partner)(int=1))
        await stranger("GET", f"/invoice-lines/{line.id}", 404)
        await stranger("PATCH", f"/invoice-lines/{line.id}", 404, json={"version": line.version, "excluded": True})
        await stranger("PATCH", "/organizations/org-1", 404, json={"version": 2, "state": "excluded"})


async def test_pickers_list_what_the_psa_has(billing: Billing, api: Client) -> None:
    types = mirror(MirrorKind.AGREEMENT_TYPE, a_record("t-1", "Cloud"), a_record("t-2", "Gone", is_active=False))
    companies = mirror(MirrorKind.COMPANY, *(a_record(f"c-{n}", f"Company {n}", identifier=f"C{n}X") for n in range(3)))
    await billing.hears(*both_sides(), types, companies)
    assert [each["name"] for each in (await api.get("/agreement-types"))["items"]] == ["Cloud"]
    assert [each["id"] for each in (await api.get("/companies", search="c1x"))["items"]] == ["c-1"]
    assert [each["id"] for each in (await api.get("/catalog-items", search="business"))["items"]] == ["product-1"]
    pages = await api.pages("/companies", limit=3)
    assert [each["name"] for page in pages for each in page] == ["Alpine", "Company 0", "Company 1", "Company 2"]
    (agreement,) = (await api.get("/agreements", company_id="company-1"))["items"]
    assert (agreement["type"], agreement["is_prorated"], agreement["next_invoice_date"]) == (
        "Cloud",
        False,
        "2026-10-01",
    )
    assert (await api.get("/agreements", company_id="c-1"))["items"] == []
