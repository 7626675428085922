"""Whether a charge belongs on the persistent addition of its subscription, or bills once on its own.

The PSA bills an open addition every billing cycle. That is right only for a charge of exactly one
cycle; any other would bill too often or too seldom, so it goes as a one-time charge and the money stays exact.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from services.billing.rules.line import Line
from services.billing.rules.model import WhenLonger
from services.contracts.invoicing.periods import AgreementTerms, add_days, add_months
from services.contracts.vocabulary import ChargeType, HoldReason

# Month lengths differ by up to three days (28 to 31), and an upstream cycle may be anchored on any of them.
TOLERANCE = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Recurrence:
    """The decision, in words where it departs from the charge type, and with a reason where it needs a person."""

    is_recurring: bool
    words: tuple[str, ...] = ()
    reasons: tuple[HoldReason, ...] = ()


def _once(words: str) -> Recurrence:
    return Recurrence(is_recurring=False, words=(f"one-time: {words}",))


RECURRING = Recurrence(is_recurring=True)
ONE_TIME = Recurrence(is_recurring=False)
CUSTOM = _once("rows of a custom invoice do not change what recurs")
NO_SUBSCRIPTION = _once("the line has no subscription of its own")
NOT_RECURRING = _once("the agreement does not recur, so what is on it bills once")
NOT_DRIVING = _once("another charge of this period, a longer, larger or later one, drives the subscription's addition")
TOO_LONG = _once("the charge covers more than one billing cycle of the agreement")
TOO_SHORT = _once("the charge covers less than one billing cycle of the agreement")
LATER_MONTH = _once("a later month's charge drives the subscription's addition")
OVERLAPS = _once("its billing period is billed by another charge of the subscription already")
SENT_ONCE = _once("it was sent so, and as part of the subscription's addition it would bill twice")
TOO_LATE = _once("its own period is invoiced, so the subscription's addition cannot bill it any more")
TOO_LONG_HELD = Recurrence(is_recurring=True, reasons=(HoldReason.LONGER_THAN_CYCLE,))


def decide_recurrence(
    line: Line, charge_type: ChargeType | None, terms: AgreementTerms | None, when_longer: WhenLonger
) -> Recurrence:
    """How a line goes out, as far as its kind, its charge period and its agreement decide."""
    if charge_type is None or not charge_type.is_recurring:
        return ONE_TIME
    if line.is_custom:
        return CUSTOM
    if not line.subscription_id:
        return NO_SUBSCRIPTION
    if terms is not None and not terms.is_recurring:
        return NOT_RECURRING
    if not line.drives:
        return NOT_DRIVING
    return _compare_with_cycle(line, terms, when_longer)


def _compare_with_cycle(line: Line, terms: AgreementTerms | None, when_longer: WhenLonger) -> Recurrence:
    limit = end_of_cycle(line.charge_start, terms)
    if terms is None or limit is None or line.charge_end is None:
        return RECURRING
    if line.charge_end - limit > TOLERANCE:
        return TOO_LONG if when_longer is WhenLonger.ONE_TIME else TOO_LONG_HELD
    # On a monthly agreement a short charge is the prorated first month of a subscription that goes on.
    if terms.cycle_months > 1 and limit - line.charge_end > TOLERANCE:
        return TOO_SHORT
    return RECURRING


def end_of_cycle(start: date | None, terms: AgreementTerms | None) -> date | None:
    """Last day of a charge of exactly one billing cycle; None where its start or the cycle is not known."""
    if terms is None or start is None:
        return None
    if terms.cycle_weeks:
        return add_days(start, 7 * terms.cycle_weeks - 1)
    return add_days(add_months(start, terms.cycle_months), -1) if terms.cycle_months else None


def is_part_of_cycle(line: Line, terms: AgreementTerms | None) -> bool:
    """Whether a charge covers less than a billing cycle of its agreement."""
    limit = end_of_cycle(line.charge_start, terms)
    return limit is not None and line.charge_end is not None and limit - line.charge_end > TOLERANCE


def is_longer_than_cycle(line: Line, terms: AgreementTerms | None) -> bool:
    """Whether a charge covers more than a billing cycle of its agreement."""
    limit = end_of_cycle(line.charge_start, terms)
    return limit is not None and line.charge_end is not None and line.charge_end - limit > TOLERANCE


def measure_period(first: date | None, last: date | None) -> tuple[int, int]:
    """Length of a charge period in whole months and days beyond them; none where an end of it is missing."""
    if first is None or last is None or last < first:
        return 0, 0
    following = add_days(last, 1)
    months = (following.year - first.year) * 12 + following.month - first.month
    if add_months(first, months) > following:
        months -= 1
    return months, (following - add_months(first, months)).days
