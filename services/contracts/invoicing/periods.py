"""The billing periods of an agreement: which days the PSA invoices together.

How long a cycle is, and which cycles do not recur, is a trait of the PSA.
`CalendarYear` periods follow the calendar (months, quarters, halves, years), `ContractYear` periods are
counted from the billing start. Weeks are counted from the billing start in both. The first period
begins at the billing start even where the calendar period began earlier.
"""

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.contracts.invoicing.traits import UNDESCRIBED, cycle_key
from services.contracts.shapes import AgreementFacts, PsaTraits

_CALENDAR_YEAR = "calendaryear"
ONE_DAY = timedelta(days=1)
END_OF_TIME = date.max


@dataclass(frozen=True, slots=True)
class BillingPeriod:
    """First and last day, both inside. `full_days` counts the whole period, also where billing starts within it."""

    start: date
    end: date
    full_days: int

    @property
    def is_whole(self) -> bool:
        """False for a first period that the billing start has cut short."""
        return (self.end - self.start).days + 1 == self.full_days


def add_months(day: date, months: int) -> date:
    """The same day some months on, or the last day of a month that is too short for it."""
    month = day.year * 12 + day.month - 1 + months
    year, index = divmod(month, 12)
    if not date.min.year <= year <= END_OF_TIME.year:  # upstream "never" is 9999-12-31, "unset" 0001-01-01
        return END_OF_TIME if months > 0 else date.min
    return date(year, index + 1, min(day.day, monthrange(year, index + 1)[1]))


def add_days(day: date, days: int) -> date:
    """Some days on, as far as the calendar goes."""
    try:
        return day + timedelta(days=days)
    except OverflowError:
        return END_OF_TIME if days > 0 else date.min


@dataclass(slots=True)
class AgreementTerms:
    """An agreement with its periods worked out once: the same agreement rates thousands of lines."""

    facts: AgreementFacts
    psa: PsaTraits = UNDESCRIBED
    cycle_months: int = field(init=False)
    cycle_weeks: int = field(init=False)
    is_recurring: bool = field(init=False)
    """False where there is one endless period, invoiced once."""
    closed_before: date | None = field(init=False)
    """First day on which the PSA lets an addition begin; None where any day will do. That is about the next invoice
    date itself, whatever was invoiced."""
    _periods: dict[date, BillingPeriod | None] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        cycle = cycle_key(self.facts.billing_cycle)
        self.cycle_months = self.psa.cycle_months.get(cycle, 0)
        self.cycle_weeks = self.psa.cycle_weeks.get(cycle, 0)
        self.is_recurring = cycle not in self.psa.non_recurring_cycles
        # Where it prorates, an invoiced period can be written to, and is billed only by a PSA that catches up.
        is_closed = not self.psa.catches_up if self.facts.is_prorated else self.refuses_invoiced_dates
        self.closed_before = self.facts.next_invoice_date if is_closed else None

    @property
    def has_known_cycle(self) -> bool:
        """Whether anybody knows its billing periods."""
        return not self.is_recurring or bool(self.cycle_months or self.cycle_weeks)

    @property
    def refuses_invoiced_dates(self) -> bool:
        return self.psa.refuses_invoiced_dates and not self.facts.is_prorated

    @property
    def catches_up(self) -> bool:
        """Whether its next invoice bills the days of closed periods for which an addition was not billed."""
        return self.facts.is_prorated and self.psa.catches_up

    def will_catch_up(self, invoiced_before: date | None) -> bool:
        """Whether the next invoice bills all days of an addition in closed periods, with what it holds then.

        Args:
            invoiced_before: the next invoice date when the addition was made; None where it stood before, or unknown.
        """
        return self.catches_up and invoiced_before is not None and invoiced_before == self.facts.next_invoice_date

    def is_invoiced(self, day: date) -> bool:
        """Whether the billing period that holds a day is closed: its invoice says so, else the next invoice date.

        One that was written off is closed as well: what was sent for it is not touched, and bills nothing.
        """
        if any(each.holds(day) for each in self.facts.invoiced or ()):
            return True
        next_invoice = self.facts.next_invoice_date
        is_reopened = any(each.holds(day) for each in self.facts.reopened)
        return next_invoice is not None and day < next_invoice and not is_reopened

    def is_written_off(self, day: date) -> bool:
        """Whether the billing period that holds a day was closed without an invoice."""
        return any(each.holds(day) for each in self.facts.unbilled)

    @property
    def open_from(self) -> date | None:
        """The first day after everything that is closed without a gap; None where nothing was ever invoiced.

        Where the invoice of the last closed period was deleted, that is the first day of this period.
        """
        day = self.facts.next_invoice_date
        for each in sorted(self.facts.reopened, key=lambda each: each.last, reverse=True):
            if day is not None and each.holds(day - ONE_DAY):
                day = each.first
        return day

    @property
    def closed_through(self) -> date | None:
        """The last day of the periods that are closed without a gap; None where nothing was ever invoiced."""
        day = self.open_from
        return None if day is None else add_days(day, -1)

    @property
    def may_be_open_from(self) -> date | None:
        """No day before this one is open; None where any day may be."""
        days = [each.first for each in self.facts.reopened]
        return min([self.facts.next_invoice_date, *days]) if self.facts.next_invoice_date else None

    @property
    def invoiced_before(self) -> date | None:
        """The day after the last one that is closed, though a period before it may be open again."""
        days = [add_days(each.last, 1) for each in self.facts.invoiced or ()]
        return max([self.facts.next_invoice_date, *days]) if self.facts.next_invoice_date else max(days, default=None)

    def period_of(self, day: date) -> BillingPeriod | None:
        """The billing period that holds a day; None before the billing start and for a cycle nobody knows."""
        try:
            return self._periods[day]
        except KeyError:
            period = self._periods[day] = self._compute(day)
            return period

    def period_after(self, period: BillingPeriod) -> BillingPeriod | None:
        """The billing period that follows."""
        return None if period.end == END_OF_TIME else self.period_of(period.end + ONE_DAY)

    def _compute(self, day: date) -> BillingPeriod | None:
        billing_start = self.facts.billing_start
        if day < billing_start:
            return None
        if not self.is_recurring:
            return BillingPeriod(billing_start, END_OF_TIME, (END_OF_TIME - billing_start).days + 1)
        if self.cycle_weeks:
            return self._week_period(day)
        if self.cycle_months:
            return self._month_period(day)
        return None

    def _week_period(self, day: date) -> BillingPeriod:
        length = 7 * self.cycle_weeks
        start = day - timedelta(days=(day - self.facts.billing_start).days % length)
        return BillingPeriod(start, add_days(start, length - 1), length)

    def _month_period(self, day: date) -> BillingPeriod:
        billing_start, length = self.facts.billing_start, self.cycle_months
        is_calendar = cycle_key(self.facts.invoicing_cycle) == _CALENDAR_YEAR
        anchor = date(billing_start.year, 1, 1) if is_calendar else billing_start
        count = ((day.year - anchor.year) * 12 + day.month - anchor.month) // length
        start = add_months(anchor, count * length)
        if start > day:  # its month has come, its day has not
            count -= 1
            start = add_months(anchor, count * length)
        following = add_months(anchor, (count + 1) * length)
        return BillingPeriod(max(start, billing_start), following - ONE_DAY, (following - start).days)
