"""The billing periods of an agreement: which days one invoice bills.

With `CalendarYear` periods follow the calendar (months, pairs of months, quarters, halves, years); with
`ContractYear` they are counted from the billing start. Weeks are counted from the billing start in both, which is
an assumption. The first period begins at the billing start, wherever its full length would have begun.
"""

from calendar import monthrange
from datetime import date, timedelta
from typing import NamedTuple

from services.sandbox.connectwise.days import maybe_day
from services.sandbox.seed.months import ONE_DAY
from services.sandbox.seed.references import Record

_MONTHS = {"Monthly": 1, "BiMonthly": 2, "Quarterly": 3, "SemiAnnual": 6, "Yearly": 12}
_WEEKS = {"Weekly": 1, "BiWeekly": 2}
NOT_RECURRING = "NotRecurring"
FAR_AWAY = date(9000, 1, 1)
"""Later than any period; there is still room for a period behind it."""


class Period(NamedTuple):
    """First and last day, both inside."""

    start: date
    end: date
    full_start: date
    """Where the period would begin if billing had not started within it."""

    @property
    def full_days(self) -> int:
        return (self.end - self.full_start).days + 1


class Schedule(NamedTuple):
    anchor: date
    """First day that is billed at all."""
    option: str
    """`billingOptions` of the billing cycle."""
    follows_calendar: bool
    last_day: date
    """Last day that is billed."""

    @property
    def recurs(self) -> bool:
        return self.option in _MONTHS or self.option in _WEEKS

    def containing(self, day: date) -> Period:
        """The period of a day; of the billing start when the day is before it."""
        day = min(max(day, self.anchor), FAR_AWAY)
        if self.option in _WEEKS:
            length = timedelta(days=7 * _WEEKS[self.option])
            start = self.anchor + (day - self.anchor) // length * length
            return self._period(start, start + length - ONE_DAY)
        if self.option in _MONTHS:
            return self._months(day, _MONTHS[self.option])
        return Period(self.anchor, self.last_day, self.anchor)

    def after(self, period: Period) -> Period | None:
        """The next one; None where nothing recurs or time is up."""
        return self.containing(period.end + ONE_DAY) if self.recurs and period.end < FAR_AWAY else None

    def _months(self, day: date, length: int) -> Period:
        if self.follows_calendar:
            start = date(day.year, (day.month - 1) // length * length + 1, 1)
            return self._period(start, months_after(start, length) - ONE_DAY)
        count = ((day.year - self.anchor.year) * 12 + day.month - self.anchor.month) // length
        if months_after(self.anchor, count * length) > day:
            count -= 1
        start = months_after(self.anchor, count * length)
        return self._period(start, months_after(self.anchor, (count + 1) * length) - ONE_DAY)

    def _period(self, start: date, end: date) -> Period:
        return Period(max(start, self.anchor), end, start)


def schedule_of(agreement: Record, option: str) -> Schedule:
    """The schedule by the agreement's own dates. `option` is that of its billing cycle."""
    anchor = maybe_day(agreement, "billStartDate") or maybe_day(agreement, "startDate") or date.min
    return Schedule(anchor, option, agreement.get("invoicingCycle") != "ContractYear", _last_day(agreement))


def months_after(day: date, months: int) -> date:
    """The same day some months on, or the last day of a month that is too short for it."""
    years, index = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, index + 1, min(day.day, monthrange(years, index + 1)[1]))


def _last_day(agreement: Record) -> date:
    """A cancelled agreement bills through the day of its cancellation; without that day, nothing."""
    ends = None if agreement.get("noEndingDateFlag") else maybe_day(agreement, "endDate")
    if agreement.get("cancelledFlag"):
        cancelled = maybe_day(agreement, "dateCancelled") or date.min
        return min(cancelled, ends or FAR_AWAY)
    return ends or FAR_AWAY
