"""Finding a field in a record whose keys may be spelt with or without case, spaces and hyphens."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from services.sync.marketplaces.appxite.profiles import DAY_LENGTH, NO_DATE
from services.sync.unreadable import WrongShape

Record = Mapping[str, Any]
MAX_SHAPES = 500  # sets of keys remembered; real answers have one or two

_SEPARATORS = re.compile(r"[\s_-]+")


def key_form(text: str) -> str:
    """`charge start date`, `ChargeStartDate` and `charge_start_date` have one form."""
    return _SEPARATORS.sub("", text).lower()


class KeyMap:
    """Resolves our field names to the keys a record really has, once per set of keys."""

    def __init__(self, keys: Mapping[str, tuple[str, ...]]) -> None:
        self._wanted = {name: tuple(key_form(alias) for alias in aliases) for name, aliases in keys.items()}
        self._shapes: dict[tuple[str, ...], dict[str, str]] = {}

    def resolve(self, record: Record) -> dict[str, str]:
        """Field → key as spelt in this record; fields it does not have are absent."""
        shape = tuple(record)
        known = self._shapes.get(shape)
        if known is None:
            if len(self._shapes) >= MAX_SHAPES:
                self._shapes.clear()
            known = self._shapes[shape] = self._match(shape)
        return known

    def _match(self, shape: tuple[str, ...]) -> dict[str, str]:
        spelt = {key_form(key): key for key in reversed(shape)}
        found = {}
        for name, aliases in self._wanted.items():
            key = next((spelt[alias] for alias in aliases if alias in spelt), None)
            if key is not None:
                found[name] = key
        return found


class Fields:
    """A record seen through its key map: typed access to fields, `WrongShape` where a value does not fit."""

    __slots__ = ("_keys", "_record")

    def __init__(self, record: Record, keys: dict[str, str]) -> None:
        self._record = record
        self._keys = keys

    def text(self, name: str) -> str:
        """The field as text without NULs; empty when absent or null."""
        key = self._keys.get(name)
        value = None if key is None else self._record[key]
        if value is None:
            return ""
        if isinstance(value, str):
            return value.replace("\x00", "") if "\x00" in value else value
        if isinstance(value, bool | int | Decimal):
            return str(value)
        raise WrongShape(f"{name} is no text")

    def is_filled(self, name: str) -> bool:
        """Whether the field says anything, be it a text or an object; nulls, blanks and empty objects do not."""
        key = self._keys.get(name)
        return key is not None and _says_anything(self._record[key])

    def id(self, name: str) -> str:
        """An identifier: GUIDs come in either case."""
        return self.text(name).strip().lower()

    def required_id(self, name: str) -> str:
        found = self.id(name)
        if not found:
            raise WrongShape(f"{name} is missing")
        return found

    def number(self, name: str) -> Decimal | None:
        key = self._keys.get(name)
        value = None if key is None else self._record[key]
        if value is None or value == "":
            return None
        if type(value) is Decimal:
            return value
        if isinstance(value, bool) or not isinstance(value, int | str):
            raise WrongShape(f"{name} is no number")
        try:
            number = Decimal(value)
        except InvalidOperation:
            raise WrongShape(f"{name} is no number: {value!r}") from None
        if not number.is_finite():
            raise WrongShape(f"{name} is no number: {value!r}")
        return number

    def required_number(self, name: str) -> Decimal:
        found = self.number(name)
        if found is None:
            raise WrongShape(f"{name} is missing")
        return found

    def day(self, name: str) -> date | None:
        """The calendar day as printed; several forms are in use (see `profiles.DAY_LENGTH`)."""
        text = self.text(name)[:DAY_LENGTH]
        if not text or text == NO_DATE:
            return None
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise WrongShape(f"{name} is no date: {text!r}") from None


def _says_anything(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_says_anything, value.values()))
    if isinstance(value, list):
        return any(map(_says_anything, value))
    return value is not None and (not isinstance(value, str) or bool(value.strip()))
