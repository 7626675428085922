"""How a recurring charge goes on from the one before it, and which billing period bills it: its home. Pure.

An open addition bills once in every billing period, whether or not a charge stands behind it. So the charges of a
subscription must take one period after the other:

- FIRST: nothing is known, or the addition before has ended: the home is the period that the charge starts in.
- SAME: its row drives the addition already, or corrects the row that does. A row with new values whose addition bills
  earlier charges that are not invoiced yet goes on in the next segment, as NEXT.
- NEXT: it begins the day after the last charge ended, or in the period after the last home: the home is that
  period. Charges that touch take consecutive periods whatever day they fall on: 30 January to 28 February, then
  1 to 29 March, then 30 March to 29 April are billed in January, February and March.
- GAP: its home lies later still, so the periods between have no charge; or the addition had an end, and a period after
  it was invoiced without the addition.
- OVERLAP: its home is billed by another charge already: it goes out once, on its own.
- EARLIER: a month before the one that drives the addition.

The life of an addition is cut into segments, each an addition with a marker of its own, where going on with the same
one would bill wrongly: after an end, across a gap, and where next month's values would reach into a period that is not
invoiced yet. Only the last segment is open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from services.billing.rules.line import Line
from services.billing.rules.persistent import Home, PersistentAddition
from services.contracts.invoicing.exact import ZERO
from services.contracts.invoicing.periods import AgreementTerms, add_days
from services.contracts.money import as_text

ENDED_EARLY = timedelta(days=3)
"""Months differ by as much in length: a charge that ended longer before its home did was a part of a cycle."""

NEW_VALUES = (
    "a new addition begins on {first}, because the one before has other values and its period is not invoiced yet"
)
AFTER_A_GAP = "a new addition begins on {first}, because the periods since {last} have no charge"
NOT_BILLED = (
    "a new addition begins on {first}, because the one before ended on {last} and what follows is invoiced already"
)
AFTER_AN_END = "a new addition begins, because the one before has ended"
CONTIGUOUS = "billed in the period from {first} to {last}, because it begins the day after the last charge ended"
INSIDE_ADOPTED = "the addition that a later month has adopted bills this period too"
NO_CHARGE = "{amount} {currency} was billed from {first} to {last} without a charge"
OTHER_AMOUNT = "{amount} {currency} is billed for it by the adopted addition; {total} was invoiced"


class Step(StrEnum):
    """How a charge goes on, see above."""

    FIRST = "first"
    SAME = "same"
    NEXT = "next"
    GAP = "gap"
    OVERLAP = "overlap"
    EARLIER = "earlier"


@dataclass(frozen=True, slots=True)
class Charge:
    """A recurring line, as far as its place depends on it."""

    line: Line
    start: date | None
    """By the rules or a user, before it is moved into its home."""
    amount: Decimal
    """What is to be billed for it."""
    money: str
    """See `spell_money`; empty where the amount is not known."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a recurring charge belongs in the life of its addition."""

    step: Step
    segment: int
    home: Home | None
    """None where nobody knows the agreement's billing periods."""
    running: PersistentAddition | None = None
    """The addition that carries it already, or that it goes on with; None where it begins one."""
    begins: date | None = None
    """The day on which the segment that it begins has to start."""
    ends: date | None = None
    """Last billed day of a segment that is over."""
    words: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def is_superseded(self) -> bool:
        """An addition carries it, with the values of a later charge."""
        return self.step is Step.EARLIER and self.running is not None

    @property
    def is_alone(self) -> bool:
        """No persistent addition can carry it: it goes out once."""
        return self.step is Step.OVERLAP or (self.step is Step.EARLIER and self.running is None)

    @property
    def is_advancing(self) -> bool:
        """Its home comes after every one that is known."""
        return self.step in (Step.NEXT, Step.GAP)


def find_place(charge: Charge, terms: AgreementTerms | None, known: PersistentAddition | None) -> Place:
    """The place of a charge.

    Args:
        known: the newest segment of its subscription on the agreement.
    """
    home = _find_home_of(charge.start, terms)
    if known is None:
        return Place(Step.FIRST, 1, home)
    own = find_own_segment(charge.line, known)
    if own is not None:
        return _stay(charge, home, own, known, terms)
    if home and (adopted := _find_adopted(home, known.segments)):
        return _leave_to_adopted(charge, home, adopted)
    if charge.line.period < known.period:
        return Place(Step.EARLIER, known.segment, home)
    if known.is_ended:
        return Place(Step.FIRST, known.segment + 1, home, words=(AFTER_AN_END,))
    return _go_on(charge, home, known, terms)


