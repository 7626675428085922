"""Sheets of cells as CSV and as an Excel workbook, with amounts to the last decimal. Pure.

A text that a spreadsheet would take for a formula is written as text: customers and products name themselves, and
nobody's name may run on a reader's machine.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from services.contracts.money import as_text, show_money

MOST_DIGITS = 15  # a spreadsheet's numbers keep no more; an amount beyond stays exact as text
FORMULA = re.compile(r"^[=+\-@\t\r]")
NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount that is shown with at least the decimals of its currency."""

    amount: Decimal
    currency: str

    @property
    def text(self) -> str:
        return as_text(show_money(self.amount, self.currency))


Value = str | int | Money


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]


def write_csv(sheets: Sequence[Sheet]) -> bytes:
    """One section a sheet, under its name. The byte order mark lets Excel read names in any script."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for sheet in sheets:
        writer.writerow([sheet.name])
        writer.writerow(sheet.columns)
        writer.writerows([_as_csv(cell) for cell in row] for row in sheet.rows)
        writer.writerow([])
    return out.getvalue().encode("utf-8-sig")


def _as_csv(cell: Value) -> str:
    if isinstance(cell, Money):
        return cell.text
    text = str(cell)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.match(text) else text


def write_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """One worksheet a sheet; amounts are numbers."""
    book = Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(sheet.name)
        page.freeze_panes = "A2"
        page.append([_as_title(page, column) for column in sheet.columns])
        for row in sheet.rows:
            page.append([_as_cell(page, cell) for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _as_title(page: WriteOnlyWorksheet, text: str) -> Cell:
    cell = _as_text_cell(page, text)
    cell.font = Font(bold=True)
    return cell


def _as_cell(page: WriteOnlyWorksheet, cell: Value) -> Cell:
    if isinstance(cell, str):
        return _as_text_cell(page, cell)
    if isinstance(cell, int):
        return WriteOnlyCell(page, value=cell)
    number = Decimal(cell.text)
    if len(number.as_tuple().digits) > MOST_DIGITS:
        return _as_text_cell(page, cell.text)
    made = WriteOnlyCell(page)
    made.value = number
    decimals = len(cell.text.partition(".")[2])
    made.number_format = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return made


def _as_text_cell(page: WriteOnlyWorksheet, text: str) -> Cell:
    cell = WriteOnlyCell(page, value=ILLEGAL_CHARACTERS_RE.sub("", text))
    cell.data_type = "s"  # a text that begins with = would be written as a formula
    return cell
