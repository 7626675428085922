"""What the PSA should hold for a period: one addition per line that may go, and every other line as money.

Two steps, because the first one changes lines and they are saved in between: `assign_roles` decides which
row drives each persistent addition, `desire` spells the additions out.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.billing.rules.advance import true_up_in_advance
from services.billing.rules.book import RateBook
from services.billing.rules.by_hand import find_first_charge
from services.billing.rules.contest import find_contest, find_parts
from services.billing.rules.continuity import Place, Step
from services.billing.rules.frozen import is_invoiced, was_invoiced
from services.billing.rules.identity import Candidate, choose_driver, one_time_marker, recurring_marker
from services.billing.rules.line import Line, Rated
from services.billing.rules.rate import rate
from services.billing.rules.recurrence import measure_period
from services.billing.rules.segments import find_closings, find_passed, place_line
from services.billing.rules.true_ups import settle, withdraw
from services.contracts.invoicing.exact import ZERO
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.shapes import Closing, DesiredAddition, PlanScope, UnsentLine
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
    """The additions that should exist and the money that stays behind; together all lines of a plan's scope."""

    additions: list[DesiredAddition] = field(default_factory=list)
    unsent: list[UnsentLine] = field(default_factory=list)
    closings: list[Closing] = field(default_factory=list)
    """Segments of persistent additions that are over, and true-ups that are taken back."""


def assign_roles(planned: Sequence[PlannedLine], books: Mapping[int, RateBook]) -> list[PlannedLine]:
    """All lines rated anew, one driver per persistent addition, in the order given.

    Lines in the PSA keep the values they were sent with, unless another row drives their addition now.
    A failed push is forgotten here: a new plan is the retry.

    Args:
        books: version of the rules → book; a line keeps the rules it was loaded with.
    """
    fresh = [each if each.rated.status is LineStatus.SENT else _rate_anew(each, books, drives=True) for each in planned]
    frozen = {place for place, each in enumerate(fresh) if is_invoiced(each.line, books[each.rules_version])}
    followers = _find_followers(fresh, books, frozen)
    return [_rate_anew(each, books, drives=False) if place in followers else each for place, each in enumerate(fresh)]


def _rate_anew(planned: PlannedLine, books: Mapping[int, RateBook], *, drives: bool) -> PlannedLine:
    line = planned.line
    if line.push_failed or line.drives is not drives:
        line = replace(line, drives=drives, push_failed=False)
    return replace(planned, line=line, rated=rate(line, books[planned.rules_version]))


def _find_followers(planned: Sequence[PlannedLine], books: Mapping[int, RateBook], frozen: Collection[int]) -> set[int]:
    """What was invoiced keeps its addition; no other row of the period takes it over.

    Args:
        frozen: places of the invoiced lines.
    """
    parts = _find_parts(planned, books) - set(frozen)
    going = [
        place
        for place, each in enumerate(planned)
        if each.rated.is_recurring and place not in parts
        if each.rated.status in (*GOING, LineStatus.BILLED_BEFORE)
        or (place in frozen and each.rated.status is LineStatus.HELD)
    ]
    rows = [planned[place] for place in going]
    kept = {_share(planned[place]) for place in going if place in frozen}
    settled, following = find_contest(rows, [books[each.rules_version] for each in rows])
    followers = {going[index] for index in following}
    sharing = defaultdict(list)
    for index, place in enumerate(going):
        line, rated = planned[place].line, planned[place].rated
        if index not in settled | following:
            sharing[rated.agreement_id, line.subscription_id].append(_stand_for_driver(place, line))
    followers |= {row.key for rows in sharing.values() for row in rows}
    followers -= {choose_driver([row for row in rows if row.key in frozen] or rows) for rows in sharing.values()}
    joining = {place for place in going if place not in frozen and _joins(planned[place], kept, books)}
    return followers | parts | joining


def _find_parts(planned: Sequence[PlannedLine], books: Mapping[int, RateBook]) -> set[int]:
    """Places of the lines that a longer charge of their subscription keeps from recurring, also while that is held."""
    charged = [
        place
        for place, each in enumerate(planned)
        if each.rated.status in (*GOING, LineStatus.BILLED_BEFORE, LineStatus.HELD) and not each.line.is_vanished
    ]
    rows = [planned[place] for place in charged]
    return {charged[index] for index in find_parts(rows, [books[each.rules_version] for each in rows])}


