"""Reads the rows of an edited file, one after the other: CSV of any common separator, and workbooks.

A file comes from anywhere. A workbook is unpacked only as far as limits allow, its XML may declare nothing
(openpyxl reads with defusedxml), and its word for how large its sheets are is not taken.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from math import isfinite
from numbers import Real

from services.billing.line_files.columns import COLUMNS, LINE, VERSION, LineColumn
from services.billing.line_files.refusals import RefusalReason, RefusedCell
from services.kit.sheets.formats import FileFormat

MOST_COLUMNS = 200
MOST_ROWS = 1_048_576  # of a worksheet; a file may claim that a row has a number beyond
MOST_PART = 64_000_000  # bytes, unpacked: openpyxl holds every part but the sheets in memory
MOST_UNPACKED = 1_000_000_000  # bytes; 200,000 lines have about 400 million
_SHEETS = "xl/worksheets/"
_OLD_OR_SEALED = b"\xd0\xcf\x11\xe0"  # how .xls files and workbooks with a password begin

_BY_TITLE = {each.title.casefold(): each for each in COLUMNS} | {each.name: each for each in COLUMNS}


class FileUnreadable(ValueError):
    """The file as a whole cannot be read; the message says why and what to do."""


class Formula(str):
    """A cell that computes its value."""

    __slots__ = ()


Raw = str | int | bool | Decimal | date | datetime | Formula | None
"""A number with a fraction is the decimal that the spreadsheet shows: the shortest spelling of its double."""


@dataclass(frozen=True, slots=True)
class Header:
    """Which column stands at which place."""

    sheet: str
    columns: Mapping[int, LineColumn]
    width: int
    is_csv: bool

    @property
    def place_of_line(self) -> int:
        return next(place for place, column in self.columns.items() if column.name == LINE)

    @property
    def place_of_version(self) -> int:
        return next(place for place, column in self.columns.items() if column.name == VERSION)


@dataclass(frozen=True, slots=True)
class RawRow:
    """A row below a header. `number` is the spreadsheet's."""

    header: Header
    number: int
    cells: Sequence[Raw]


def find_format(content: bytes) -> FileFormat:
    """What the file is, by how it begins; FileUnreadable where it is neither."""
    if content.startswith(_OLD_OR_SEALED):
        raise FileUnreadable("This is an .xls file, or has a password. Save it as .xlsx without a password.")
    if content.startswith(b"PK"):
        _require_bounded(content)
        return FileFormat.XLSX
    _decode(content[:1_000])
    return FileFormat.CSV


def read_rows(content: bytes, file_format: FileFormat) -> Iterator[RawRow | RefusedCell]:
    """Rows of every sheet that has lines, and what is refused about its header; FileUnreadable."""
    sheets = _read_csv(content) if file_format is FileFormat.CSV else _read_workbook(content)
    is_any = False
    for name, rows in sheets:
        numbered = ((number, cells) for number, cells in rows if any(cell not in (None, "") for cell in cells))
        for number, titles in numbered:
            header = _read_header(name, titles, is_csv=file_format is FileFormat.CSV)
            if header is None:
                words = "This sheet has no columns 'Line' and 'Version' in its first row: nothing of it was read."
                yield RefusedCell(name, number, "", str(number), "", None, RefusalReason.UNKNOWN_COLUMN, words)
                break
            is_any = True
            yield from _refuse_unknown(header, number, titles)
            yield from (RawRow(header, below, cells) for below, cells in numbered)
    if not is_any:
        raise FileUnreadable("No sheet has the columns 'Line' and 'Version' in its first row. Edit an exported file.")


def name_place(place: int, number: int) -> str:
    """A cell as a spreadsheet names it."""
    letters, rest = "", place + 1
    while rest:
        rest, letter = divmod(rest - 1, 26)
        letters = chr(ord("A") + letter) + letters
    return f"{letters}{number}"


