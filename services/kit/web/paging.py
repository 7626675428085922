"""Cursor paging: a page names the place after its last item, so rows added meanwhile shift nothing."""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Annotated, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel

from services.kit.base.errors import BadRequest

ItemT = TypeVar("ItemT")
DEFAULT_LIMIT = 200  # one grid window
MAX_LIMIT = 1000

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="Most items in one page")]
Cursor = Annotated[str | None, Query(max_length=600, description="`next_cursor` of the page before")]


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


def encode_cursor(place: Sequence[CursorValue]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place, separators=(",", ":")).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, size: int) -> list[CursorValue]:
    """The sort values a cursor stands for; BadCursor unless there are exactly `size`, each text or a whole number."""
    try:
        place = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor("The cursor cannot be read.") from error
    if not isinstance(place, list) or len(place) != size:
        raise BadCursor("The cursor belongs to another list or another sort order.")
    if not all(_is_sort_value(value) for value in place):
        raise BadCursor("The cursor holds something that no list is sorted by.")
    return place


def _is_sort_value(value: object) -> bool:
    """Text or number that a column can hold: what else JSON can say would end as an error of the database."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_VALUE and "\0" not in value and not _SURROGATE.search(value)
    return isinstance(value, int) and not isinstance(value, bool) and -_GREATEST <= value < _GREATEST
