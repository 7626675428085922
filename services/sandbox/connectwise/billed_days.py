"""For which days an addition is billed with a period: its days in it, and days that earlier invoices missed."""

from datetime import date
from typing import NamedTuple

from services.sandbox.connectwise import invoiced
from services.sandbox.connectwise.billing_periods import FAR_AWAY, Period, Schedule
from services.sandbox.connectwise.days import day_of, maybe_day
from services.sandbox.connectwise.invoiced import Days
from services.sandbox.connectwise.proration import Share
from services.sandbox.connectwise.records import Records
from services.sandbox.seed.months import ONE_DAY
from services.sandbox.seed.references import Record

_WHOLE = Share(1, 1)


class Piece(NamedTuple):
    """Days of one period for which an addition is billed."""

    days: list[Days]
    share: Share


class Standing(NamedTuple):
    """What is known of an agreement's invoicing, read once for all its additions."""

    periods: Schedule
    prorates: bool
    catches_up: bool
    open_from: date
    closed: list[Days]
    covered: dict[int, list[Days]]


def standing_of(records: Records, agreement: Record) -> Standing:
    """An agreement that does not recur never prorates: its only period has no length."""
    periods = invoiced.schedule(records, agreement)
    prorates = bool(agreement.get("prorateFlag")) and periods.recurs
    return Standing(
        periods,
        prorates,
        prorates and records.behaviour.missed_days == "billed",
        invoiced.open_from(records, agreement),
        invoiced.closed_days(records, agreement),
        invoiced.covered_days(records, agreement),
    )


def pieces_in(standing: Standing, addition: Record, period: Period) -> list[Piece]:
    """What of the addition is billed with `period`, missed days first. Empty when nothing is."""
    left = _days_left(standing, addition, Days(period.start, period.end))
    if not standing.prorates:
        return [Piece(left, _WHOLE)] if left else []
    now = [_piece(left, period)] if left else []
    return [*missed_pieces(standing, addition, period.start), *now]


def missed_pieces(standing: Standing, addition: Record, before: date) -> list[Piece]:
    """Days of closed periods for which a prorated addition has not been billed, oldest period first."""
    open_days = _open_days(standing, addition)
    if not standing.catches_up or open_days is None or open_days.first >= before:
        return []
    pieces = []
    period: Period | None = standing.periods.containing(_first_uncovered(addition, open_days.first))
    while period is not None and period.start < before:
        is_closed = period.start < standing.open_from or invoiced.is_closed(period, standing.closed)
        left = _days_left(standing, addition, Days(period.start, min(period.end, before - ONE_DAY)))
        if left and is_closed:
            pieces.append(_piece(left, period))
        period = standing.periods.after(period)
    return pieces


def _first_uncovered(addition: Record, first: date) -> date:
    """Where to begin looking: an addition of old may have been billed for years."""
    through = maybe_day(addition, invoiced.BILLED_THROUGH)
    return max(first, through + ONE_DAY) if through else first


def _days_left(standing: Standing, addition: Record, window: Days) -> list[Days]:
    """The days of the window on which the addition is open and that have not been billed."""
    open_days = _open_days(standing, addition)
    if open_days is None or open_days.first > window.last or open_days.last < window.first:
        return []
    inside = Days(max(open_days.first, window.first), min(open_days.last, window.last))
    return list(invoiced.days_left(inside, standing.covered.get(addition["id"], [])))


def _open_days(standing: Standing, addition: Record) -> Days | None:
    """The days on which the addition runs and its agreement bills. The day of cancellation is the last one billed."""
    periods = standing.periods
    first = max(day_of(addition, "effectiveDate", periods.anchor), periods.anchor)
    last = min(maybe_day(addition, "cancelledDate") or FAR_AWAY, periods.last_day)
    return Days(first, last) if first <= last else None


def _piece(days: list[Days], period: Period) -> Piece:
    return Piece(days, Share(sum(each.length for each in days), period.full_days))
