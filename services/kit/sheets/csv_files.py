"""Sheets as CSV after RFC 4180, in UTF-8, with amounts to the last decimal. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal

from services.contracts.money import as_text
from services.kit.sheets.cells import Money, Sheet, Value, guard

BYTE_ORDER_MARK = "\ufeff"
"""Lets Excel read names in any script."""


def spell_rows(rows: Iterable[Sequence[Value]]) -> str:
    """Rows as text, each with its line end."""
    out = io.StringIO(newline="")
    csv.writer(out).writerows([spell(cell) for cell in row] for row in rows)
    return out.getvalue()


def write_csv(sheets: Sequence[Sheet]) -> bytes:
    """One section a sheet, under its name."""
    parts = [spell_rows([[sheet.name], sheet.columns, *sheet.rows, []]) for sheet in sheets]
    return (BYTE_ORDER_MARK + "".join(parts)).encode()


def spell(cell: Value) -> str:
    """A cell as plain text: figures with a decimal point, days as 2026-10-31, yes or no."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case Money():
            return cell.text
        case Decimal():
            return as_text(cell)
        case date():
            return cell.isoformat()
        case _:
            return guard(str(cell))
