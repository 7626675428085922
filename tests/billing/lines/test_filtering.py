"""What the grid finds: filters of every kind, orders of several keys in both directions, totals, facets and groups."""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from random import Random
from typing import Any

import pytest

from services.billing.lines.fields import FACETS, FIELDS
from services.billing.lines.filters import MEMBERS, LineFilter
from tests.billing.builders import a_row, an_invoice, both_sides, rows_loaded
from tests.billing.conftest import Billing, Client

ROWS = [
    a_row("a", organization_id="org-1", organization_name="Alpine", total=Decimal("30.00")),
    a_row("b", organization_id="org-2", organization_name="Bravo", total=Decimal("-30.00"), unit_price=Decimal(-3)),
    a_row("c", organization_id="org-2", organization_name="Bravo", charge_type="Usage Fee", charge_end=None),
    a_row("d", organization_id="org-3", organization_name="Cloud", charge_start=None, subscription_name="Übung Zwei"),
    a_row("e", organization_id="org-1", organization_name="Alpine", unit_price=Decimal(0), total=Decimal(0)),
]
EUROS = [
    a_row(
        "f",
        invoice_id="invoice-2",
        organization_id="org-2",
        organization_name="Bravo",
        total=Decimal(10),
        vendor="Adobe",
    ),
    a_row("g", invoice_id="invoice-2", quantity=Decimal(3), total=Decimal("9.00")),
]
ALL = "abcdefg"


@pytest.fixture
async def loaded(billing: Billing, api: Client) -> Client:
    """Seven October lines of three customers, five in dollars and two in euros; Alpine is mapped, `a` is edited."""
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})
    euros = an_invoice(invoice_id="invoice-2", number="2002", currency="EUR")
    await billing.hears(rows_loaded(*ROWS), rows_loaded(*EUROS, invoice=euros))
    await billing.catches_up()
    line = next(each for each in await billing.lines() if each.line.row_id == "a")
    edit = {"version": line.version, "charge_start_date": "2026-10-20"}
    await api("PATCH", f"/invoice-lines/{line.id}", json=edit, headers={"Idempotency-Key": "edit-of-a-line"})
    return api


async def found(api: Client, **query: Any) -> str:
    page = await api.get("/invoice-lines", **query)
    return "".join(item["row_id"] for item in page["items"])


def rows_of(pages: Sequence[Sequence[dict[str, Any]]]) -> str:
    return "".join(item["row_id"] for page in pages for item in page)


class TestFilters:
    async def test_each_operator_finds_what_it_says(self, loaded: Client) -> None:
        expected: list[tuple[dict[str, Any], str]] = [
            ({"organization": ["Alpine", "org-3"]}, "adeg"),
            ({"organization_not": "Alpine"}, "bcdf"),
            ({"organization_contains": "RAV"}, "bcf"),
            ({"company": "Alpine"}, "aeg"),
            ({"agreement": "agreement-1"}, "ae"),
            ({"agreement_contains": "of AGREEMENT"}, "ae"),
            ({"agreement_empty": True}, "bcdfg"),
            ({"product_contains": "business"}, ALL),
            ({"offer": "MICROSOFT 365 BUSINESS"}, ALL),
            ({"subscription_contains": "zwei"}, "d"),
            ({"currency": "eur"}, "fg"),
            ({"currency_not": "eur"}, "abcde"),
            ({"charge_type": ["UsageFee", "Nothing"]}, "c"),
            ({"status_not": ["excluded", "ready"]}, "eg"),
            ({"hold_reason": "zero_price"}, "e"),
            ({"hold_reason_empty": True, "organization": "Alpine"}, "a"),
            ({"vendor": "Adobe"}, "f"),
            ({"vendor_empty": True}, "abcdeg"),
            ({"total_min": "9.00", "total_max": "10"}, "fg"),
            ({"unit_price_max": 0}, "be"),
            ({"quantity_max": 3}, "g"),
            ({"charge_start_date_empty": True}, "d"),
            ({"charge_start_date_from": "2026-10-13"}, "a"),
            ({"charge_start_date_to": "2026-10-12"}, "bcefg"),
            ({"period_from": "2026-10", "period_to": "2026-10"}, ALL),
            ({"period_from": "2026-11"}, ""),
            ({"start_provenance": "user"}, "a"),
            ({"edited": "charge_start_date"}, "a"),
            ({"edited": "agreement_id"}, ""),
            ({"edited_empty": True}, "bcdefg"),
            ({"edited_empty": False}, "a"),
            ({"sent_at_from": "2026-01-01"}, ""),
            ({"is_recurring": False}, "c"),
            ({"row_id": ["a", "b"], "search": "bravo"}, "b"),
            ({"search": "brav 2002"}, "f"),
        ]
        told = [(query, "".join(sorted(await found(loaded, **query)))) for query, _ in expected]
        assert told == expected

    @pytest.mark.parametrize(
        "query",
        [{"total_min": "NaN"}, {"status": "gone"}, {"charge_end_date_from": "soon"}, {"sort": "hold_reason"}],
        ids=str,
    )
    async def test_what_cannot_be_meant_is_refused(self, api: Client, query: dict[str, Any]) -> None:
        await api("GET", "/invoice-lines", 422, params=query)

    def test_one_value_stands_for_a_list_of_it_as_filters_were_written_before(self) -> None:
        old = {"period": "2026-10", "organization": "org-1", "currency": None, "charge_type": "UsageFee"}
        told = {member.name: value for member, value in LineFilter.model_validate(old).given()}
        assert told == {"period": "2026-10", "organization": ("org-1",), "charge_type": ("UsageFee",)}

    async def test_what_can_be_filtered_is_told_with_its_parameters(self, api: Client) -> None:
        fields = {each["name"]: each for each in (await api.get("/invoice-lines/filterable-fields"))["items"]}
        assert fields.keys() == FIELDS.keys()
        assert fields["total"]["parameters"] == {"min": "total_min", "max": "total_max"}
        assert {name for each in fields.values() for name in each["parameters"].values()} == MEMBERS.keys()


