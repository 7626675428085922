"""Sheets of cells as CSV, with amounts to the last decimal. Pure.

A text that a spreadsheet would take for a formula is written as text: customers and products name themselves, and
nobody's name may run on a reader's machine.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.contracts.money import as_text, show_money

FORMULA = re.compile(r"^[=+\-@\t\r]")
NUMBER = re.compile(r"^[+-]?\d+(\.\d+)?$")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount that is shown with at least the decimals of its currency."""

    amount: Decimal
    currency: str

    @property
    def text(self) -> str:
        return as_text(show_money(self.amount, self.currency))


Value = str | int | Money


@dataclass(frozen=True, slots=True)
class Sheet:
    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Value]]


def write_csv(sheets: Sequence[Sheet]) -> bytes:
    """One section a sheet, under its name. The byte order mark lets Excel read names in any script."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for sheet in sheets:
        writer.writerow([sheet.name])
        writer.writerow(sheet.columns)
        writer.writerows([_as_csv(cell) for cell in row] for row in sheet.rows)
        writer.writerow([])
    return out.getvalue().encode("utf-8-sig")


def _as_csv(cell: Value) -> str:
    if isinstance(cell, Money):
        return cell.text
    text = str(cell)
    return f"'{text}" if FORMULA.match(text) and not NUMBER.match(text) else text
