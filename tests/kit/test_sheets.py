"""Cells are exact and safe, whatever they hold."""

import csv
import io
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from services.kit.sheets.cells import Head, Sheet, guard, is_exact_as_number, unguard
from services.kit.sheets.csv_files import spell_rows
from services.kit.sheets.workbooks import WorkbookStream, write_xlsx

TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=30),
    st.builds(
        str.__add__, st.sampled_from(["=", "+", "-", "@", "\t", "\r", "'="]), st.text("A1()'\"=;, \n", max_size=9)
    ),
)


class TestFormulas:
    @given(TEXTS)
    def test_no_text_begins_a_formula_in_csv_and_each_reads_back(self, text: str) -> None:
        ((cell,),) = csv.reader(io.StringIO(spell_rows([[text]]), newline="")) if text else (("",),)
        assert cell[:1] not in ("=", "@", "\t", "\r")
        assert cell[:1] not in ("+", "-") or Decimal(cell).is_finite()
        assert unguard(cell) == unguard(text)

    @given(st.lists(TEXTS, min_size=1, max_size=5))
    def test_no_text_is_a_formula_in_a_workbook_and_stays_text_when_edited(self, texts: list[str]) -> None:
        page = load_workbook(io.BytesIO(write_xlsx([Sheet("S", texts, [texts])])))["S"]
        for cell in (cell for row in page.iter_rows() for cell in row):
            assert cell.data_type != "f"
            assert cell.row == 1 or cell.quotePrefix or str(cell.value or "")[:1] not in tuple("=+-@\t\r")

    @given(st.from_regex(r"[+-]?\d{1,9}(\.\d{1,4})?", fullmatch=True))
    def test_figures_stay_figures(self, figure: str) -> None:
        assert guard(figure) == figure


class TestNumbers:
    @given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**15), max_value=10**15))
    def test_an_amount_is_a_number_only_where_that_says_it_exactly(self, amount: Decimal) -> None:
        cell = load_workbook(io.BytesIO(write_xlsx([Sheet("S", ["A"], [[amount]])])))["S"]["A2"]
        assert Decimal(str(cell.value)) == amount
        assert (cell.data_type == "n") is is_exact_as_number(amount)


class TestStream:
    def test_rows_leave_while_others_are_still_to_come(self) -> None:
        stream = WorkbookStream([Head("S", ["A"])])
        parts = [
            stream.begin_sheet(),
            *(stream.add([[f"{n}-{row}" for n in range(50)] for row in range(500)]) for _ in "abc"),
        ]
        assert all(parts), "each call gives away what it made"
        book = load_workbook(io.BytesIO(b"".join([*parts, stream.finish()])), read_only=True)
        assert sum(1 for _ in book["S"].iter_rows()) == 1501