def find_own_segment(line: Line, known: PersistentAddition) -> PersistentAddition | None:
    """The segment that carries a line already; None where it was not sent, or sent as something else."""
    if line.sent_recurring and line.sent_marker is None:  # sent before markers were remembered
        return next((each for each in known.segments if each.is_driven_by(line)), known.segments[0])
    if line.sent_recurring:
        return known.find_segment(line.sent_marker)
    return known if known.is_driven_by(line) and not known.is_ended else None


def find_last_day(segment: PersistentAddition, terms: AgreementTerms | None) -> date | None:
    """Last billed day of a segment that is over: of its home, or the last that is invoiced; None where unknown."""
    if segment.is_ended:
        return segment.last_billed_day
    home = find_home(segment, terms)
    if home is None:
        return None
    last = _find_last_invoiced_day(segment, home.last, terms)
    return min(last, segment.ends_on) if segment.ends_on else last


def find_end_of_charge(place: Place, terms: AgreementTerms | None) -> date | None:
    """Last billed day of an addition that ends with its charge; None where nobody knows the billing periods.

    What the PSA has invoiced of it beyond that is billed, whatever its end says.
    """
    if place.home is None:
        return None
    running = place.running
    return _find_last_invoiced_day(running, place.home.last, terms) if running else place.home.last


def _find_last_invoiced_day(segment: PersistentAddition, last: date, terms: AgreementTerms | None) -> date:
    """Not before `last`: the last day that the PSA has invoiced while the addition billed."""
    invoiced = terms.closed_through if terms else None
    if invoiced is None or segment.waits_for_invoice(terms):
        return last
    return max(last, min(invoiced, segment.ends_on) if segment.ends_on else invoiced)


def find_home(segment: PersistentAddition, terms: AgreementTerms | None) -> Home | None:
    """The home of the charge that drives a segment; None where an older build did not remember it."""
    if segment.home or not segment.is_driven_by_its_first_row:
        return segment.home
    return _find_home_of(segment.effective_date, terms)


def _find_home_of(day: date | None, terms: AgreementTerms | None) -> Home | None:
    period = terms.period_of(day) if terms and day else None
    return Home(period.start, period.end) if period else None


def _stay(
    charge: Charge,
    home: Home | None,
    own: PersistentAddition,
    known: PersistentAddition,
    terms: AgreementTerms | None,
) -> Place:
    line = charge.line
    ends = find_last_day(own, terms) if own.is_ended or own is not known else None
    own_home = find_home(own, terms)
    if not own.is_driven_by(line) and _is_before(line, home, own, own_home):
        return Place(Step.EARLIER, own.segment, home, own, ends=ends)
    if own is known and own_home and terms and _reaches_back(charge, own, own_home, terms):
        return _begin(Step.NEXT, known, own_home, NEW_VALUES.format(first=own_home.first))
    begins = own_home.first if own_home and own.is_begun_by(line) and own.begins_with_its_home else None
    return Place(Step.SAME, own.segment, own_home or home, own, begins, ends)


def _reaches_back(charge: Charge, own: PersistentAddition, home: Home, terms: AgreementTerms) -> bool:
    """Whether new values of the row that drives a segment would bill the charges before it, which have other ones."""
    if own.is_ended or not own.is_driven_by(charge.line) or own.has_values(charge.money, charge.line.total):
        return False
    if own.charged_from is None or own.charged_from >= home.first or terms.is_invoiced(home.first):
        return False
    return not terms.is_invoiced(add_days(home.first, -1)) or own.waits_for_invoice(terms)


def _is_before(line: Line, home: Home | None, own: PersistentAddition, own_home: Home | None) -> bool:
    if own.period != line.period:
        return own.period > line.period
    return home is not None and own_home is not None and home.first < own_home.first


def _find_adopted(home: Home, segments: Sequence[PersistentAddition]) -> PersistentAddition | None:
    """An addition made by hand that bills a period before the first charge that it was adopted for."""
    for each in segments:
        if each.charged_from and each.effective_date <= home.last and home.last < each.charged_from:
            return each
    return None


