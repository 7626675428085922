"""What the PSA bills for one addition, period by period.

An addition bills in every billing period that it touches: in full, or by days of the period on an agreement that
prorates. One that is not billable is invoiced at zero, or not shown at all.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.contracts.invoicing.exact import EXACT, ZERO, extend_in, prorate
from services.contracts.invoicing.periods import AgreementTerms, BillingPeriod
from services.contracts.shapes import ProrationRounds
from services.contracts.vocabulary import BillOption

MOST_PERIODS = 120  # ten years of months: an end beyond that is nobody's intention


@dataclass(frozen=True, slots=True)
class BilledAddition:
    """An addition as the PSA's invoicing sees it."""

    quantity: Decimal
    unit_price: Decimal
    currency: str
    start: date
    end: date | None
    """Last billed day; None leaves it open."""
    bill_option: str = BillOption.BILLABLE.value

    @property
    def in_full(self) -> Decimal:
        """What a whole period bills."""
        return extend_in(self.currency, self.quantity, self.unit_price)

    def touches(self, period: BillingPeriod) -> bool:
        return self.start <= period.end and (self.end is None or period.start <= self.end) and not self.is_empty

    @property
    def is_empty(self) -> bool:
        """It ends before it starts."""
        return self.end is not None and self.end < self.start


def bill_period(addition: BilledAddition, terms: AgreementTerms, period: BillingPeriod) -> Decimal:
    """What one period bills; zero where the addition does not touch it, or is not billable."""
    if addition.bill_option != BillOption.BILLABLE.value or not addition.touches(period):
        return ZERO
    if terms.facts.is_prorated:
        end = period.end if addition.end is None else min(period.end, addition.end)
        days = (end - max(period.start, addition.start)).days + 1
        if days < period.full_days:
            return _bill_days(addition, days, period.full_days, terms.psa.proration_rounds)
    return addition.in_full


def _bill_days(addition: BilledAddition, days: int, of_days: int, rounds: ProrationRounds) -> Decimal:
    if rounds == "amount":
        return prorate(EXACT.multiply(addition.quantity, addition.unit_price), days, of_days, addition.currency)
    price = prorate(addition.unit_price, days, of_days, addition.currency)
    return extend_in(addition.currency, addition.quantity, price)


def bill_as_shown(
    addition: BilledAddition, terms: AgreementTerms, period: BillingPeriod, shown: Decimal | None
) -> Decimal:
    """The same, where what the PSA itself shows for the period in which an addition begins stands above a forecast.

    Args:
        shown: the prorated price that it shows; None where it shows none.
    """
    begins_here = period.start <= addition.start <= period.end
    if shown is not None and terms.facts.is_prorated and begins_here:
        return shown
    return bill_period(addition, terms, period)


def list_periods(terms: AgreementTerms, first: date, last: date) -> list[BillingPeriod] | None:
    """The billing periods that hold a day from `first` to `last`, in order; None where nobody knows them."""
    if first > last or last < terms.facts.billing_start:
        return []
    period = terms.period_of(max(first, terms.facts.billing_start))
    periods: list[BillingPeriod] = []
    while period is not None and len(periods) < MOST_PERIODS:
        periods.append(period)
        if period.end >= last:
            return periods
        period = terms.period_after(period)
    return None


def bill_through(addition: BilledAddition, terms: AgreementTerms, first: date, last: date) -> Decimal | None:
    """What the billing periods bill that hold a day from `first` to `last`; None where nobody knows them."""
    periods = list_periods(terms, first, last)
    return None if periods is None else sum((bill_period(addition, terms, each) for each in periods), ZERO)


def bill_to_its_end(addition: BilledAddition, terms: AgreementTerms) -> Decimal | None:
    """What an addition bills in all; None for one without an end, or with no end in sight."""
    if addition.end is None or addition.is_empty or terms.period_of(addition.start) is None:
        return None
    return bill_through(addition, terms, addition.start, addition.end)
