"""Which billing period an invoice covers, and what that makes of an agreement's periods. Pure.

No invoice says its period. What was watched says it best: where the next invoice date moved on over as many periods as
there are new invoices, they cover these, oldest first. Else the date on the invoice says it: it lies in the period, or
behind it where the agreement bills in arrears. An invoice of the day on which the first open period begins covers the
period before, where that has none: it was made late. An invoice that its date puts beside another one covers a period
that was closed meanwhile and has none.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.contracts.invoicing.bills import MOST_PERIODS
from services.contracts.invoicing.periods import AgreementTerms, BillingPeriod, add_days
from services.contracts.shapes import AgreementFacts, DayRange
from services.sync.psas.invoice import PsaInvoice


@dataclass(frozen=True, slots=True)
class Watch:
    """How far an agreement was watched.

    Args:
        watched_from: the earliest next invoice date that was seen.
        vouched_before: before this day every invoice is known.
    """

    watched_from: date | None
    vouched_before: date | None


@dataclass(frozen=True, slots=True)
class Covered:
    """The periods of an agreement's invoices, each by its first day.

    Args:
        gone: periods whose invoice is gone from the PSA.
    """

    live: Mapping[date, DayRange]
    gone: Mapping[date, DayRange]


def assign_periods(
    invoices: Sequence[PsaInvoice], covered: Collection[date], terms: AgreementTerms, seen_before: date | None
) -> dict[str, BillingPeriod | None]:
    """Invoice id → the period it covers; None where nobody can know it.

    Args:
        invoices: those that are new, of one agreement.
        covered: first days of the periods that have an invoice already.
        seen_before: the next invoice date as it was when the agreement was last read.
    """
    ordered = sorted(invoices, key=lambda each: (each.day or date.max, len(each.id), each.id))
    closed = [each for each in _list_closed(terms, seen_before) if each.start not in covered]
    if len(closed) == len(ordered):
        return {invoice.id: period for invoice, period in zip(ordered, closed, strict=True)}
    found: dict[str, BillingPeriod | None] = {}
    taken, surplus = set(covered), []
    for invoice in ordered:
        period = found[invoice.id] = _find_by_date(invoice, taken, terms)
        if period is None or period.start in taken:
            surplus.append(invoice)
        if period is not None:
            taken.add(period.start)
    _fill_gaps(found, surplus, [each for each in closed if each.start not in taken])
    return found


def _fill_gaps(
    found: dict[str, BillingPeriod | None], surplus: Sequence[PsaInvoice], closed: Sequence[BillingPeriod]
) -> None:
    """A period that was closed meanwhile has its invoice among those that their date puts beside another one."""
    by_size = sorted(surplus, key=lambda each: each.total, reverse=True)
    for invoice, period in zip(by_size, closed, strict=False):
        found[invoice.id] = period


def _list_closed(terms: AgreementTerms, seen_before: date | None) -> list[BillingPeriod]:
    """The periods over which the next invoice date has moved on."""
    now = terms.facts.next_invoice_date
    return [] if seen_before is None or now is None else list(_walk(terms, seen_before, now))


def _walk(terms: AgreementTerms, first: date, before: date) -> Iterator[BillingPeriod]:
    """The periods that begin in these days, in order."""
    period = terms.period_of(max(first, terms.facts.billing_start))
    for _ in range(MOST_PERIODS):
        if period is None or period.start >= before:
            return
        if period.start >= first:
            yield period
        period = terms.period_after(period)


def _find_by_date(invoice: PsaInvoice, taken: Collection[date], terms: AgreementTerms) -> BillingPeriod | None:
    if invoice.day is None:
        return None
    day = add_days(invoice.day, -1) if terms.facts.is_in_arrears else invoice.day
    period = terms.period_of(max(day, terms.facts.billing_start))
    if period is None or period.start != terms.facts.next_invoice_date:
        return period
    before = terms.period_of(add_days(period.start, -1))
    return before if before is not None and before.start not in taken else period


def describe_agreement(facts: AgreementFacts, covered: Covered, watch: Watch, terms: AgreementTerms) -> AgreementFacts:
    """The facts of an agreement whose invoices were read, with what they say of its periods."""
    reopened = {start: days for start, days in covered.gone.items() if start not in covered.live}
    unbilled = [
        DayRange(first=each.start, last=each.end)
        for each in _list_watched(terms, watch)
        if each.start not in covered.live and each.start not in reopened
    ]
    return facts.model_copy(
        update={
            "invoiced": _join(covered.live.values()),
            "reopened": _join(_before_next_invoice(reopened.values(), facts)),
            "unbilled": _join(unbilled),
        }
    )


def _list_watched(terms: AgreementTerms, watch: Watch) -> list[BillingPeriod]:
    """None of an agreement that belongs to another one: the invoices of that may bill its periods."""
    if watch.watched_from is None or watch.vouched_before is None or terms.facts.has_parent:
        return []
    return list(_walk(terms, watch.watched_from, watch.vouched_before))


def _before_next_invoice(days: Collection[DayRange], facts: AgreementFacts) -> list[DayRange]:
    """Later ones are open by the date alone."""
    return [each for each in days if facts.next_invoice_date is not None and each.first < facts.next_invoice_date]


def _join(days: Collection[DayRange]) -> list[DayRange]:
    """Ranges in order, those that touch in one."""
    joined: list[DayRange] = []
    for each in sorted(days, key=lambda each: each.first):
        if joined and add_days(joined[-1].last, 1) >= each.first:
            joined[-1] = DayRange(first=joined[-1].first, last=max(joined[-1].last, each.last))
        else:
            joined.append(each)
    return joined
