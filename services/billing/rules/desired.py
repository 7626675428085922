"""What the PSA should hold for a period: one addition per line that may go, and every other line as money.

Two steps, because the first one changes lines and they are saved in between: `assign_roles` decides which
row drives each persistent addition, `desire` spells the additions out.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from services.billing.rules.book import PersistentAddition, RateBook
from services.billing.rules.identity import Candidate, choose_driver, one_time_marker, recurring_marker
from services.billing.rules.line import Line, Rated
from services.billing.rules.rate import rate
from services.billing.rules.recurrence import measure_period
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import DesiredAddition, PlanScope, UnsentLine
from services.contracts.vocabulary import HoldReason, LineStatus, Provenance

GOING = (LineStatus.READY, LineStatus.SENT)
CONTINUES = "the subscription's addition goes on since {0}; this charge sets its values"


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """A stored line on its way into a plan."""

    id: UUID
    version: int
    rules_version: int
    line: Line
    rated: Rated


@dataclass(frozen=True, slots=True)
class Names:
    """Names of the PSA's records by id, for people who read the plan."""

    companies: Mapping[str, str]
    products: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Desire:
    """The additions that should exist and the lines that stay behind; together all lines of a plan's scope."""

    additions: list[DesiredAddition]
    unsent: list[UnsentLine]


def assign_roles(planned: Sequence[PlannedLine], books: Mapping[int, RateBook]) -> list[PlannedLine]:
    """All lines rated anew, one driver per persistent addition, in the order given.

    Lines in the PSA keep the values they were sent with, unless another row drives their addition now.
    A failed push is forgotten here: a new plan is the retry.

    Args:
        books: version of the rules → book; a line keeps the rules it was loaded with.
    """
    fresh = [each if each.rated.status is LineStatus.SENT else _rate_anew(each, books, drives=True) for each in planned]
    followers = _find_followers(fresh)
    return [_rate_anew(each, books, drives=False) if place in followers else each for place, each in enumerate(fresh)]


def _rate_anew(planned: PlannedLine, books: Mapping[int, RateBook], *, drives: bool) -> PlannedLine:
    line = planned.line
    if line.push_failed or line.drives is not drives:
        line = replace(line, drives=drives, push_failed=False)
    return replace(planned, line=line, rated=rate(line, books[planned.rules_version]))


def _find_followers(planned: Sequence[PlannedLine]) -> set[int]:
    sharing = defaultdict(list)
    for place, each in enumerate(planned):
        line, rated = each.line, each.rated
        if rated.is_recurring and rated.status in GOING:
            sharing[rated.agreement_id, line.subscription_id].append(_stand_for_driver(place, line))
    return {row.key for rows in sharing.values() for row in rows} - {choose_driver(rows) for rows in sharing.values()}


def _stand_for_driver(place: int, line: Line) -> Candidate[int]:
    months, days = measure_period(line.charge_start, line.charge_end)
    start = line.charge_start or date.min
    return Candidate(place, months, days, line.total, start, line.invoice_id, line.row_id)


def covers(scope: PlanScope, planned: PlannedLine) -> bool:
    """Whether a plan of this scope is about a line of its period."""
    line, rated = planned.line, planned.rated
    return (
        (not scope.organization_ids or line.organization_id in scope.organization_ids)
        and (not scope.agreement_ids or rated.agreement_id in scope.agreement_ids)
        and (not scope.line_ids or planned.id in scope.line_ids)
        and (not scope.subscription_id or line.subscription_id == scope.subscription_id)
    )


def desire(partner_id: UUID, planned: Iterable[PlannedLine], book: RateBook, names: Names) -> Desire:
    """Split lines of a period into additions to have and lines to leave."""
    additions, unsent = [], []
    for each in planned:
        if each.rated.status not in GOING:
            unsent.append(_leave(each, each.rated.hold_reasons))
        elif _is_taken_over(each, book):
            unsent.append(_leave(each, (HoldReason.SUPERSEDED,)))
        else:
            additions.append(_spell(partner_id, each, book, names))
    return Desire(additions, unsent)


