"""What an edit changes about a line, field by field. Pure."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import JsonValue

from services.billing.rules.book import RateBook
from services.billing.rules.editable import EDITABLE
from services.billing.rules.frozen import is_invoiced
from services.billing.rules.line import Line
from services.contracts.money import as_text
from services.contracts.shapes import FieldChange


def compare(before: Line, after: Line) -> list[FieldChange]:
    """What differs between a line in force before and after."""
    pairs = ((name, getattr(before, field.sets), getattr(after, field.sets)) for name, field in EDITABLE.items())
    return [
        FieldChange(field=name, before=_before(old, new), after=spell(new)) for name, old, new in pairs if old != new
    ]


def _before(old: Any, new: Any) -> JsonValue:
    """A switch that nobody has set is off; switched off by a person it stands above the rules, and that is a change."""
    return False if old is None and new is True else spell(old)


def find_refused(line: Line, changes: list[FieldChange], book: RateBook) -> list[str]:
    """Labels of what can no longer be changed: where and when an invoiced line bills is past.

    Whether it is excluded can still be decided, and its quantity and unit price: the difference is a true-up.
    """
    refused = [EDITABLE[each.field].label for each in changes if not EDITABLE[each.field].after_invoicing]
    return refused if refused and is_invoiced(line, book) else []


def spell(value: Any) -> JsonValue:
    """A value of a line as JSON: days in ISO form, decimals as text."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return as_text(value)
        case _:
            plain: JsonValue = value
            return plain
