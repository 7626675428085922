"""ConnectWise's JSON read field by field; a record of the wrong shape fails alone, its raw text kept.

Days are the calendar day of the text, whatever time and zone follow it: ConnectWise stores a day as
midnight and different clients read it shifted. A day goes out as that day at T00:00:00Z.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

from services.kit.upstream.http import BadUpstreamAnswer, encode_json
from services.sync.unreadable import Unreadable, WrongShape

RecordT = TypeVar("RecordT")
Wire = Mapping[str, Any]
CURRENCY_LETTERS = 3
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")  # some versions send numbers as text: "0.00"
_NO_DAY = "0001-01-01"


def read_each(items: list[Any], read: Callable[[Wire], RecordT]) -> Iterator[RecordT | Unreadable]:
    """Every record in its place, or why it cannot be read."""
    for item in items:
        try:
            yield read(_record(item))
        except (ValueError, ArithmeticError) as fault:
            yield Unreadable(str(fault), raw_text(item))


def read_one(item: object, read: Callable[[Wire], RecordT]) -> RecordT:
    """The record, or `BadUpstreamAnswer` with its text."""
    try:
        return read(_record(item))
    except (ValueError, ArithmeticError) as fault:
        raise BadUpstreamAnswer(f"unreadable record: {fault}", raw=raw_text(item)) from fault


def raw_text(item: object) -> str:
    return encode_json(item).decode()


def write_day(day: date) -> str:
    return f"{day.isoformat()}T00:00:00Z"


def record_id(item: Wire) -> str:
    value = item.get("id")
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return value
    if not isinstance(value, int) or isinstance(value, bool):
        raise WrongShape("the record has no id")
    return str(value)


def reference(item: Wire, key: str) -> Wire:
    value = item.get(key)
    return value if isinstance(value, dict) else {}


def text(item: Wire, key: str) -> str:
    """NULs are dropped: texts of real tenants hold some, and PostgreSQL refuses them."""
    value = item.get(key)
    if value is None:
        return ""
    return value.replace("\x00", "") if isinstance(value, str) else str(value)


def flag(item: Wire, key: str) -> bool:
    value = item.get(key)
    return value.lower() == "true" if isinstance(value, str) else bool(value)


def number(item: Wire, key: str) -> Decimal | None:
    value = item.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        raise WrongShape(f"{key} is not a number")
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise WrongShape(f"{key} is not a number: {value!r}")
    return Decimal(value)


def day(item: Wire, key: str) -> date | None:
    """The day as printed; the day that .NET writes for none is none."""
    value = text(item, key)[:10]
    if not value or value == _NO_DAY:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise WrongShape(f"{key} is not a date: {value!r}") from None


def currency(item: Wire) -> str | None:
    found = reference(item, "currency")
    texts = (text(found, key) for key in ("currencyCode", "currencyIdentifier", "name"))
    return next((each.upper() for each in texts if len(each) == CURRENCY_LETTERS and each.isalpha()), None)


def _record(item: object) -> Wire:
    if not isinstance(item, dict):
        raise WrongShape("an object was expected")
    return item
