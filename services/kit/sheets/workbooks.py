"""Sheets as an Excel workbook, written while its rows come: memory holds some rows, whatever their number.

openpyxl makes everything but the rows: parts, styles, headers. Its own writers finish a workbook before they give any
of it away, which for 100,000 lines takes longer than a gateway waits; so rows are spelled here, between the two halves
of the sheets that it made.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import IO
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from services.contracts.money import as_text
from services.kit.sheets.cells import Head, Money, Sheet, Value, is_exact_as_number, looks_like_a_formula

MOST_ROWS = 1_048_575  # of a worksheet, below its header
MOST_TEXT = 32_767  # characters of a cell
MOST_DECIMALS = 10  # of an amount that is shown with all of them
MARKED = PatternFill("solid", fgColor="FFF2CC")
COMPRESSION = 4  # a quarter less time than zlib's usual level, for a twentieth more bytes

_DIMENSION = re.compile(rb"<dimension [^>]*/>")  # says how many rows there are, which nobody knows yet
_ROWS_END = b"</sheetData>"
_SHEET = re.compile(r"xl/worksheets/sheet(\d+)\.xml")
_EPOCH = date(1899, 12, 30).toordinal()


def write_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """One worksheet a sheet."""
    stream = WorkbookStream([each.head for each in sheets])
    parts = []
    for sheet in sheets:
        parts += [stream.begin_sheet(), stream.add(sheet.rows)]
    return b"".join([*parts, stream.finish()])


class WorkbookStream:
    """A workbook in the making. Each call gives the bytes that are ready; joined they are the file.

    Sheets are begun in the order of `heads`, each of them, before rows are added to it. Amounts are numbers with
    their currency's decimals, except those that a number would not say exactly: they are text.
    """

    def __init__(self, heads: Sequence[Head]) -> None:
        self._styles = _Styles(heads)
        self._out = _Outflow()
        self._zip = zipfile.ZipFile(self._out, "w", zipfile.ZIP_DEFLATED, compresslevel=COMPRESSION)
        self._waiting: Iterator[tuple[str, bytes]] = iter(self._write_shell())
        self._sheet: IO[bytes] | None = None
        self._rest = b""
        self._next_row = 2

    def _write_shell(self) -> list[tuple[str, bytes]]:
        """Write every part but the sheets, which are left: name and content of each, in their order."""
        sheets: dict[int, tuple[str, bytes]] = {}
        with zipfile.ZipFile(io.BytesIO(self._styles.shell())) as shell:
            for name in shell.namelist():
                if found := _SHEET.fullmatch(name):
                    sheets[int(found[1])] = (name, shell.read(name))
                else:
                    self._zip.writestr(name, shell.read(name))
        return [sheets[number] for number in sorted(sheets)]

    def begin_sheet(self) -> bytes:
        """End the sheet before, and begin the next one with its header."""
        self._end_sheet()
        name, content = next(self._waiting)
        begun, end, self._rest = _DIMENSION.sub(b"", content).partition(_ROWS_END)
        self._rest = end + self._rest
        self._sheet = self._zip.open(name, "w")
        self._sheet.write(begun)
        self._next_row = 2
        return self._out.take()

    def add(self, rows: Iterable[Sequence[Value]]) -> bytes:
        """Write rows to the sheet that was begun."""
        if self._sheet is None:
            raise RuntimeError("no sheet was begun")
        spelled = []
        for row in rows:
            spelled.append(self._spell_row(row))
            self._next_row += 1
        self._sheet.write("".join(spelled).encode())
        return self._out.take()

    def finish(self) -> bytes:
        self._end_sheet()
        self._zip.close()
        return self._out.take()

    def _end_sheet(self) -> None:
        if self._sheet is not None:
            self._sheet.write(self._rest)
            self._sheet.close()
            self._sheet = None

    def _spell_row(self, row: Sequence[Value]) -> str:
        number = self._next_row
        cells = [self._spell_cell(f"{_letter(place)}{number}", cell) for place, cell in enumerate(row)]
        return f'<row r="{number}">{"".join(cells)}</row>'

    def _spell_cell(self, at: str, cell: Value) -> str:
        if isinstance(cell, str):
            return self._spell_text(at, cell) if cell else ""
        if isinstance(cell, Money):
            return self._spell_number(at, Decimal(cell.text), len(cell.text.partition(".")[2]))
        if isinstance(cell, Decimal):
            return self._spell_number(at, cell, None)
        if isinstance(cell, date):
            return _spell_date(at, cell, self._styles)
        if isinstance(cell, bool):
            return f'<c r="{at}" t="b"><v>{cell:d}</v></c>'
        return "" if cell is None else f'<c r="{at}"><v>{cell}</v></c>'

    def _spell_number(self, at: str, value: Decimal, decimals: int | None) -> str:
        if not is_exact_as_number(value):
            return self._spell_text(at, as_text(value))
        style = self._styles.of_decimals.get(decimals, 0)
        return f'<c r="{at}" s="{style}"><v>{as_text(value)}</v></c>'

    def _spell_text(self, at: str, text: str) -> str:
        style = f' s="{self._styles.quoted}"' if looks_like_a_formula(text) else ""
        shown = escape(ILLEGAL_CHARACTERS_RE.sub("", text)[:MOST_TEXT])
        return f'<c r="{at}"{style} t="inlineStr"><is><t xml:space="preserve">{shown}</t></is></c>'


def _spell_date(at: str, day: date, styles: "_Styles") -> str:
    serial: float = day.toordinal() - _EPOCH
    if not isinstance(day, datetime):
        return f'<c r="{at}" s="{styles.day}"><v>{serial}</v></c>'
    serial += (day.hour * 3600 + day.minute * 60 + day.second) / 86_400
    return f'<c r="{at}" s="{styles.instant}"><v>{serial:.10f}</v></c>'


@cache
def _letter(place: int) -> str:
    return get_column_letter(place + 1)


class _Styles:
    """A workbook without rows, and the numbers of the styles that it knows."""

    def __init__(self, heads: Sequence[Head]) -> None:
        self._book = Workbook()
        self._book.remove(self._book.worksheets[0])
        pages = [self._make_page(head) for head in heads]
        self._page = pages[0]
        self.of_decimals: dict[int | None, int] = {
            each: self._number(f"#,##0.{'0' * each}" if each else "#,##0") for each in range(MOST_DECIMALS + 1)
        }
        self.day, self.instant = self._number("yyyy-mm-dd"), self._number("yyyy-mm-dd hh:mm")
        quoted = Cell(self._page, row=1, column=1)
        quoted.quotePrefix = True  # as if typed with an apostrophe: it stays text when somebody edits or saves it
        quoted.number_format = "@"
        self.quoted = quoted.style_id

    def _make_page(self, head: Head) -> Worksheet:
        page: Worksheet = self._book.create_sheet(head.name)
        page.freeze_panes = "A2"
        for place, title in enumerate(head.columns, 1):
            cell = page.cell(1, place)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", title)
            cell.data_type = "s"  # a text that begins with = would be written as a formula
            cell.font = Font(bold=True)
            if title in head.marked:
                cell.fill = MARKED
        for place, width in enumerate(head.widths, 1):
            page.column_dimensions[get_column_letter(place)].width = width
        return page

    def _number(self, number_format: str) -> int:
        cell = Cell(self._page, row=1, column=1)
        cell.number_format = number_format
        return cell.style_id

    def shell(self) -> bytes:
        out = io.BytesIO()
        self._book.save(out)
        return out.getvalue()


class _Outflow(io.RawIOBase):
    """Where a zip file is written that nobody can seek in: bytes wait until they are taken."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        given = bytes(data)  # type: ignore[call-overload]
        self._waiting += given
        return len(given)

    def take(self) -> bytes:
        ready = bytes(self._waiting)
        self._waiting.clear()
        return ready