def _share(planned: PlannedLine) -> tuple[str | None, str]:
    return planned.rated.agreement_id, planned.line.subscription_id


def _joins(planned: PlannedLine, kept: Collection[tuple[str | None, str]], books: Mapping[int, RateBook]) -> bool:
    """Whether a line comes into a period that was invoiced with another one for the same addition."""
    start, book = planned.rated.start.value, books[planned.rules_version]
    return _share(planned) in kept and was_invoiced(planned.rated.agreement_id, start, book)


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
    found, closings = Desire(), dict[str, Closing]()
    planned = list(planned)
    places = {
        each.id: (each, place)
        for each in planned
        if each.rated.status in (*GOING, LineStatus.HELD) and (place := place_line(each, book))
    }
    going = {line_id: (each, place) for line_id, (each, place) in places.items() if each.rated.status in GOING}
    passed = find_passed(going)
    for each in planned:
        _, place = places.get(each.id, (each, None))
        status = each.rated.status
        if status in (*GOING, LineStatus.HELD) and is_invoiced(each.line, book):
            _settle(found, partner_id, each, place, book, names)
            continue
        is_passed = place is not None and (place.step is Step.EARLIER or each.id in passed)
        if status in GOING and not is_passed:
            _want(found, partner_id, each, place, book, names)
            closings |= {one.marker: one for one in (find_closings(each, place, book) if place else ())}
            continue
        if status in (*GOING, LineStatus.EXCLUDED):
            found.closings.extend(withdraw(each.line, book))
        if status in GOING:
            found.unsent.append(leave(each, (HoldReason.SUPERSEDED,), place))
        else:
            found.unsent.append(_leave_behind(each, book, names))
    found.closings.extend(closings.values())
    return forget_claimed(found)


def forget_claimed(found: Desire) -> Desire:
    """An addition that a line leaves stays where another line of the plan asks for it."""
    claimed = {each.marker for each in found.additions}
    return replace(found, additions=[_stay(each, claimed) for each in found.additions])


def _stay(addition: DesiredAddition, claimed: AbstractSet[str]) -> DesiredAddition:
    if claimed.isdisjoint(addition.left_markers):
        return addition
    carries = [
        each.model_copy(update={"replaces": ""}) if each.replaces in claimed else each for each in addition.carries
    ]
    replaces = "" if addition.replaces in claimed else addition.replaces
    return addition.model_copy(update={"replaces": replaces, "carries": carries})


def _want(
    found: Desire, partner_id: UUID, planned: PlannedLine, place: Place | None, book: RateBook, names: Names
) -> None:
    """A line that goes out is its addition, and the true-up of what was billed for it in advance."""
    spelled = spell(partner_id, planned, place, book, names)
    both = true_up_in_advance(partner_id, spelled, planned.line, book)
    if both is None:
        found.closings.extend(withdraw(planned.line, book))
    found.additions.extend(both or (spelled,))


def _settle(
    found: Desire, partner_id: UUID, planned: PlannedLine, place: Place | None, book: RateBook, names: Names
) -> None:
    """An invoiced line is its frozen addition and its true-up; the rest of a difference is listed as money."""
    spelled = spell(partner_id, planned, place, book, names)
    settlement = settle(partner_id, spelled, planned.line, planned.rated, book)
    found.additions.extend(settlement.additions)
    found.closings.extend(settlement.closings)
    if settlement.left:
        left = {"amount": settlement.left, "is_recurring": False, "sent_marker": ""}
        found.unsent.append(leave(planned, planned.rated.hold_reasons, place).model_copy(update=left))
    if settlement.dropped:
        found.unsent.append(_drop_part(planned, settlement.dropped))


def _drop_part(planned: PlannedLine, amount: Decimal) -> UnsentLine:
    """What a rule does not pass on of a line that is invoiced."""
    part = {"amount": amount, "status": LineStatus.DROPPED, "is_recurring": False, "sent_marker": ""}
    return leave(planned, (), None).model_copy(update={**part, "dropped_by": planned.rated.dropped_by})