class TestOrders:
    async def test_several_keys_each_in_its_direction_page_both_ways(self, loaded: Client) -> None:
        order = ["-organization", "currency", "-total"]
        first = await loaded.get("/invoice-lines", sort=order)
        whole = rows_of([first["items"]])
        assert whole == "dfcbgae"
        pages = await loaded.pages("/invoice-lines", sort=order, limit=2)
        assert rows_of(pages) == whole
        last = await loaded.get("/invoice-lines", sort=order, limit=3, position=4)
        assert (rows_of([last["items"]]), last["next_cursor"]) == (whole[4:], None)
        before = await loaded.get("/invoice-lines", sort=order, limit=3, cursor=last["previous_cursor"])
        assert rows_of([before["items"]]) == whole[1:4]
        start = await loaded.get("/invoice-lines", sort=order, limit=3, cursor=before["previous_cursor"])
        assert (rows_of([start["items"]]), start["previous_cursor"]) == (whole[:1], None)
        again = await loaded.get("/invoice-lines", sort=order, limit=3, cursor=start["next_cursor"])
        assert rows_of([again["items"]]) == whole[1:4]

    async def test_money_is_sorted_within_its_currency(self, loaded: Client) -> None:
        assert await found(loaded, sort="total", currency="EUR") == "gf"
        page = await loaded.get("/invoice-lines", sort="-total")
        assert [item["currency"] for item in page["items"]] == ["USD"] * 5 + ["EUR"] * 2
        assert [item["total"] for item in page["items"]][-2:] == ["10", "9.00"]

    async def test_a_window_begins_at_a_value(self, loaded: Client) -> None:
        page = await loaded.get("/invoice-lines", sort="organization", starting_at="B", limit=2)
        assert {item["organization"] for item in page["items"]} == {"Bravo"}
        before = await loaded.get("/invoice-lines", sort="organization", cursor=page["previous_cursor"])
        assert {item["organization"] for item in before["items"]} == {"Alpine"}
        assert await found(loaded, sort="-total", currency="EUR", starting_at="9.50") == "g"

    @pytest.mark.parametrize("start", [{"position": 7}, {"position": 1, "starting_at": "B"}], ids=str)
    async def test_a_place_that_is_not_there_is_refused(self, loaded: Client, start: dict[str, Any]) -> None:
        assert (await loaded("GET", "/invoice-lines", 400, params=start))["code"] == "no_such_place"