def find_persistent_addition(planned: PlannedLine, book: RateBook) -> PersistentAddition | None:
    """The persistent addition that exists for a recurring line."""
    if not planned.rated.is_recurring or planned.rated.agreement_id is None:
        return None
    running = book.running.get((planned.rated.agreement_id, planned.line.subscription_id))
    return running if running and running.goes_on_for(planned.line) else None


def choose_effective_date(planned: PlannedLine, running: PersistentAddition | None) -> date:
    """The day its addition starts: a running one keeps its own, unless a user moved it."""
    start = planned.rated.start
    if running and not running.is_begun_by(planned.line) and start.provenance is not Provenance.USER:
        return running.effective_date
    return start.value or planned.line.invoice_date


def _is_taken_over(planned: PlannedLine, book: RateBook) -> bool:
    # It was sent; since then a later month has given the same addition its own values.
    running = find_persistent_addition(planned, book)
    return running is not None and running.period > planned.line.period


def _leave(planned: PlannedLine, reasons: Iterable[HoldReason]) -> UnsentLine:
    line = planned.line
    return UnsentLine(
        line_id=planned.id,
        invoice_id=line.invoice_id,
        row_id=line.row_id,
        organization_id=line.organization_id,
        organization=line.organization_name,
        currency=line.currency,
        amount=line.total,
        status=planned.rated.status,
        reasons=list(reasons),
        invoice_number=line.invoice_number,
        product=line.offer_name,
        subscription_id=line.subscription_id,
        subscription=line.subscription_name,
        is_recurring=planned.rated.is_recurring,
        sent_marker=line.sent_marker or "",
    )


def _spell(partner_id: UUID, planned: PlannedLine, book: RateBook, names: Names) -> DesiredAddition:
    line, rated = planned.line, planned.rated
    company, agreement, product = rated.company_id or "", rated.agreement_id or "", rated.product_id or ""
    terms = book.terms.get(agreement)
    effective = choose_effective_date(planned, find_persistent_addition(planned, book))
    if rated.is_recurring:
        marker = recurring_marker(partner_id, agreement, line.subscription_id)
    else:
        marker = one_time_marker(partner_id, agreement, line.invoice_id, line.row_id)
    first_day, last_day = find_billed_days(rated, terms)
    return DesiredAddition(
        marker=marker,
        line_id=planned.id,
        line_version=planned.version,
        invoice_id=line.invoice_id,
        row_id=line.row_id,
        organization_id=line.organization_id,
        organization=line.organization_name,
        company_id=company,
        company=names.companies.get(company, company),
        agreement_id=agreement,
        agreement=terms.facts.name if terms else agreement,
        product_id=product,
        product=names.products.get(product, product),
        subscription_id=line.subscription_id,
        subscription=line.subscription_name,
        is_recurring=rated.is_recurring,
        currency=line.currency,
        quantity=line.quantity if rated.quantity is None else rated.quantity,
        unit_price=line.unit_price if rated.unit_price is None else rated.unit_price,
        amount=line.total,
        bill_option=rated.bill_option,
        taxable=rated.taxable,
        effective_date=effective,
        cancelled_date=rated.end.value,
        invoice_description=rated.description,
        explanation=_explain(rated, effective),
        forecast=rated.forecast,
        bills_from=first_day,
        bills_through=last_day,
        replaces=line.sent_marker if line.sent_marker and line.sent_marker != marker else "",
    )


def find_billed_days(rated: Rated, terms: AgreementTerms | None) -> tuple[date | None, date | None]:
    """First and last day of the billing periods that bill a line: of a recurring one, the period of its own start."""
    start, end = rated.start.value, rated.end.value
    period = terms.period_of(start) if terms and start else None
    if period is None or terms is None:
        return None, None
    closing = terms.period_of(end) if end and not rated.is_recurring else None
    return period.start, closing.end if closing else period.end


def _explain(rated: Rated, effective: date) -> list[str]:
    start = rated.start.explanation if effective == rated.start.value else CONTINUES.format(effective.isoformat())
    return [*rated.explanation, f"start: {start}", f"end: {rated.end.explanation}", *rated.warnings]