def choose_effective_date(planned: PlannedLine, place: Place | None) -> date:
    """The day its addition starts: a running or adopted one keeps its own, unless a user moved it."""
    start = planned.rated.start
    running = place.running if place else None
    if running and start.provenance is not Provenance.USER:
        keeps_start = running.is_adopted or not running.is_begun_by(planned.line)
        return running.effective_date if keeps_start else start.value or planned.line.invoice_date
    return start.value or planned.line.invoice_date


def leave(planned: PlannedLine, reasons: Iterable[HoldReason], place: Place | None) -> UnsentLine:
    line = planned.line
    carrier = place.running.marker if place and place.is_superseded and place.running else ""
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
        sent_marker=line.sent_marker or carrier,
    )


def _leave_behind(planned: PlannedLine, book: RateBook, names: Names) -> UnsentLine:
    line, rated, place = planned.line, planned.rated, place_line(planned, book)
    # An excluded one is held by nothing, and charges nothing any more all the same.
    gone = {HoldReason.VANISHED_FROM_INVOICE} if line.is_vanished else set()
    left = leave(planned, [*rated.hold_reasons, *(gone - {*rated.hold_reasons})], place)
    if rated.status is LineStatus.BILLED_BEFORE:  # no addition of ours stands for it
        return left.model_copy(update={"is_recurring": False, "sent_marker": "", "billed_by": rated.explanation[0]})
    if rated.status is LineStatus.DROPPED:
        return left.model_copy(update={"dropped_by": rated.dropped_by})
    return left.model_copy(update={"first_charge": find_first_charge(line, rated, place, book, names.products)})


def spell(partner_id: UUID, planned: PlannedLine, place: Place | None, book: RateBook, names: Names) -> DesiredAddition:
    line, rated = planned.line, planned.rated
    company, agreement, product = rated.company_id or "", rated.agreement_id or "", rated.product_id or ""
    terms = book.terms.get(agreement)
    effective = choose_effective_date(planned, place)
    if place:
        marker = recurring_marker(partner_id, agreement, line.subscription_id, place.segment)
    else:
        marker = one_time_marker(partner_id, agreement, line.invoice_id, line.row_id)
    first_day, last_day = find_billed_days(rated, place, terms)
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
        amount=rated.amount,
        charged=None if rated.amount + rated.remainder == line.total else line.total,
        unit_cost=rated.unit_cost,
        bill_option=rated.bill_option,
        taxable=rated.taxable,
        effective_date=effective,
        moves_start=rated.start.provenance is Provenance.USER,
        cancelled_date=_choose_end(rated, place),
        invoice_description=rated.description,
        explanation=_explain(rated, effective),
        forecast=rated.forecast,
        bills_from=first_day,
        bills_through=last_day,
        period=line.period,
        replaces=_find_replaced(planned, marker, book),
        first_charge=find_first_charge(line, rated, place, book, names.products),
        rounded=ZERO if line.is_vanished else rated.remainder,
        is_exact=terms is not None and terms.facts.is_prorated,
        charged_quantity=line.quantity,
    )


def _find_replaced(planned: PlannedLine, marker: str, book: RateBook) -> str:
    """The marker that a line leaves; none where its former addition carries another charge by now."""
    line = planned.line
    if not line.sent_marker or line.sent_marker == marker:
        return ""
    known = book.running.get((line.sent_agreement_id or "", line.subscription_id)) if line.sent_recurring else None
    left = known.find_segment(line.sent_marker) if known else None
    return line.sent_marker if left is None or left.is_driven_by(line) else ""


def _choose_end(rated: Rated, place: Place | None) -> date | None:
    ends = [day for day in (rated.end.value, place.ends if place else None) if day]
    return min(ends, default=None)


def find_billed_days(
    rated: Rated, place: Place | None, terms: AgreementTerms | None
) -> tuple[date | None, date | None]:
    """First and last day of the billing periods that bill a line: of a recurring one, its home."""
    if place:
        return place.home or (None, None)
    start, end = rated.start.value, rated.end.value
    period = terms.period_of(start) if terms and start else None
    if period is None or terms is None:
        return None, None
    closing = terms.period_of(end) if end else None
    return period.start, closing.end if closing else period.end


def _explain(rated: Rated, effective: date) -> list[str]:
    start = rated.start.explanation if effective == rated.start.value else CONTINUES.format(effective.isoformat())
    return [*rated.explanation, f"start: {start}", f"end: {rated.end.explanation}", *rated.warnings]
