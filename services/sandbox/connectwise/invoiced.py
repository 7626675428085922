"""What ConnectWise has invoiced of an agreement, and which period is next.

A period is closed by an invoice, or because it was written off, or because it lies before the next invoice date.
So deleting an invoice opens its period again, and a day can be invoiced although the next date is earlier.
"""

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from services.sandbox.connectwise.billing_periods import NOT_RECURRING, Period, Schedule, schedule_of
from services.sandbox.connectwise.days import maybe_day
from services.sandbox.connectwise.records import Records
from services.sandbox.seed.months import ONE_DAY
from services.sandbox.seed.references import Record

BILLED_THROUGH = "billedThrough"
"""Inner note on an addition: the last day that was billed by invoices which the stand-in does not hold."""
BILLED_IN = "billedIn"
"""Inner note on an agreement: `advance` or `arrears`, whatever its periodType says."""
WRITTEN_OFF = "writtenOff"
"""Inner note on an agreement: periods that nobody means to invoice."""


class Days(NamedTuple):
    """From the first to the last, both inside."""

    first: date
    last: date

    @property
    def length(self) -> int:
        return (self.last - self.first).days + 1


def schedule(records: Records, agreement: Record) -> Schedule:
    cycle = records.find("billing_cycles", (agreement.get("billingCycle") or {}).get("id", 0)) or {}
    return schedule_of(agreement, cycle.get("billingOptions", NOT_RECURRING))


def is_in_arrears(records: Records, agreement: Record) -> bool:
    """Whether a period is billed after its end. What does not recur is billed at its start."""
    if not schedule(records, agreement).recurs:
        return False
    noted = agreement.get(BILLED_IN)
    if noted:
        return bool(noted == "arrears")
    return agreement.get("periodType") in records.behaviour.arrears_period_types


def open_from(records: Records, agreement: Record) -> date:
    """The first day that is not closed by the next invoice date alone."""
    periods = schedule(records, agreement)
    next_date = maybe_day(agreement, "nextInvoiceDate") or periods.anchor
    if not is_in_arrears(records, agreement) or next_date <= periods.anchor:
        return max(next_date, periods.anchor)
    return periods.containing(next_date - ONE_DAY).start


def presumably_billed_through(records: Records, agreement: Record, effective: date) -> date | None:
    """Through which day earlier invoices have billed an addition of which only the effective date is known.

    The last closed period was invoiced at its start, or after its end in arrears: what began later than that was not
    on the invoice.
    """
    opens = open_from(records, agreement)
    eve = opens - ONE_DAY
    periods = schedule(records, agreement)
    if opens <= periods.anchor:
        return None
    last_on_it = eve if is_in_arrears(records, agreement) else periods.containing(eve).start
    return eve if effective <= last_on_it else None


def next_period(records: Records, agreement: Record) -> Period | None:
    """The first period that is open, cut to the days that are; None when there is none left."""
    periods, begins = schedule(records, agreement), open_from(records, agreement)
    closed = closed_days(records, agreement)
    period: Period | None = periods.containing(begins)
    while period is not None and is_closed(period, closed):
        period = periods.after(period)
    if period is None or period.start > periods.last_day:
        return None
    return period._replace(start=max(period.start, begins))


def due_date(records: Records, agreement: Record, period: Period) -> date:
    """The day from which the period can be invoiced."""
    return period.end + ONE_DAY if is_in_arrears(records, agreement) else period.start


def closed_days(records: Records, agreement: Record) -> list[Days]:
    """Periods that have an invoice or were written off."""
    invoices = [invoice["period"] for invoice in records.all("invoices", agreement["id"]) if invoice.get("period")]
    return [_days(each) for each in (*invoices, *written_off(agreement))]


def written_off(agreement: Record) -> list[Record]:
    periods: list[Record] = agreement.get(WRITTEN_OFF) or []
    return periods


def is_invoiced_day(records: Records, agreement: Record, day: date) -> bool:
    """Whether the day lies in a period that is closed."""
    if day < open_from(records, agreement):
        return True
    return any(closed.first <= day <= closed.last for closed in closed_days(records, agreement))


def covered_days(records: Records, agreement: Record) -> dict[int, list[Days]]:
    """Addition → the days for which it has been billed, out of order. Days written off count for every addition."""
    covered: dict[int, list[Days]] = {}
    for invoice in records.all("invoices", agreement["id"]):
        for key, days in invoice.get("covered", {}).items():
            covered.setdefault(int(key), []).extend(Days(*map(date.fromisoformat, each)) for each in days)
    off = [_days(each) for each in written_off(agreement)]
    for addition in records.all("additions", agreement["id"]):
        through = maybe_day(addition, BILLED_THROUGH)
        before = [Days(date.min, through)] if through else []
        covered.setdefault(addition["id"], []).extend((*before, *off))
    return covered


def is_invoiced(records: Records, addition: Record) -> bool:
    if addition.get(BILLED_THROUGH):
        return True
    key = str(addition["id"])
    return any(key in invoice.get("covered", {}) for invoice in records.all("invoices", addition["agreementId"]))


def days_left(wanted: Days, covered: list[Days]) -> Iterator[Days]:
    """The parts of `wanted` that are not covered."""
    first = wanted.first
    for taken in sorted(covered):
        if taken.last < first or taken.first > wanted.last:
            continue
        if taken.first > first:
            yield Days(first, taken.first - ONE_DAY)
        if taken.last >= wanted.last:
            return
        first = taken.last + ONE_DAY
    if first <= wanted.last:
        yield Days(first, wanted.last)


def is_closed(period: Period, closed: list[Days]) -> bool:
    """Whether the period has an invoice or was written off."""
    return any(days.first <= period.end <= days.last for days in closed)


def _days(period: Record) -> Days:
    return Days(date.fromisoformat(period["start"]), date.fromisoformat(period["end"]))