def _leave_to_adopted(charge: Charge, home: Home, adopted: PersistentAddition) -> Place:
    amount, total = as_text(adopted.amount), as_text(charge.amount)
    differs = OTHER_AMOUNT.format(amount=amount, currency=charge.line.currency, total=total)
    warnings = (differs,) if adopted.amount != charge.amount else ()
    return Place(Step.EARLIER, adopted.segment, home, adopted, words=(INSIDE_ADOPTED,), warnings=warnings)


def _begin(step: Step, known: PersistentAddition, home: Home, words: str, warnings: tuple[str, ...] = ()) -> Place:
    return Place(step, known.segment + 1, home, begins=home.first, words=(words,), warnings=warnings)


def _go_on(charge: Charge, home: Home | None, known: PersistentAddition, terms: AgreementTerms | None) -> Place:
    last = find_home(known, terms)
    if last is None or home is None or terms is None:
        return Place(Step.NEXT, known.segment, home, known)  # nothing can be compared
    following = _find_home_of(add_days(last.last, 1), terms) or last
    words: tuple[str, ...] = ()
    if _touches(charge, known, home, last) and home != following:
        home = following
        words = (CONTIGUOUS.format(first=home.first, last=home.last),)
    if home.first <= last.first:
        return _overlap(charge.line, home, last, known, terms)
    is_over = not known.bills_on(home.first) and terms.is_invoiced(following.first)
    if is_over or _would_catch_up(known, terms):
        return _begin(Step.GAP, known, home, NOT_BILLED.format(first=home.first, last=known.ends_on))
    if home.first > following.first:
        return _leap(charge.line, home, last, known, terms)
    is_whole = not terms.facts.is_prorated
    has_same_values = known.has_values(charge.money, charge.amount, may_change_form=is_whole)
    if has_same_values or (terms.is_invoiced(last.first) and not known.waits_for_invoice(terms)):
        return Place(Step.NEXT, known.segment, home, known, words=words)
    return _begin(Step.NEXT, known, home, NEW_VALUES.format(first=home.first))


def _touches(charge: Charge, known: PersistentAddition, home: Home, last: Home) -> bool:
    """Whether it begins the day after the last charge ended, and that was no part of a cycle within its home."""
    line = charge.line
    if known.charge_end is None or line.charge_start != add_days(known.charge_end, 1) or line.user_start:
        return False
    return home.first > last.first or known.charge_end + ENDED_EARLY >= last.last


def _overlap(line: Line, home: Home, last: Home, known: PersistentAddition, terms: AgreementTerms) -> Place:
    is_same_month = line.period == known.period
    if is_same_month and home.first == last.first and not terms.is_invoiced(last.first):
        return Place(Step.SAME, known.segment, last, known)
    return Place(Step.OVERLAP, known.segment, home)


def _leap(line: Line, home: Home, last: Home, known: PersistentAddition, terms: AgreementTerms) -> Place:
    if terms.is_invoiced(home.first) and not known.waits_for_invoice(terms):
        # By the addition that was open all the time: it goes on.
        warnings = _name_uncharged(line, known, last, add_days(home.first, -1), terms)
        return Place(Step.GAP, known.segment, home, known, warnings=warnings)
    closed = find_last_day(known, terms) or last.last
    words = AFTER_A_GAP.format(first=home.first, last=last.last)
    return _begin(Step.GAP, known, home, words, _name_uncharged(line, known, last, closed, terms))


def _name_uncharged(
    line: Line, known: PersistentAddition, home: Home, through: date, terms: AgreementTerms
) -> tuple[str, ...]:
    """The money of the invoiced periods after a home, as a warning."""
    billed: Decimal = ZERO
    period = terms.period_of(add_days(home.last, 1))
    while period and period.start <= through:
        billed += known.amount
        period = terms.period_after(period)
    if not billed:
        return ()
    first = add_days(home.last, 1)
    return (NO_CHARGE.format(amount=as_text(billed), currency=line.currency, first=first, last=through),)


def _would_catch_up(known: PersistentAddition, terms: AgreementTerms) -> bool:
    """Whether an addition without its end would bill days that were invoiced since it ended, as where it prorates."""
    invoiced = terms.closed_through
    return terms.catches_up and known.ends_on is not None and invoiced is not None and known.ends_on < invoiced
