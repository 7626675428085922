"""The next billing period of an agreement that is not invoiced: where late charges go, in words."""

from services.contracts.invoicing.periods import AgreementTerms, BillingPeriod


def find_open_period(terms: AgreementTerms) -> BillingPeriod | None:
    """The first billing period that is not invoiced; a whole one on an agreement that would prorate another."""
    first_day = max(terms.facts.next_invoice_date or terms.facts.billing_start, terms.facts.billing_start)
    period = terms.period_of(first_day)
    while period and (period.start < first_day or (terms.facts.is_prorated and not period.is_whole)):
        period = terms.period_after(period)
    return period


def spell_days(period: BillingPeriod) -> str:
    """A period as people write it: "1–30 November 2026"."""
    start, end = period.start, period.end
    first = f"{start.day}"
    if (start.year, start.month) != (end.year, end.month):
        first += f" {start:%B}" if start.year == end.year else f" {start:%B} {start.year}"
    return f"{first}–{end.day} {end:%B} {end.year}"


def name_open_period(terms: AgreementTerms | None) -> str:
    """Why a charge cannot stay in its period, and which one would take it."""
    period = find_open_period(terms) if terms else None
    if period is None:
        return "its billing period is invoiced, and the agreement has no other"
    return f"its billing period is invoiced; the next open one is {spell_days(period)}"
