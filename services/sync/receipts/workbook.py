"""Sheets of cells as an Excel workbook, with amounts as numbers of their currency's decimals. Pure."""

import io
from collections.abc import Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.worksheet._write_only import WriteOnlyWorksheet

from services.sync.receipts.spreadsheets import Sheet, Value

MOST_DIGITS = 15  # a spreadsheet's numbers keep no more; an amount beyond stays exact as text


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
