"""Cursor paging: a page names the key of its last item, so rows that are added meanwhile shift nothing.

A list states its order once, as a `Keyset`, beside its query:

    NEWEST_FIRST = Keyset(RunRow.created_at, RunRow.id, newest_first=True)
    BY_NUMBER = Keyset(LoadInvoice.number, LoadInvoice.invoice_id)
    BY_POSITION = Keyset(OperationRow.position)

    # repository
    rows = (await session.scalars(NEWEST_FIRST.window(select(RunRow), limit, cursor))).all()
    # service
    return NEWEST_FIRST.page(rows, limit, describe)
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel
from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from services.kit.base.errors import BadRequest

ItemT = TypeVar("ItemT")
RowT = TypeVar("RowT")
SelectT = TypeVar("SelectT", bound=Select[*tuple[Any, ...]])
DEFAULT_LIMIT = 200  # one grid window
MAX_LIMIT = 1000

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most items in one page")]
Cursor = Annotated[str | None, Query(max_length=2200, description="`next_cursor` of the page before")]


class BadCursor(BadRequest):
    """The cursor was not given out by this list."""

    action = "Send the 'next_cursor' of the previous page unchanged, or none for the first page."


class Page(BaseModel, Generic[ItemT]):
    """One window of a list; `next_cursor` is null on the last one."""

    items: list[ItemT]
    next_cursor: str | None


CursorValue = str | int
_LONGEST_VALUE = 400  # characters; the longest name that any list sorts by has fewer
_SURROGATE = re.compile("[\ud800-\udfff]")
_GREATEST = 1 << 63  # a bigint of PostgreSQL


def encode_cursor(key: Sequence[CursorValue]) -> str:
    text = json.dumps(key, separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, size: int) -> list[CursorValue]:
    """The sort values a cursor stands for; BadCursor unless there are exactly `size`, each text or a whole number."""
    try:
        key = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor("The cursor cannot be read.") from error
    if not isinstance(key, list) or len(key) != size:
        raise BadCursor("The cursor belongs to another list or another sort order.")
    if not all(_is_sort_value(value) for value in key):
        raise BadCursor("The cursor holds something that no list is sorted by.")
    return key


def _is_sort_value(value: object) -> bool:
    """Text or number that a column can hold: what else JSON can say would end as an error of the database."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_VALUE and "\0" not in value and not _SURROGATE.search(value)
    return isinstance(value, int) and not isinstance(value, bool) and -_GREATEST <= value < _GREATEST


class Keyset:
    """The order of a list, and the way from its rows to a cursor and back.

    Args:
        columns: not null, together unique, all sorted in the same direction. Their Python types decide what a
            cursor must hold: text, whole numbers, UUIDs, instants, days, decimals.
        newest_first: descending instead of ascending.
    """

    def __init__(self, *columns: InstrumentedAttribute[Any], newest_first: bool = False) -> None:
        self._columns = columns
        self._is_descending = newest_first

    def window(self, query: SelectT, limit: int, cursor: str | None) -> SelectT:
        """The query for the page after `cursor`, in order, with one row more than `limit`; BadCursor."""
        if cursor is not None:
            columns, key = tuple_(*self._columns), tuple_(*self._read(cursor))
            query = query.where(columns < key if self._is_descending else columns > key)
        order = [column.desc() if self._is_descending else column.asc() for column in self._columns]
        return query.order_by(*order).limit(limit + 1)

    def page(
        self,
        rows: Sequence[RowT],
        limit: int,
        show: Callable[[RowT], ItemT],
        keyed: Callable[[RowT], object] | None = None,
    ) -> Page[ItemT]:
        """The page of what `window` found.

        Args:
            show: makes the item of a row.
            keyed: the object that has the key columns as attributes, where the row itself has not.
        """
        last = rows[limit - 1] if len(rows) > limit else None
        next_cursor = None if last is None else self._write(keyed(last) if keyed else last)
        return Page(items=[show(row) for row in rows[:limit]], next_cursor=next_cursor)

    def _write(self, row: object) -> str:
        return encode_cursor([_as_cursor_value(getattr(row, column.key)) for column in self._columns])

    def _read(self, cursor: str) -> list[Any]:
        values = decode_cursor(cursor, len(self._columns))
        kinds = [column.type.python_type for column in self._columns]
        try:
            return [_READ[kind](value) for kind, value in zip(kinds, values, strict=True)]
        except (ValueError, InvalidOperation) as error:
            raise BadCursor("The cursor belongs to another list.") from error


def _as_cursor_value(value: object) -> CursorValue:
    if isinstance(value, date):  # a datetime is one too
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _read_text(value: CursorValue) -> str:
    if not isinstance(value, str):
        raise ValueError("text was expected")  # noqa: TRY004 - one kind of error for all that a cursor can be
    return value


def _read_whole_number(value: CursorValue) -> int:
    if not isinstance(value, int):
        raise ValueError("a whole number was expected")  # noqa: TRY004 - one kind of error for all that a cursor can be
    return value


def _read_instant(value: CursorValue) -> datetime:
    instant = datetime.fromisoformat(_read_text(value))
    if instant.tzinfo is None:
        raise ValueError("an instant needs its time zone")
    return instant


_READ: dict[type, Callable[[CursorValue], Any]] = {
    str: _read_text,
    int: _read_whole_number,
    UUID: lambda value: UUID(_read_text(value)),
    datetime: _read_instant,
    date: lambda value: date.fromisoformat(_read_text(value)),
    Decimal: lambda value: Decimal(_read_text(value)),
}
