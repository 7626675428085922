import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from openpyxl import load_workbook

from services.contracts.shapes import PlanScope
from services.contracts.vocabulary import DropRule
from services.kit.sheets.cells import Money, Sheet
from services.kit.sheets.csv_files import write_csv
from services.kit.sheets.formats import FileFormat
from services.kit.sheets.workbooks import write_xlsx
from services.sync.receipts.export import list_sheets
from services.sync.receipts.schemas import (
    Difference,
    DifferenceKind,
    Failure,
    ReceiptOut,
    ReceiptTotal,
    UnsentItem,
)
from tests.sync.plans.desk import Desk, leave, want

Api = Callable[..., httpx.AsyncClient]
CONTOSO: dict[str, Any] = {"organization": "Contoso", "organization_id": "org-1", "currency": "EUR"}


def receipt(**changes: Any) -> ReceiptOut:
    values: dict[str, Any] = {
        "run_id": UUID(int=1),
        "plan_id": UUID(int=2),
        "period": "2026-06",
        "scope": PlanScope(period="2026-06"),
        "ties_out": False,
        "arrived": True,
        "accounted_for": True,
        "bills_as_charged": False,
        "examined": 3,
        "totals": [
            ReceiptTotal(
                **CONTOSO,
                appxite_total=Decimal("62.50"),
                additions_total=Decimal("50.00"),
                unsent_total=Decimal("12.50"),
                ties_out=True,
                expected_billed=Decimal("80.00"),
                not_billable=Decimal("0.00"),
                sent_percent=Decimal("80.0"),
                bills_as_charged=False,
            )
        ],
        "unsent_count": 1,
        "failure_count": 1,
        "difference_count": 1,
        "created_at": datetime(2026, 6, 17, 12, tzinfo=UTC),
        "unsent": [
            UnsentItem(
                **CONTOSO,
                line_id=uuid4(),
                invoice_id="inv-1",
                row_id="1",
                amount=Decimal("12.50"),
                status="held",
                reasons=["product_unmapped"],
                invoice_number="N-1",
                product="M365",
                subscription="Seats",
            )
        ],
        "failures": [
            Failure(
                **CONTOSO, line_id=None, agreement="Cloud", addition_id="7", amount=Decimal("1.00"), error="Refused."
            )
        ],
        "differences": [
            Difference(
                **CONTOSO,
                kind=DifferenceKind.NO_CHARGE,
                agreement="Cloud",
                agreement_id="11",
                addition_id="80",
                subscription="Seats",
                amount=Decimal("30.00"),
                charged=Decimal("0.00"),
                expected=Decimal("30.00"),
                reason="Seats of Contoso bills 30.00 EUR.",
                next_step="Decide.",
            )
        ],
        **changes,
    }
    return ReceiptOut(**values)


def read_csv(body: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))


def one_cell(value: str | int | Money) -> list[Sheet]:
    return [Sheet("Sheet", ["Column"], [[value]])]


class TestSheets:
    def test_there_is_one_for_each_list_and_one_for_what_is_stated(self) -> None:
        sheets = list_sheets(receipt())
        assert [each.name for each in sheets] == [
            "Receipt",
            "Totals",
            "Differences",
            "Not sent",
            "Failures",
            "Invoiced since",
        ]
        assert all(len(row) == len(each.columns) for each in sheets for row in each.rows)

    def test_the_unsent_are_named_by_subscription_product_and_invoice_number(self) -> None:
        rows = read_csv(write_csv(list_sheets(receipt())))
        assert ["Contoso", "Seats", "M365", "N-1", "EUR", "12.50", "held", "product unmapped", "", ""] in rows

    def test_what_rules_drop_is_counted_summed_and_named_by_its_rule(self) -> None:
        whole = receipt(dropped_count=1)
        (total,), (item,) = whole.totals, whole.unsent
        rule = DropRule.FAVOURABLE_PRORATIONS
        credit = item.model_copy(update={"status": "dropped", "amount": Decimal("-5.00"), "dropped_by": rule})
        dropped = total.model_copy(update={"dropped": Decimal("-5.00")})
        rows = read_csv(write_csv(list_sheets(whole.model_copy(update={"totals": [dropped], "unsent": [credit]}))))
        assert ["Lines dropped by rules", "1"] in rows
        assert any(row[:1] == ["Contoso"] and row[7:8] == ["-5.00"] for row in rows)
        assert any(row[-1] == "Drop prorations in the customer's favour" for row in rows if row)

    @pytest.mark.parametrize(
        ("scope", "said"),
        [
            (PlanScope(period="2026-06"), "the whole month"),
            (PlanScope(period="2026-06", organization_ids=["a", "b"]), "2 customers of the month"),
            (PlanScope(period="2026-06", subscription_id="s"), "1 subscription of the month"),
            (None, "not known: an older build made this receipt"),
        ],
    )
    def test_what_the_plan_was_about_is_said(self, scope: PlanScope | None, said: str) -> None:
        assert ["About", said] in read_csv(write_csv(list_sheets(receipt(scope=scope))))

    def test_a_receipt_of_an_older_build_says_what_is_not_known(self) -> None:
        old = receipt(arrived=None, accounted_for=None, bills_as_charged=None)
        assert ["Arrived", "not known: an older build made this receipt"] in read_csv(write_csv(list_sheets(old)))


