"""What the PSA will bill for an addition, so that a difference is seen before anything is sent.

An addition bills in every billing period that it touches: in full, or by days of the period on an
agreement that prorates. A one-time charge is followed to its end, a recurring one for a single period.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.billing.rules.amounts import ZERO, AdditionAmount, extend_in, prorate
from services.billing.rules.billing_periods import AgreementTerms, BillingPeriod
from services.billing.rules.draft import Draft
from services.contracts.vocabulary import BillOption

MOST_PERIODS = 120  # ten years of months: an end beyond that is nobody's intention


@dataclass(frozen=True, slots=True)
class Billing:
    """An addition as the PSA's invoicing sees it."""

    terms: AgreementTerms
    amount: AdditionAmount
    currency: str
    start: date


def forecast_addition(draft: Draft) -> Decimal | None:
    """What the addition of a line will bill for the line; None where no forecast is possible."""
    start, end, terms = draft.dates.start.value, draft.dates.end.value, draft.around.terms
    if draft.amount is None or terms is None or start is None:
        return None
    if draft.policy.bill_option is not BillOption.BILLABLE:
        return ZERO
    billing = Billing(terms, draft.amount, draft.line.currency, start)
    if draft.running and draft.around.is_running:
        next_invoice = terms.facts.next_invoice_date
        was_invoiced = next_invoice is not None and start < next_invoice
        return draft.running.amount if was_invoiced else bill_in_full(billing)
    return forecast_period(billing, end) if draft.around.is_recurring else forecast_once(billing, end)


def forecast_once(billing: Billing, end: date | None) -> Decimal | None:
    """What an addition with an end bills in all; None for one without, or with no end in sight."""
    period = billing.terms.period_of(billing.start)
    billed = ZERO
    for _ in range(MOST_PERIODS):
        if period is None or end is None or end < billing.start:
            return None
        billed += bill_period(billing, period, end)
        if period.end >= end:
            return billed
        period = billing.terms.period_after(period)
    return None


def forecast_period(billing: Billing, end: date | None) -> Decimal | None:
    """What an addition bills in the billing period it starts in; None where that is unknown."""
    period = billing.terms.period_of(billing.start)
    if period is None or (end is not None and end < billing.start):
        return None
    return bill_period(billing, period, end or period.end)


def bill_period(billing: Billing, period: BillingPeriod, end: date) -> Decimal:
    """What an addition bills in one period that it touches."""
    if billing.terms.facts.is_prorated:
        days = (min(period.end, end) - max(period.start, billing.start)).days + 1
        if days < period.full_days:
            price = prorate(billing.amount.unit_price, days, period.full_days, billing.currency)
            return extend_in(billing.currency, billing.amount.quantity, price)
    return bill_in_full(billing)


def bill_in_full(billing: Billing) -> Decimal:
    return extend_in(billing.currency, billing.amount.quantity, billing.amount.unit_price)
