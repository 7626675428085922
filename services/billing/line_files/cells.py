"""What people typed into a cell: whether it is what was exported, and what it says if it is not. Pure.

A cell counts as unchanged if it can be read as what was exported, in any common spelling: programs respell days and
numbers when they save. A change has to be spelled in the one way that everybody reads alike.
"""

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal

from pydantic import JsonValue

from services.billing.line_files.columns import Kind
from services.billing.line_files.reading import Raw
from services.contracts.money import as_text
from services.kit.sheets.cells import Money, Value, unguard

_DAY = re.compile(r"(\d{1,4})[./-](\d{1,2})[./-](\d{1,4})(?:[T ].*)?")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]|_x000D_")
_CENTURY = 100
_YES, _NO = frozenset({"yes", "true", "1"}), frozenset({"no", "false", "0"})
LONGEST_TEXT = 32_767  # what a spreadsheet keeps of a text


class UnreadableValue(ValueError):
    """It can be read in more than one way, or in none; the message says how to write it."""


def is_unchanged(cell: Raw, shown: Value, kind: Kind) -> bool:
    """Whether a cell can be read as what was exported."""
    if shown is None or shown == "":
        return cell is None or cell == ""
    match kind:
        case Kind.TEXT:
            return _as_text(cell) == _clean(str(shown))
        case Kind.DATE:
            return shown in _days_of(cell)
        case Kind.INSTANT:
            return isinstance(shown, datetime) and shown.date() in _days_of(cell)
        case Kind.YES_NO:
            return _is_yes(cell) is shown or (cell is None and shown is False)
        case Kind.NUMBER | Kind.MONEY:
            amount = Decimal(shown.text) if isinstance(shown, Money) else shown
            return amount in _numbers_of(cell)


def read_value(cell: Raw, kind: Kind) -> JsonValue:
    """What a changed cell says, as JSON; None for an empty one. UnreadableValue."""
    if cell is None or cell == "":
        return None
    match kind:
        case Kind.DATE | Kind.INSTANT:
            return _read_day(cell).isoformat()
        case Kind.NUMBER | Kind.MONEY:
            return as_text(_read_number(cell))
        case Kind.YES_NO:
            said = _is_yes(cell)
            if said is None:
                raise UnreadableValue("Write yes or no.")
            return said
        case Kind.TEXT:
            return _as_text(cell)


def _clean(text: str) -> str:
    return _UNSEEN.sub("", unguard(text).replace("\r\n", "\n").replace("\r", "\n"))[:LONGEST_TEXT]


def _as_text(cell: Raw) -> str:
    if isinstance(cell, Decimal) and cell == cell.to_integral_value():
        return str(int(cell))
    return "" if cell is None else _clean(str(cell))


def _is_yes(cell: Raw) -> bool | None:
    word = str(cell).strip().casefold()
    return True if word in _YES else False if word in _NO else None


def _days_of(cell: Raw) -> set[date]:
    """Every day that a cell may mean: 3/4/2026 may be two."""
    if isinstance(cell, datetime):
        return {cell.date()}
    if isinstance(cell, date):
        return {cell}
    found = _DAY.fullmatch(str(cell).strip())
    if found is None:
        return set()
    first, second, third = map(int, found.groups())
    spelled = [(first, second, third), (third, second, first), (third, first, second)]
    return {day for year, month, number in spelled for day in _make_day(year, month, number)}


def _make_day(year: int, month: int, number: int) -> Iterator[date]:
    try:
        yield date(year + 2000 if year < _CENTURY else year, month, number)
    except ValueError:
        return


def _read_day(cell: Raw) -> date:
    if isinstance(cell, datetime) and cell.time() == time.min:
        return cell.date()
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return cell
    try:
        return date.fromisoformat(str(cell).strip())
    except ValueError:
        raise UnreadableValue("Write the day as 2026-10-31: other ways are read differently elsewhere.") from None


def _numbers_of(cell: Raw) -> set[Decimal]:
    """Every number that a cell may mean: 1.234 may be two."""
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return {Decimal(cell)}
    bare = re.sub(r"[\s\u00a0\u202f'’]", "", str(cell))
    spelled = {bare, bare.replace(",", ""), bare.replace(".", "").replace(",", ".")}
    return {Decimal(each) for each in spelled if _NUMBER.fullmatch(each)}


def _read_number(cell: Raw) -> Decimal:
    if isinstance(cell, int | Decimal) and not isinstance(cell, bool):
        return Decimal(cell)
    if _NUMBER.fullmatch(str(cell).strip()):
        return Decimal(str(cell).strip())
    raise UnreadableValue("Write the number as 1234.56: digits, and a point before decimals.")
