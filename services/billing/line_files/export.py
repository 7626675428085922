"""Lines as a file, written while they are read: memory holds a batch of lines, whatever their number."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from services.billing.line_files import repository
from services.billing.line_files.columns import COLUMNS, show
from services.billing.line_files.schemas import FileWish
from services.billing.lines import service
from services.billing.lines.filters import LineFilter
from services.billing.lines.grid.order import Order
from services.billing.lines.grid.repository import LineValues
from services.kit.base.db import ReadSession
from services.kit.sheets.cells import Head, Value
from services.kit.sheets.csv_files import BYTE_ORDER_MARK, spell_rows
from services.kit.sheets.formats import FileFormat

TITLES = [each.title for each in COLUMNS]
Rows = list[list[Value]]


async def write_lines(session: ReadSession, wanted: LineFilter, order: Order, wish: FileWish) -> AsyncIterator[bytes]:
    """The parts of the file, in order."""
    parts = _write_csv if wish.format is FileFormat.CSV else _write_workbook
    async for part in parts(session, wanted, order, wish):
        if part:
            yield part


async def _write_csv(session: ReadSession, wanted: LineFilter, order: Order, wish: FileWish) -> AsyncIterator[bytes]:
    mark = BYTE_ORDER_MARK if wish.has_byte_order_mark else ""
    yield (mark + spell_rows([TITLES])).encode()
    async for rows in _read(session, wanted, order):
        yield (await asyncio.to_thread(spell_rows, rows)).encode()


async def _write_workbook(
    session: ReadSession, wanted: LineFilter, order: Order, wish: FileWish
) -> AsyncIterator[bytes]:
    # A fifth of a second that not every start has to take.
    from services.kit.sheets.workbooks import MOST_ROWS, WorkbookStream

    parts = await _plan_sheets(session, wanted, wish)
    names = [name for name, _, count in parts for name in _name_sheets(name, count, MOST_ROWS)]
    stream = WorkbookStream([_head(name) for name in names])
    for _, lines, _ in parts:
        yield stream.begin_sheet()
        written = 0
        async for rows in _read(session, lines, order):
            for some in _cut(rows, MOST_ROWS - written % MOST_ROWS):
                if written and written % MOST_ROWS == 0:
                    yield stream.begin_sheet()
                written += len(some)
                yield await asyncio.to_thread(stream.add, some)
    yield stream.finish()


async def _plan_sheets(session: ReadSession, wanted: LineFilter, wish: FileWish) -> list[tuple[str, LineFilter, int]]:
    """Name, lines and their number of each sheet, before those are cut that are longer than a worksheet."""
    counts = await repository.count_by_currency(session, wanted)
    if not wish.has_sheet_for_each_currency or not counts:
        return [("Lines", wanted, sum(counts.values()))]
    return [
        (currency, wanted.model_copy(update={"currency": (currency,)}), counts[currency]) for currency in sorted(counts)
    ]


def _name_sheets(name: str, count: int, most: int) -> list[str]:
    return [name, *(f"{name} {number}" for number in range(2, -(-count // most) + 1))]


def _head(name: str) -> Head:
    marked = frozenset(each.title for each in COLUMNS if each.is_editable)
    return Head(name, TITLES, [each.width for each in COLUMNS], marked)


def _cut(rows: Rows, first: int) -> Iterator[Rows]:
    yield rows[:first]
    if len(rows) > first:
        yield rows[first:]


async def _read(session: ReadSession, wanted: LineFilter, order: Order) -> AsyncIterator[Rows]:
    async for batch in repository.stream_lines(session, wanted, order):
        yield [[show(column, line) for column in COLUMNS] for line in await name_lines(session, batch)]


async def name_lines(session: ReadSession, batch: Sequence[LineValues]) -> list[Mapping[str, Any]]:
    """Lines with the names of their company, agreement and product."""
    names = await service.find_names(session, batch)
    return [line | service.show_names(line, names) for line in batch]