class TestCsv:
    @pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1"])
    def test_a_name_that_looks_like_a_formula_is_text(self, text: str) -> None:
        assert read_csv(write_csv(one_cell(text)))[2] == [f"'{text}"]

    @pytest.mark.parametrize("text", ["-12.50", "+3", "plain", ""])
    def test_numbers_and_plain_texts_stay_as_they_are(self, text: str) -> None:
        assert read_csv(write_csv(one_cell(text)))[2] == [text]

    @pytest.mark.parametrize(
        ("amount", "currency", "text"),
        [("-25", "EUR", "-25.00"), ("1001", "JPY", "1001"), ("5.1", "KWD", "5.100"), ("0.005", "EUR", "0.005")],
    )
    def test_amounts_are_exact_decimals_of_their_currency(self, amount: str, currency: str, text: str) -> None:
        assert read_csv(write_csv(one_cell(Money(Decimal(amount), currency))))[2] == [text]


class TestWorkbook:
    def test_amounts_are_numbers_with_the_decimals_of_their_currency(self) -> None:
        amounts = [("402536.83", "EUR", "#,##0.00"), ("1001", "JPY", "#,##0"), ("5.001", "KWD", "#,##0.000")]
        for amount, currency, shown in amounts:
            cell = read_cell(one_cell(Money(Decimal(amount), currency)))
            assert (str(cell.value), cell.number_format, cell.data_type) == (amount, shown, "n")

    def test_an_amount_of_more_digits_than_a_spreadsheet_keeps_is_exact_as_text(self) -> None:
        cell = read_cell(one_cell(Money(Decimal("12345678901234567.89"), "EUR")))
        assert (cell.value, cell.data_type) == ("12345678901234567.89", "s")

    def test_a_name_that_looks_like_a_formula_is_text(self) -> None:
        cell = read_cell(one_cell("=HYPERLINK(1)"))
        assert (cell.value, cell.data_type) == ("=HYPERLINK(1)", "s")

    def test_a_name_with_a_control_character_is_written_without_it(self) -> None:
        assert read_cell(one_cell("Con\x00toso")).value == "Contoso"

    def test_a_whole_receipt_reads_back(self) -> None:
        book = load_workbook(io.BytesIO(write_xlsx(list_sheets(receipt()))))
        assert book.sheetnames == ["Receipt", "Totals", "Differences", "Not sent", "Failures", "Invoiced since"]
        assert [cell.value for cell in book["Totals"][2]][:3] == ["Contoso", "EUR", 62.5]


def read_cell(sheets: list[Sheet]) -> Any:
    return load_workbook(io.BytesIO(write_xlsx(sheets)))["Sheet"]["A2"]


class TestOverHttp:
    @pytest.mark.parametrize("file_format", list(FileFormat))
    async def test_a_receipt_is_a_file_to_keep(self, desk: Desk, api: Api, file_format: FileFormat) -> None:
        desk.wanted, desk.unsent = [want("TO-A")], [leave()]
        run = await desk.push()
        async with api(desk.id) as client:
            answer = await client.get(f"/api/v1/receipts/{run.id}/export", params={"format": file_format.value})
        assert answer.status_code == 200
        assert answer.headers["content-type"] == file_format.media_type
        assert f"receipt-2026-06-{run.id}.{file_format}" in answer.headers["content-disposition"]
        assert answer.content[:2] == (b"PK" if file_format is FileFormat.XLSX else b"\xef\xbb")

    async def test_a_run_without_a_receipt_has_none_to_export(self, desk: Desk, api: Api) -> None:
        async with api(desk.id) as client:
            answer = await client.get(f"/api/v1/receipts/{uuid4()}/export")
            odd = await client.get(f"/api/v1/receipts/{uuid4()}/export", params={"format": "pdf"})
        assert (answer.status_code, answer.json()["code"]) == (404, "receipt_not_found")
        assert odd.status_code == 422