def _read_header(sheet: str, titles: Sequence[Raw], *, is_csv: bool) -> Header | None:
    columns: dict[int, LineColumn] = {}
    for place, title in enumerate(titles):
        column = _BY_TITLE.get(str(title or "").strip().casefold())
        if column is not None:
            if column in columns.values():
                raise FileUnreadable(f"The column '{column.title}' stands twice in the sheet '{sheet}'. Delete one.")
            columns[place] = column
    if not {LINE, VERSION} <= {each.name for each in columns.values()}:
        return None
    return Header(sheet, columns, len(titles) if is_csv else _width(titles), is_csv)


def _width(cells: Sequence[Raw]) -> int:
    return max((place + 1 for place, cell in enumerate(cells) if cell not in (None, "")), default=0)


def _refuse_unknown(header: Header, number: int, titles: Sequence[Raw]) -> Iterator[RefusedCell]:
    for place, title in enumerate(titles):
        if title not in (None, "") and place not in header.columns:
            words = "No exported file has this column: nothing of it was read."
            at, shown = name_place(place, number), str(title)
            yield RefusedCell(header.sheet, number, shown, at, shown, None, RefusalReason.UNKNOWN_COLUMN, words)


def _decode(content: bytes) -> str:
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as fault:
        if fault.start >= len(content) - 4 and fault.reason in ("unexpected end of data", "truncated data"):
            return content[: fault.start].decode(encoding)  # a piece that was cut within a character
        raise FileUnreadable("The file is not UTF-8. In Excel, save it as 'CSV UTF-8', or as .xlsx.") from fault
    if "\0" in text:
        raise FileUnreadable("The file is neither CSV nor .xlsx.")
    return text


Sheets = Iterator[tuple[str, Iterator[tuple[int, Sequence[Raw]]]]]


def _read_csv(content: bytes) -> Sheets:
    text = _decode(content)
    first = text.partition("\n")[0]
    separator = max(",;\t", key=first.count)
    yield "CSV", _number(csv.reader(io.StringIO(text, newline=""), delimiter=separator))


def _number(rows: Iterator[list[str]]) -> Iterator[tuple[int, Sequence[Raw]]]:
    try:
        yield from enumerate(rows, 1)
    except csv.Error as fault:
        raise FileUnreadable(f"The file is no CSV: {fault}.") from fault


def _read_workbook(content: bytes) -> Sheets:
    from openpyxl import load_workbook  # a fifth of a second that not every start has to take

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
        for page in book.worksheets:
            page.reset_dimensions()  # what the file says about its size may be anything
            rows = islice(page.iter_rows(max_col=MOST_COLUMNS), MOST_ROWS)
            yield page.title, ((number, _strip(row)) for number, row in enumerate(rows, 1))
    except FileUnreadable:
        raise
    except Exception as fault:  # openpyxl lets through whatever its readers stumble over
        raise FileUnreadable("The workbook is damaged or unsafe. Save it anew with Excel, or export again.") from fault


def _strip(row: Sequence[object]) -> Sequence[Raw]:
    cells = [_as_raw(cell) for cell in row]
    return cells[: _width(cells)]


def _as_raw(cell: object) -> Raw:
    value = getattr(cell, "value", None)
    if getattr(cell, "data_type", "") == "f":
        return Formula(value)
    if isinstance(value, str | int | date) or value is None:
        return value
    is_number = isinstance(value, Real) and isfinite(value)
    return Decimal(repr(value)) if is_number else str(value)


def _require_bounded(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as fault:
        raise FileUnreadable("The workbook is damaged. Save it anew with Excel, or export again.") from fault
    names = [each.filename for each in parts]
    if "xl/workbook.xml" not in names or len(set(names)) < len(names):
        raise FileUnreadable("This is no Excel workbook (.xlsx).")
    largest = max((each.file_size for each in parts if not each.filename.startswith(_SHEETS)), default=0)
    if largest > MOST_PART or sum(each.file_size for each in parts) > MOST_UNPACKED:
        raise FileUnreadable("Unpacked, the workbook is too large. Export fewer lines at once, by customer or status.")