class TestTotals:
    async def test_totals_always_equal_the_sum_of_the_lines(self, loaded: Client) -> None:
        """Of a hundred filters, each of up to three fields."""
        drawn = Random(38)  # noqa: S311 - the same filters each time
        choices: dict[str, list[Any]] = {
            "status": ["ready", "held", "excluded"],
            "hold_reason": ["zero_price", "currency_mismatch"],
            "currency": ["USD", "EUR"],
            "currency_not": ["EUR"],
            "charge_type": ["CycleFee", "UsageFee"],
            "organization": ["org-1", "Bravo"],
            "total_min": ["0", "9.5"],
            "charge_start_date_to": ["2026-10-15"],
            "start_provenance": ["user", "source"],
            "hold_reason_empty": [True, False],
            "search": ["alpine", "m365", "2002"],
            "edited_empty": [True],
        }
        for _ in range(100):
            names = drawn.sample(sorted(choices), drawn.randrange(4))
            query = {name: drawn.choice(choices[name]) for name in names} | {"period": "2026-10"}
            lines = (await loaded.get("/invoice-lines", **query))["items"]
            totals = await loaded.get("/invoice-lines/totals", **query)
            assert (query, summed(totals)) == (query, sum_up(lines))
            assert totals["month"]["lines"] == len(ALL)

    async def test_a_facet_counts_what_the_filter_leaves_without_itself(self, loaded: Client) -> None:
        totals = await loaded.get("/invoice-lines/totals", period="2026-10", currency="EUR", charge_type="CycleFee")
        counts = {
            name: {each["value"]: each["lines"]["count"] for each in values}
            for name, values in totals["facets"].items()
        }
        assert counts.keys() == {field.name for field in FACETS}
        assert counts["currency"] == {"USD": 4, "EUR": 2}
        assert counts["charge_type"] == {"CycleFee": 2}
        assert counts["status"] == {"excluded": 1, "held": 1}
        assert totals["lines"] == 2

    async def test_after_an_edit_all_numbers_move_together(self, billing: Billing, loaded: Client) -> None:
        line = next(each for each in await billing.lines() if each.line.row_id == "a")
        edit = {"version": line.version, "excluded": True}
        await loaded("PATCH", f"/invoice-lines/{line.id}", json=edit, headers={"Idempotency-Key": "exclude-a-line"})
        totals = await loaded.get("/invoice-lines/totals", period="2026-10", organization="Alpine")
        assert "ready" not in totals["by_status"] | totals["month"]["by_status"]
        assert totals["by_status"]["excluded"]["amounts"] == {"USD": "30.00"}


def sum_up(lines: Sequence[dict[str, Any]]) -> tuple[int, dict[str, Decimal], Counter[str]]:
    money: Counter[str] = Counter()
    for line in lines:
        money[line["currency"]] += Decimal(line["total"])  # type: ignore[assignment]
    return len(lines), dict(money), Counter(line["status"] for line in lines)  # type: ignore[arg-type]


def summed(totals: dict[str, Any]) -> tuple[int, dict[str, Decimal], Counter[str]]:
    by_status = Counter({status: tally["count"] for status, tally in totals["by_status"].items()})
    return totals["lines"], {each: Decimal(sum_) for each, sum_ in totals["amounts"].items()}, by_status


class TestGroups:
    @pytest.mark.parametrize("by", ["organization", "agreement", "subscription", "charge_type"])
    async def test_groups_hold_every_line_once(self, loaded: Client, by: str) -> None:
        pages = await loaded.pages("/invoice-lines/groups", by=by, limit=1)
        groups = [group for page in pages for group in page]
        assert sum(group["lines"]["count"] for group in groups) == len(ALL)
        for group in groups:
            name = by if group["key"] else f"{by}_empty"
            lines = await loaded.get("/invoice-lines/totals", **{name: group["key"] or True})
            assert (lines["lines"], lines["amounts"]) == (group["lines"]["count"], group["lines"]["amounts"])

    async def test_a_subtotal_keeps_currencies_apart(self, loaded: Client) -> None:
        alpine = (await loaded.get("/invoice-lines/groups", by="organization"))["items"][0]
        assert alpine == {
            "key": "org-1",
            "name": "Alpine",
            "lines": {"count": 3, "amounts": {"EUR": "9.00", "USD": "30.00"}},
            "ready": 1,
            "held": 2,
        }


class TestSelection:
    async def test_the_lines_of_a_filter_are_what_a_plan_takes(self, loaded: Client) -> None:
        query = {"period": "2026-10", "organization": "Alpine", "total_min": "9"}
        selected = await loaded.get("/invoice-lines/selection", **query)
        lines = (await loaded.get("/invoice-lines", **query))["items"]
        assert sorted(selected["lines"]) == sorted(line["id"] for line in lines)
        assert selected["period"] == "2026-10"

    @pytest.mark.parametrize("query", [{}, {"period": "2026-10", "vendor": "Nobody"}], ids=str)
    async def test_no_month_or_no_line_is_no_selection(self, api: Client, query: dict[str, Any]) -> None:
        problem = await api("GET", "/invoice-lines/selection", 400, params=query)
        assert problem["code"] == "cannot_be_selected"


async def test_another_partner_finds_no_name(loaded: Client) -> None:
    stranger = Client(loaded.http, type(loaded.partner)(int=1))
    assert await found(stranger, search="alpine") == ""
    assert (await stranger.get("/invoice-lines/groups", by="organization"))["items"] == []
