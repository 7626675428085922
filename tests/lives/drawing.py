"""Random lives: purchases, renewals, changes, moves, refunds, ends, late and changed months, on agreements of any kind.

Each life ends: in its last month every subscription has ended, all its invoices are loaded again, and ConnectWise
invoices for years, so that whatever is still open bills.

Agreements that ConnectWise bills in arrears are left out, because the product cannot know them: a period that has begun
counts as invoiced although it may still change. `TIEOUT_LIVES_ARREARS=1` draws them as well.
"""

import os
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from services.contracts.invoicing.periods import add_months
from tests.lives.life import Life, last_day_of

MONTHS = ("2026-02", "2026-03", "2026-04", "2026-05")
THE_END = "2026-06"
FOR_YEARS = date(2028, 12, 31)
_LENGTHS = {"Monthly": 1, "Quarterly": 3, "SemiAnnual": 6, "Yearly": 12}
_CENT = Decimal("0.01")
_WITH_ARREARS = os.environ.get("TIEOUT_LIVES_ARREARS") == "1"


@dataclass
class Draw:
    """One life while it is drawn."""

    random: Random
    seats: int = 0
    price: Decimal = Decimal(0)
    invoices: dict[str, list[str]] = field(default_factory=dict)
    """Month → rows of its invoice as AppXite has it now."""
    pending: dict[str, list[str]] = field(default_factory=dict)
    """Invoices that AppXite will bring, or change, with the next month."""
    months: list[dict[str, Any]] = field(default_factory=list)
    ended: bool = False

    def happens(self, percent: int) -> bool:
        return self.random.randrange(100) < percent


def draw_life(seed: int) -> Life:
    """The life of a seed, always the same."""
    draw = Draw(Random(seed))  # noqa: S311 - a test draws lives, no secrets
    random = draw.random
    day = random.choice([1, 1, 1, 1, 12, 15, 28, 30, 31])
    draw.seats, draw.price = random.randrange(1, 40), Decimal(random.randrange(50, 3000)) / 100
    length = 12 if draw.happens(7) else 1
    second = _agreement(draw) if draw.happens(20) else None
    months = random.sample(MONTHS, random.randrange(1, len(MONTHS) + 1))
    for month in sorted(months, key=MONTHS.index) if draw.happens(20) else MONTHS[: len(months)]:
        draw.months.append(_month(draw, month, day, length, can_move=second is not None))
    draw.months.append(_last_month(draw))
    return Life.model_validate(
        {
            "title": f"seed {seed}",
            "why": "drawn",
            "agreement": _agreement(draw),
            "second": second,
            "billing_day": min(day, 28),
            "month": draw.months,
        }
    )


def _agreement(draw: Draw) -> dict[str, Any]:
    random = draw.random
    cycle = random.choice(["Monthly"] * 12 + ["Quarterly", "Quarterly", "SemiAnnual", "Yearly"])
    is_contract_year = draw.happens(35)
    start = date(2025, 1, random.choice([1, 10, 15, 28, 29, 30, 31]) if is_contract_year else 1)
    count = 0
    while add_months(start, count) < date(2026, 2, 1):
        count += _LENGTHS[cycle]
    return {
        "cycle": cycle,
        "periods": "ContractYear" if is_contract_year else "CalendarYear",
        "prorates": draw.happens(25),
        "bill_start": start,
        "next_invoice": add_months(start, count if draw.happens(70) else count - _LENGTHS[cycle]),
        # Drawn in any case, so that the rest of a life is the same.
        "billed_in": "arrears" if draw.happens(15) and _WITH_ARREARS else "advance",
    }


