"""Whether a field takes a value that people give it. Pure."""

from typing import Any

from pydantic import JsonValue, TypeAdapter, ValidationError

from services.billing.rules.editable import EDITABLE

ACCEPTED: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(field.accepts) for name, field in EDITABLE.items()}


def accept(field: str, value: JsonValue) -> JsonValue:
    """The value as it is kept.

    Raises:
        ValueError: the field does not take it; the message says why.
    """
    try:
        kept: JsonValue = ACCEPTED[field].dump_python(ACCEPTED[field].validate_python(value), mode="json")
    except ValidationError as fault:
        raise ValueError(f"{field}: {fault.errors()[0]['msg']}") from fault
    return kept
