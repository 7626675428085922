"""ConnectWise's `conditions` language as a small typed builder: no string is ever pasted together by hand.

`field("company/id").equals(250) & field("name").equals("Contoso")`

That AND binds tighter than OR is nowhere documented, so every combination is parenthesised.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from services.contracts.money import as_text

Value = str | int | Decimal | bool | date | datetime | None


@dataclass(frozen=True)
class Condition:
    """One condition; `&` and `|` combine."""

    text: str

    def __and__(self, other: "Condition") -> "Condition":
        return Condition(f"({self.text} and {other.text})")

    def __or__(self, other: "Condition") -> "Condition":
        return Condition(f"({self.text} or {other.text})")


@dataclass(frozen=True)
class Field:
    """A path such as `company/id`: references need their sub-field."""

    path: str

    def equals(self, value: Value) -> Condition:
        return Condition(f"{self.path} = {literal(value)}")

    def is_after(self, value: date | datetime) -> Condition:
        return Condition(f"{self.path} > {literal(value)}")

    def is_one_of(self, values: Iterable[int]) -> Condition:
        return Condition(f"{self.path} in ({','.join(literal(each) for each in values)})")


def field(path: str) -> Field:
    return Field(path)


def literal(value: Value) -> str:  # noqa: PLR0911 - one return per kind of literal reads as a table
    """A value as the grammar writes it; instants in UTC, because other offsets are refused."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, datetime):
        return f"[{value.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}]"
    if isinstance(value, date):
        return f"[{value.isoformat()}]"
    if isinstance(value, Decimal):
        return as_text(value)
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
