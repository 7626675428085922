"""The next billing period of an agreement that is not invoiced: where late charges go, in words."""

from datetime import date

from services.contracts.invoicing.periods import AgreementTerms, BillingPeriod


def find_open_period(terms: AgreementTerms) -> BillingPeriod | None:
    """The first billing period that is not invoiced; a whole one on an agreement that would prorate another.

    One before the next invoice date counts only where the PSA lets an addition begin in it.
    """
    opens = terms.closed_before or terms.open_from or terms.facts.billing_start
    first_day = max(opens, terms.facts.billing_start)
    period = terms.period_of(first_day)
    while period and _is_no_choice(period, first_day, terms):
        period = terms.period_after(period)
    return period


def _is_no_choice(period: BillingPeriod, first_day: date, terms: AgreementTerms) -> bool:
    is_short = terms.facts.is_prorated and not period.is_whole
    return period.start < first_day or is_short or terms.is_invoiced(period.start)


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
