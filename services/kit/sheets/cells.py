"""What a cell holds, and how it is written so that nothing in it runs on a reader's machine. Pure.

Customers and products name themselves: a text that a spreadsheet would take for a formula is written as text, and
stays text when it is copied or saved again.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.contracts.money import as_text, show_money

FORMULA = re.compile(r"^[=+\-@\t\r]")
NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")
MOST_DIGITS = 15  # a spreadsheet's numbers keep no more; one beyond stays exact as text
_FAR = 300  # powers of ten that a spreadsheet's numbers reach, with some to spare


@dataclass(frozen=True, slots=True)
class Money:
    """An amount that is shown with at least the decimals of its currency."""

    amount: Decimal
    currency: str

    @property
    def text(self) -> str:
        return as_text(show_money(self.amount, self.currency))


Value = str | int | bool | Decimal | date | Money | None
"""A bool is shown as yes or no; None is an empty cell."""


@dataclass(frozen=True, slots=True)
class Head:
    """A sheet's name, the titles of its columns, and how wide each is. `marked` are those that people may change."""

    name: str
    columns: Sequence[str]
    widths: Sequence[int] = ()
    marked: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that is short enough to stand in memory."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]

    @property
    def head(self) -> Head:
        return Head(self.name, self.columns)


def is_exact_as_number(value: Decimal) -> bool:
    """Whether a spreadsheet's number, a double shown with 15 digits, says exactly this."""
    significant = value.normalize()
    return len(significant.as_tuple().digits) <= MOST_DIGITS and abs(significant.adjusted()) < _FAR


def looks_like_a_formula(text: str) -> bool:
    return FORMULA.match(text) is not None


def guard(text: str) -> str:
    """Text as CSV may hold it: an apostrophe tells a spreadsheet that what follows is text. Figures stay figures."""
    return f"'{text}" if looks_like_a_formula(text) and not NUMBER.match(text) else text


def unguard(text: str) -> str:
    """Text as it was before `guard`."""
    return text[1:] if text[:1] == "'" and looks_like_a_formula(text[1:]) else text