def _month(draw: Draw, month: str, day: int, length: int, *, can_move: bool) -> dict[str, Any]:
    """One month: what AppXite charges in it, and what happens beside that."""
    random = draw.random
    rows = _rows(draw, month, day, length)
    earlier, draw.pending = draw.pending, {}
    body: dict[str, Any] = {"month": month, "earlier": earlier}
    if rows and draw.happens(8):
        draw.pending[month] = rows  # AppXite brings this month's invoice with the next one
    elif rows:
        body["rows"] = rows
        draw.invoices[month] = rows
        if draw.happens(5):
            body["exclude"] = ["seats-cyclefee-1"] if "CycleFee" in rows[0] else []
    draw.invoices |= earlier
    if draw.happens(15) and draw.invoices:
        changed = random.choice(sorted(draw.invoices))
        draw.pending.setdefault(changed, _change(draw, draw.invoices[changed]))
    if draw.happens(25):
        body["invoiced_through"] = random.choice(["nothing", last_day_of(month) + timedelta(days=1)])
    if can_move and draw.happens(30):
        body["moved_to"] = random.choice("AB")
    body["decide"] = random.choice(["end", "keep", "later", None])
    return body


def _rows(draw: Draw, month: str, day: int, length: int) -> list[str]:
    random = draw.random
    if draw.ended or draw.happens(6):
        draw.ended = draw.ended or draw.happens(50)
        return [_once(draw, month, "Correction", sign=-1)] if draw.happens(30) else []
    if draw.happens(30):
        draw.seats = random.randrange(1, 40)
    if draw.happens(15):
        draw.price = Decimal(random.randrange(50, 3000)) / 100
    anchor = date(2025, 1, day)
    count = (int(month[:4]) - anchor.year) * 12 + int(month[5:]) - anchor.month
    rows = []
    if length == 1 or not draw.invoices:
        rows.append(_charge(draw, add_months(anchor, count), add_months(anchor, count + length) - timedelta(days=1)))
    if draw.happens(15):
        rows.append(_once(draw, month, random.choice(["Correction", "UsageFee", "OneTimeFee"]), random.choice([-1, 1])))
    if draw.happens(8):
        rows.append(_part(draw, month))
    return rows


def _charge(draw: Draw, start: date, end: date) -> str:
    kind = "CycleFee" if draw.invoices else "PurchaseFee"
    if draw.happens(4):
        return f"{kind} {start} to {end}: {draw.seats} × 0.00 = 0.00"
    return f"{kind} {start} to {end}: {draw.seats} × {draw.price} = {(draw.seats * draw.price).quantize(_CENT)}"


def _once(draw: Draw, month: str, kind: str, sign: int) -> str:
    amount = sign * Decimal(draw.random.randrange(1, 9000)) / 100
    return f"{kind} {month}-{draw.random.randrange(1, 28):02} to {last_day_of(month)}: 1 × {amount} = {amount}"


def _part(draw: Draw, month: str) -> str:
    """A short recurring row beside the charge: seats added in the middle of the month."""
    amount = Decimal(draw.random.randrange(1, 900)) / 100
    return f"CycleFee {month}-{draw.random.randrange(20, 28)} to {last_day_of(month)}: 1 × {amount} = {amount}"


def _change(draw: Draw, rows: list[str]) -> list[str]:
    """An invoice that AppXite changes afterwards: a total, one row more, or one row fewer."""
    if len(rows) > 1 and draw.happens(25):
        return rows[:-1]
    if draw.happens(30):
        return [*rows, _once(draw, rows[0].split()[1][:7], "OneTimeFee", 1)]
    head, _ = rows[0].split(": ")
    amount = Decimal(draw.random.randrange(1, 9000)) / 100
    return [f"{head}: 1 × {amount} = {amount}", *rows[1:]]


def _last_month(draw: Draw) -> dict[str, Any]:
    """Everything ends, every invoice is loaded again, and ConnectWise invoices what is left."""
    known = {**draw.invoices, **draw.pending}
    return {
        "month": THE_END,
        "earlier": known,
        "ended": {"seats": date(2026, 5, 31)},
        "decide": "end",
        "invoiced_through": FOR_YEARS,
    }
