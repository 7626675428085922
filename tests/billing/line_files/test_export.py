"""Lines of an invoice as a file: typed, safe, in the order of the grid."""

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from openpyxl import load_workbook

from services.contracts.identity import IDENTITY_HEADER, Identity
from services.contracts.vocabulary import Role
from services.kit.web.identity import sign_identity
from tests.billing.builders import a_row, an_invoice, both_sides, rows_loaded
from tests.billing.conftest import ANN, KEY, Billing, Client


async def fetch(api: Client, **query: Any) -> bytes:
    """The file, as it comes."""
    identity = Identity(
        partner_id=api.partner,
        actor_id=ANN.id,
        actor_name=ANN.name,
        roles=frozenset({Role.VIEWER}),
        correlation_id="c-3",
    )
    headers = {IDENTITY_HEADER: sign_identity(identity, KEY)}
    answer = await api.http.get("/api/v1/invoice-lines/export", params=query, headers=headers)
    assert answer.status_code == 200, answer.text
    assert "attachment" in answer.headers["content-disposition"]
    return answer.content


def rows_of(sheet: Any) -> list[dict[str, Any]]:
    titles, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(titles, row, strict=True)) for row in rows]


@pytest.fixture
async def loaded(billing: Billing, api: Client) -> Billing:
    await billing.hears(*both_sides())
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    usd = (
        a_row("1", subscription_name="=HYPERLINK(1)", quantity="3", unit_price="4.15", total="12.45"),
        a_row("3", unit_price="12345678901234567.89", total="12345678901234567.89"),
    )
    jpy = a_row("2", invoice_id="invoice-2", unit_price="1001", total="1001")
    await billing.hears(rows_loaded(*usd), rows_loaded(jpy, invoice=an_invoice("invoice-2", currency="JPY")))
    await billing.catches_up()
    return billing


class TestWorkbook:
    async def test_cells_are_typed_and_amounts_have_the_decimals_of_their_currency(
        self, loaded: Billing, api: Client
    ) -> None:
        sheet = load_workbook(io.BytesIO(await fetch(api, period="2026-10", sort="total")))["Lines"]
        titles = [cell.value for cell in sheet[1]]
        second, first, third = list(sheet.iter_rows(min_row=2))  # by currency first
        total = titles.index("Total")
        assert (first[total].value, first[total].number_format) == (12.45, "#,##0.00")
        assert (second[total].value, second[total].number_format) == (1001, "#,##0")
        assert isinstance(first[titles.index("Charge start")].value, datetime)
        assert first[titles.index("Excluded")].value is False
        assert sheet.freeze_panes == "A2"
        # A number of a spreadsheet has 15 digits: an amount that needs more is exact as text.
        assert (third[total].value, third[total].data_type) == ("12345678901234567.89", "s")

    async def test_there_is_a_sheet_for_each_currency_if_wished(self, loaded: Billing, api: Client) -> None:
        book = load_workbook(io.BytesIO(await fetch(api, period="2026-10", a_sheet_for_each_currency=True)))
        assert [(sheet.title, len(rows_of(sheet))) for sheet in book] == [("JPY", 1), ("USD", 2)]

    async def test_the_filter_and_the_order_are_those_of_the_grid(self, loaded: Billing, api: Client) -> None:
        book = load_workbook(io.BytesIO(await fetch(api, period="2026-10", currency="USD", sort="-total")))
        assert [row["Invoice row"] for row in rows_of(book["Lines"])] == ["3", "1"]

    async def test_nothing_that_matches_is_a_workbook_with_its_header(self, loaded: Billing, api: Client) -> None:
        book = load_workbook(io.BytesIO(await fetch(api, period="2026-09", a_sheet_for_each_currency=True)))
        assert rows_of(book["Lines"]) == []

    async def test_a_sheet_that_is_full_goes_on_in_another(
        self, loaded: Billing, api: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("services.kit.sheets.workbooks.MOST_ROWS", 2)
        book = load_workbook(io.BytesIO(await fetch(api, period="2026-10")))
        assert [(sheet.title, len(rows_of(sheet))) for sheet in book] == [("Lines", 2), ("Lines 2", 1)]


class TestCsv:
    @pytest.mark.parametrize(("mark", "begins"), [(True, b"\xef\xbb\xbfOrg"), (False, b"Org")])
    async def test_the_byte_order_mark_is_a_choice(
        self, loaded: Billing, api: Client, mark: bool, begins: bytes
    ) -> None:
        assert (await fetch(api, period="2026-10", format="csv", byte_order_mark=mark)).startswith(begins)

    async def test_names_are_guarded_and_values_are_plain(self, loaded: Billing, api: Client) -> None:
        text = (await fetch(api, period="2026-10", format="csv", sort="-currency")).decode("utf-8-sig")
        assert text.count("\r\n") == 4
        row = next(each for each in csv.DictReader(io.StringIO(text)) if each["Invoice row"] == "1")
        assert (row["Subscription"], row["Total"], row["Excluded"]) == ("'=HYPERLINK(1)", "12.45", "no")
        assert row["Version"] == "1"


class TestWalls:
    async def test_another_partners_lines_are_not_in_it(self, loaded: Billing, api: Client) -> None:
        stranger = Client(api.http, type(api.partner)(int=7))
        assert rows_of(load_workbook(io.BytesIO(await fetch(stranger)))["Lines"]) == []
