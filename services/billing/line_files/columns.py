"""The columns of a file of lines: their titles, and how each value of a line stands in a cell. Pure.

A field that people may edit has a column because it stands in EDITABLE; nothing here has to know it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

from services.billing.rules.editable import EDITABLE, EditableField
from services.kit.sheets.cells import Money, Value


class Kind(Enum):
    """How a cell is written, and how what people type into it is read."""

    TEXT = "text"
    DATE = "date"
    INSTANT = "instant"
    NUMBER = "number"
    MONEY = "money"
    YES_NO = "yes or no"


@dataclass(frozen=True, slots=True)
class LineColumn:
    """One column. `name` is what the API calls the field."""

    name: str
    title: str
    kind: Kind
    width: int = 16

    @property
    def is_editable(self) -> bool:
        return self.name in EDITABLE


LINE, VERSION = "id", "version"
_KNOWN = (
    LineColumn("organization", "Organization", Kind.TEXT, 30),
    LineColumn("status", "Status", Kind.TEXT, 12),
    LineColumn("hold_reasons", "Held because", Kind.TEXT, 24),
    LineColumn("subscription", "Subscription", Kind.TEXT, 28),
    LineColumn("charge_type", "Charge type", Kind.TEXT, 14),
    LineColumn("total", "Total", Kind.MONEY, 14),
    LineColumn("currency", "Currency", Kind.TEXT, 9),
    LineColumn("charge_start_date", "Charge start", Kind.DATE, 13),
    LineColumn("charge_end_date", "Charge end", Kind.DATE, 13),
    LineColumn("quantity", "Quantity", Kind.NUMBER, 10),
    LineColumn("unit_price", "Unit price", Kind.NUMBER, 12),
    LineColumn("amount", "To be billed", Kind.MONEY, 14),
    LineColumn("company", "PSA company", Kind.TEXT, 26),
    LineColumn("agreement", "PSA agreement", Kind.TEXT, 26),
    LineColumn("product", "PSA product", Kind.TEXT, 22),
    LineColumn("offer", "Offer", Kind.TEXT, 28),
    LineColumn("invoice_number", "Invoice", Kind.TEXT),
    LineColumn("invoice_date", "Invoice date", Kind.DATE, 13),
    LineColumn("period", "Month", Kind.TEXT, 9),
    LineColumn("row_id", "Invoice row", Kind.TEXT),
    LineColumn("description", "Description", Kind.TEXT, 40),
    LineColumn("bill_option", "Bill option", Kind.TEXT, 14),
    LineColumn("taxable", "Taxable", Kind.YES_NO, 9),
    LineColumn("sent_at", "Sent", Kind.INSTANT, 17),
    LineColumn("addition_id", "Addition", Kind.TEXT, 12),
)
_KIND_OF_EDITOR = {
    "date": Kind.DATE,
    "switch": Kind.YES_NO,
    "number": Kind.NUMBER,
}


def _column_of(name: str, field: EditableField) -> LineColumn:
    title = f"{field.label} id" if field.refers_to else field.label
    return LineColumn(name, title, _KIND_OF_EDITOR.get(field.editor.value, Kind.TEXT))


_TITLES = {each.title for each in _KNOWN}
_EDITED = [_column_of(name, field) for name, field in EDITABLE.items() if name not in {each.name for each in _KNOWN}]
COLUMNS: tuple[LineColumn, ...] = (
    *_KNOWN,
    *(
        each if each.title not in _TITLES else LineColumn(each.name, f"{each.title}, edited", each.kind)
        for each in _EDITED
    ),
    LineColumn(LINE, "Line", Kind.TEXT, 38),
    LineColumn(VERSION, "Version", Kind.NUMBER, 9),
)
"""`Line` and `Version` stand last: they bring an edited file back to its lines."""


def show(column: LineColumn, line: Mapping[str, Any]) -> Value:
    """The value of a line's column, typed.

    Args:
        line: what a window of the grid reads, with the names of company, agreement and product.
    """
    decided = (line["decisions"] or {}).get(column.name) if column.is_editable else None
    value = line.get(column.name) if decided is None else decided
    match column.kind:
        case Kind.MONEY:
            return Money(_as_decimal(line["total"] if value is None else value), line["currency"])
        case Kind.NUMBER:
            return None if value is None else _as_decimal(value)
        case Kind.DATE:
            return date.fromisoformat(value) if isinstance(value, str) else value
        case Kind.INSTANT:
            return value.replace(tzinfo=None) if isinstance(value, datetime) else None
        case Kind.YES_NO:
            return bool(value)
        case Kind.TEXT:
            return ", ".join(value) if isinstance(value, list) else "" if value is None else str(value)


def _as_decimal(value: Any) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(str(value))
