"""What the PSA will bill for the addition of a line, so that a difference is seen before anything is sent.

A one-time charge is followed to its end, a recurring one for a single period.
"""

from decimal import Decimal

from services.billing.rules.draft import Draft
from services.contracts.invoicing.bills import BilledAddition, bill_period, bill_through, bill_to_its_end
from services.contracts.invoicing.exact import ZERO
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.vocabulary import BillOption


def forecast_addition(draft: Draft) -> Decimal | None:
    """What the addition of a line will bill for the line; None where no forecast is possible."""
    start, end, terms = draft.dates.start.value, draft.dates.end.value, draft.around.terms
    if draft.amount is None or terms is None or start is None:
        return None
    if draft.policy.bill_option is not BillOption.BILLABLE:
        return ZERO
    addition = BilledAddition(draft.amount.quantity, draft.amount.unit_price, draft.line.currency, start, end)
    if draft.running and draft.around.is_running:
        home = draft.place.home if draft.place else None
        first = home.first if home else start
        is_billed = terms.is_invoiced(first) and not draft.running.waits_for_invoice(terms)
        return draft.running.amount_on(first) if is_billed else addition.in_full
    if _misses_days(addition, terms):
        return _bill_what_is_left(addition, terms, is_recurring=draft.around.is_recurring)
    return _bill_first_period(addition, terms) if draft.around.is_recurring else bill_to_its_end(addition, terms)


def _misses_days(addition: BilledAddition, terms: AgreementTerms) -> bool:
    """Whether it begins in an invoiced period whose days no later invoice catches up on."""
    return terms.facts.is_prorated and not terms.psa.catches_up and terms.is_invoiced(addition.start)


def _bill_what_is_left(addition: BilledAddition, terms: AgreementTerms, *, is_recurring: bool) -> Decimal | None:
    """What the periods bill that are not invoiced: nothing of a recurring charge, whose period is over."""
    next_invoice = terms.facts.next_invoice_date
    if is_recurring or addition.end is None or next_invoice is None or addition.end < next_invoice:
        return ZERO
    return bill_through(addition, terms, next_invoice, addition.end)


def _bill_first_period(addition: BilledAddition, terms: AgreementTerms) -> Decimal | None:
    """What an addition bills in the billing period it starts in; None where that is unknown."""
    period = terms.period_of(addition.start)
    return None if period is None or addition.is_empty else bill_period(addition, terms, period)
