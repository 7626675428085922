"""Orders of lines, and places in them: what a cursor stands for. Pure.

Amounts of several currencies cannot be compared: an order by money goes by currency first.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from services.billing.lines.fields import FIELDS, FieldKind, LineField
from services.billing.lines.filters import LineSort
from services.kit.web.paging import BadCursor, decode_cursor, encode_cursor


@dataclass(frozen=True, slots=True)
class OrderKey:
    """One thing that lines are sorted by."""

    field: LineField
    is_descending: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a window begins: values of the first keys of an order, and the line itself where all are given.

    `is_backward`: the window ends there instead. `is_included`: the line at the place belongs to the window.
    """

    values: Sequence[Any]
    line_id: UUID | None = None
    is_backward: bool = False
    is_included: bool = False


Order = tuple[OrderKey, ...]


def read_order(sorts: Sequence[LineSort]) -> Order:
    """The keys of an order; a field that is named twice counts once."""
    keys: dict[str, OrderKey] = {}
    for sort in sorts:
        field, is_descending = FIELDS[sort.lstrip("-")], sort.startswith("-")
        if field.kind is FieldKind.MONEY:
            keys.setdefault("currency", OrderKey(FIELDS["currency"], is_descending))
        keys.setdefault(field.name, OrderKey(field, is_descending))
    return tuple(keys.values())


def spell_order(order: Order) -> str:
    return ",".join(f"{'-' if key.is_descending else ''}{key.field.name}" for key in order)


def write_place(order: Order, values: Sequence[Any], line_id: UUID, *, is_backward: bool) -> str:
    """The cursor of the lines after, or before, a line."""
    spelled = [value.isoformat() if isinstance(value, date) else str(value) for value in values]
    return encode_cursor(["before" if is_backward else "after", spell_order(order), *spelled, str(line_id)])


def read_place(order: Order, cursor: str) -> Place:
    """What `write_place` wrote for the same order; BadCursor for anything else."""
    direction, spelled, *values, line_id = map(str, decode_cursor(cursor, len(order) + 3))
    if spelled != spell_order(order) or direction not in ("before", "after"):
        raise BadCursor("The cursor belongs to another sort order.")
    try:
        read = [read_value(key.field.kind, value) for key, value in zip(order, values, strict=True)]
        return Place(read, UUID(line_id), is_backward=direction == "before")
    except (ValueError, InvalidOperation) as error:
        raise BadCursor("The cursor cannot be read.") from error


def read_start(order: Order, text: str, currencies: Sequence[str]) -> Place:
    """The place where the first field of an order has a value; ValueError or InvalidOperation where there is none.

    Args:
        currencies: those that the filter names: an amount is a place in one of them only.
    """
    first = order[0]
    if len(order) > 1 and order[1].field.kind is FieldKind.MONEY and first.field.name == "currency":
        (currency,) = currencies
        return Place([currency.upper(), read_value(order[1].field.kind, text)], is_included=True)
    return Place([read_value(first.field.kind, text)], is_included=True)


def read_value(kind: FieldKind, text: str) -> Any:
    """A sort value as a cursor spells it; ValueError or InvalidOperation where it is none of its kind."""
    return _READ.get(kind, str)(text)


def _read_figure(text: str) -> Decimal:
    value = Decimal(text)
    if not value.is_finite():
        raise ValueError(text)
    return value


def _read_instant(text: str) -> datetime:
    instant = datetime.fromisoformat(text)
    return instant if instant.tzinfo else instant.replace(tzinfo=UTC)


def _read_flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


_READ: dict[FieldKind, Callable[[str], Any]] = {
    FieldKind.NUMBER: _read_figure,
    FieldKind.MONEY: _read_figure,
    FieldKind.DATE: date.fromisoformat,
    FieldKind.INSTANT: _read_instant,
    FieldKind.FLAG: _read_flag,
}
