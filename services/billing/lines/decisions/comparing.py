"""What an edit changes about a line, field by field. Pure."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import JsonValue

from services.billing.rules.book import RateBook
from services.billing.rules.editable import AFTER_INVOICING, EDITABLE
from services.billing.rules.frozen import is_invoiced
from services.billing.rules.line import Line
from services.contracts.shapes import FieldChange


def compare(before: Line, after: Line) -> list[FieldChange]:
    """What differs between a line in force before and after."""
    pairs = ((name, getattr(before, field.sets), getattr(after, field.sets)) for name, field in EDITABLE.items())
    return [FieldChange(field=name, before=as_json(old), after=as_json(new)) for name, old, new in pairs if old != new]


def find_refused(line: Line, changes: list[FieldChange], book: RateBook) -> list[str]:
    """Labels of what can no longer be changed: where and when an invoiced line bills is past.

    Whether it is excluded can still be decided.
    """
    refused = [EDITABLE[each.field].label for each in changes if each.field not in AFTER_INVOICING]
    return refused if refused and is_invoiced(line, book) else []


def as_json(value: Any) -> JsonValue:
    """A value of a line as it stands in JSON."""
    match value:
        case date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case _:
            plain: JsonValue = value
            return plain
