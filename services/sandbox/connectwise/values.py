"""Reading what a client sent for a field: the value as it will be kept, or the error ConnectWise would give."""

import re
from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from services.sandbox.connectwise.behaviour import Behaviour
from services.sandbox.connectwise.errors import Fault, unconvertible
from services.sandbox.connectwise.records import Records
from services.sandbox.connectwise.schema import Field, FieldKind, Schema
from services.sandbox.seed.months import midnight
from services.sandbox.seed.references import Record, reference

_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})T\d{2}:\d{2}:\d{2}(?:\.\d{1,7})?Z")
_TOO_LARGE = Decimal(10) ** 15
"""Beyond it amounts would no longer be exact to the cent in Decimal's 28 digits."""
_LOOKS_LIKE_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class FieldReader:
    """Reads the fields of one record and collects what is wrong with them.

    Without a behaviour numbers are kept as they are given.
    """

    def __init__(self, schema: Schema, records: Records, behaviour: Behaviour | None) -> None:
        self._schema, self._records, self._behaviour = schema, records, behaviour
        self.faults: list[Fault] = []

    def read(self, name: str, value: Any) -> Any:
        """The value to keep for a known field; None when it was null or at fault.

        Raises PsaError 500 on wrong types.
        """
        field = self._schema.fields[name]
        if value is None:
            return None
        reader = _READERS.get(field.kind)
        return reader(self, name, field, value) if reader else value

    def fault(self, code: str, message: str, field: str) -> None:
        self.faults.append(Fault(code, message, self._schema.resource, field))

    def require(self, record: Record) -> None:
        for name in self._schema.required:
            if record.get(name) in (None, "") and not any(f.field.split("/")[0] == name for f in self.faults):
                self.fault("MissingRequiredField", f"The {name} field is required.", name)

    def text(self, name: str, field: Field, value: Any) -> str:
        if isinstance(value, dict | list):
            raise _wrong_type(name, value, "System.String")
        text = str(value).replace("\r\n", " ").replace("\r", " ").replace("\n", " ").replace("\t", "    ")
        if field.limit and len(text) > field.limit:
            message = f"The field {name} must be a string with a maximum length of {field.limit}."
            self.fault("MaxLengthField", message, name)
        return text

    def number(self, name: str, field: Field, value: Any) -> Decimal | int:
        whole = field.kind is FieldKind.INTEGER
        number = _as_decimal(value)
        if number is None:
            raise _wrong_type(name, value, f"System.Nullable`1[System.{'Int32' if whole else 'Double'}]")
        if whole:
            return int(number)
        if self._behaviour is None:
            return number
        is_price = name in self._schema.prices
        return _rounded(number, self._behaviour.price_decimals if is_price else self._behaviour.quantity_decimals)

    def flag(self, name: str, _: Field, value: Any) -> bool:
        if isinstance(value, bool):
            return value
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        raise _wrong_type(name, value, "System.Nullable`1[System.Boolean]")

    def moment(self, name: str, _: Field, value: Any) -> str | None:
        """Only `yyyy-MM-ddTHH:mm:ssZ`, with or without a fraction; the time of day is dropped."""
        text = str(value)
        match = _INSTANT.fullmatch(text)
        if match is None and not _LOOKS_LIKE_DATE.match(text):
            raise unconvertible("String was not recognized as a valid DateTime.")
        if match is None:
            self.fault("UnsupportedFormat", f"Unsupported format applied to {name}", name)
            return None
        try:
            return midnight(date.fromisoformat(match[1]))
        except ValueError:
            raise unconvertible("String was not recognized as a valid DateTime.") from None

    def choice(self, name: str, field: Field, value: Any) -> str:
        if value not in field.options:
            raise _wrong_type(name, value, f"{name[0].upper()}{name[1:]}")
        return str(value)

    def reference(self, name: str, field: Field, value: Any) -> Record | None:
        """Resolved by id, else by identifier, else by name; a reference without any of them counts as none."""
        if not isinstance(value, dict):
            raise _wrong_type(name, value, "Reference")
        key = next((key for key in ("id", "identifier", "name") if value.get(key) is not None), None)
        if key is None:
            return None
        if not field.target:
            return value
        found = self._find(field.target, key, value[key])
        if found is None:
            self.fault("NotFound", f"{name[0].upper()}{name[1:]} {value[key]} not found", f"{name}/{key}")
            return None
        return reference(field.target, found)

    def items(self, name: str, _: Field, value: Any) -> list[Any]:
        if not isinstance(value, list):
            raise _wrong_type(name, value, "System.Collections.Generic.List`1")
        return value

    def _find(self, kind: str, key: str, value: Any) -> Record | None:
        if key == "id":
            return self._records.find(kind, value) if isinstance(value, int) else None
        return next((record for record in self._records.all(kind) if record.get(key) == value), None)


_READERS: dict[FieldKind, Callable[[FieldReader, str, Field, Any], Any]] = {
    FieldKind.TEXT: FieldReader.text,
    FieldKind.INTEGER: FieldReader.number,
    FieldKind.NUMBER: FieldReader.number,
    FieldKind.FLAG: FieldReader.flag,
    FieldKind.MOMENT: FieldReader.moment,
    FieldKind.CHOICE: FieldReader.choice,
    FieldKind.REFERENCE: FieldReader.reference,
    FieldKind.LIST: FieldReader.items,
}


def _as_decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool | dict | list):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number) < _TOO_LARGE else None


def _rounded(number: Decimal, scale: int) -> Decimal:
    """As sent when it fits the column, else rounded half away from zero."""
    step = Decimal(1).scaleb(-scale)
    exponent = number.as_tuple().exponent
    return number if isinstance(exponent, int) and exponent >= -scale else number.quantize(step, ROUND_HALF_UP)


def _wrong_type(name: str, value: Any, kind: str) -> Exception:
    return unconvertible(f"Error converting value {{{value}}} to type '{kind}'. Path '{name}', line 1, position 1.")
