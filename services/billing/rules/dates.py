"""When a charge starts and ends on its agreement, and why.

A user's date beats a rule's, a rule's beats the default. The defaults: a recurring charge starts as invoiced and stays
open, or ends with the billing period charged where the rules say so; a one-time charge stays inside one billing period,
so that it bills once. On an agreement that prorates by days the default start is the first day of its billing period,
because the marketplace has prorated already. Dates of rules and defaults are moved to where the PSA takes them and
still bills them; a user's date is never moved: it holds the line.
"""

from dataclasses import dataclass
from datetime import date

from services.billing.rules.date_rules import Anchors, DatePolicy, apply_rule
from services.billing.rules.line import DateValue, Line
from services.billing.rules.model import WhenInvoiced
from services.billing.rules.open_period import find_open_period, name_open_period, spell_days
from services.contracts.invoicing.periods import AgreementTerms
from services.contracts.vocabulary import HoldReason, Provenance

AS_INVOICED = "as invoiced"
BY_USER = "set by a user"
STAYS_OPEN = "open: a recurring charge runs until its subscription ends"
WITH_ITS_PERIOD = "last day of the billing period that bills it; the next month's charge extends it"
ONCE = "last day of the billing period, so that it bills once"
WHOLE_PERIOD = "whole billing period, because the agreement prorates by days and the marketplace has prorated already"

OF_ITS_HOME = "first day of the billing period that bills it"

Trouble = tuple[HoldReason, ...]


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What dates depend on besides the line and its rules."""

    terms: AgreementTerms | None
    is_recurring: bool
    is_running: bool
    """The persistent addition of the subscription exists already, and keeps its own start."""
    billing_day: int | None
    when_invoiced: WhenInvoiced
    begins: date | None = None
    """First day of the home of a charge that begins a new segment: it starts there."""
    ends: date | None = None
    """Last billed day of a recurring charge whose addition ends with it, by rule; None leaves it open."""

    def is_invoiced(self, day: date) -> bool:
        """Whether the PSA refuses a day, or has invoiced it without the charge.

        Where the PSA takes an invoiced day, it may still never bill a one-time charge there. One that recurs bills on.
        """
        terms = self.terms
        if terms is None:
            return False
        is_refused = terms.closed_before is not None and day < terms.closed_before
        is_lost = not self.is_recurring or terms.refuses_invoiced_dates
        return is_refused or (is_lost and terms.is_invoiced(day))


@dataclass(frozen=True, slots=True)
class ChargeDates:
    """Start and end of a charge, and what is wrong with them."""

    start: DateValue
    end: DateValue
    reasons: Trouble


def date_charge(line: Line, start: DatePolicy | None, end: DatePolicy | None, around: Circumstances) -> ChargeDates:
    """Both dates of a line with provenance, explanation and the reasons to hold it."""
    first, reasons = _date_start(line, start, around)
    last = _date_end(line, first.value, end, around)
    if _lies_before(last, first) and _is_moved(line, first, start, around):
        last = _date_end(line, first.value, None, around)
    if _lies_before(last, first):
        reasons = (*reasons, HoldReason.END_BEFORE_START)
    return ChargeDates(first, last, reasons)


def starts_too_late(line: Line, policy: DatePolicy | None, around: Circumstances) -> bool:
    """Whether a rule's or default start lies in a period that the PSA has invoiced without it."""
    if line.user_start is not None or around.is_running:
        return False
    day, _ = _first_choice(line, policy, around)
    return day is not None and around.is_invoiced(day)


def find_start(line: Line, policy: DatePolicy | None, around: Circumstances) -> date | None:
    """The day that a user or the rules give a charge, not before the agreement bills."""
    day = line.user_start or _first_choice(line, policy, around)[0]
    return max(day, around.terms.facts.billing_start) if day and around.terms else day


def _lies_before(end: DateValue, start: DateValue) -> bool:
    return start.value is not None and end.value is not None and end.value < start.value


def _is_moved(line: Line, start: DateValue, policy: DatePolicy | None, around: Circumstances) -> bool:
    # The end that a rule computes belongs to the day that the start was moved away from.
    if around.is_recurring or line.user_start is not None or line.user_end is not None:
        return False
    return start.value != _first_choice(line, policy, around)[0]


def _date_start(line: Line, policy: DatePolicy | None, around: Circumstances) -> tuple[DateValue, Trouble]:
    system, words = _system_start(line, policy, around)
    day, provenance = system, Provenance.SYSTEM if policy or system != line.charge_start else Provenance.SOURCE
    if line.user_start is not None:
        day, provenance, words = line.user_start, Provenance.USER, BY_USER
    trouble = _find_start_trouble(line, day, around)
    if HoldReason.PERIOD_ALREADY_INVOICED in trouble:
        words = f"{words}; {name_open_period(around.terms)}"
    return DateValue(day, provenance, words, line.charge_start, system, line.user_start), trouble


def _find_start_trouble(line: Line, day: date | None, around: Circumstances) -> Trouble:
    if day is None:
        return (HoldReason.DATES_MISSING,)
    if around.is_running and line.user_start is None:
        return ()
    if around.terms is not None and day < around.terms.facts.billing_start:
        return (HoldReason.STARTS_BEFORE_BILLING,)
    return (HoldReason.PERIOD_ALREADY_INVOICED,) if around.is_invoiced(day) else ()


def _first_choice(line: Line, policy: DatePolicy | None, around: Circumstances) -> tuple[date | None, str]:
    if around.begins is not None:
        return around.begins, OF_ITS_HOME
    if policy is None:
        return line.charge_start, AS_INVOICED
    return _follow(policy, line, line.charge_start, around)


def _system_start(line: Line, policy: DatePolicy | None, around: Circumstances) -> tuple[date | None, str]:
    day, words = _first_choice(line, policy, around)
    terms = around.terms
    if day is None or terms is None:
        return day, words
    if day < terms.facts.billing_start:
        day, words = terms.facts.billing_start, f"{words}; moved to the billing start of the agreement"
    if around.is_running:
        return day, words
    start = (day, words)
    if terms.facts.is_prorated and policy is None:
        start = _start_of_period(day, words, terms, around)
    if around.when_invoiced is WhenInvoiced.NEXT_OPEN_PERIOD and around.is_invoiced(start[0]):
        return _start_of_open_period(day, words, terms)
    return start


def _start_of_open_period(day: date, words: str, terms: AgreementTerms) -> tuple[date, str]:
    period = find_open_period(terms)
    if period is None:
        return day, words
    return period.start, f"{words}; moved to {spell_days(period)}, the next period that is not invoiced yet"


def _start_of_period(day: date, words: str, terms: AgreementTerms, around: Circumstances) -> tuple[date, str]:
    period = terms.period_of(day)
    if period and not period.is_whole and not around.is_recurring:
        period = terms.period_after(period)  # in a first, short one the PSA would prorate once more
    if period is None or period.start == day:
        return day, words
    return period.start, f"{words}; moved to cover the {WHOLE_PERIOD}"


def _date_end(line: Line, start: date | None, policy: DatePolicy | None, around: Circumstances) -> DateValue:
    system, words = _system_end(line, start, policy, around)
    if line.user_end is not None:
        return DateValue(line.user_end, Provenance.USER, BY_USER, line.charge_end, system, line.user_end)
    provenance = Provenance.SYSTEM if policy or system != line.charge_end else Provenance.SOURCE
    return DateValue(system, provenance, words, line.charge_end, system, None)


def _system_end(
    line: Line, start: date | None, policy: DatePolicy | None, around: Circumstances
) -> tuple[date | None, str]:
    if policy is None:
        return _end_by_default(line, start, around)
    if not policy.is_open:
        return _follow(policy, line, line.charge_end, around)
    if around.is_recurring:
        return None, policy.words
    day, words = _end_once(line, start, around.terms)
    return day, f"{words} ({policy.words} is for recurring charges: a one-time charge bills once)"


def _end_by_default(line: Line, start: date | None, around: Circumstances) -> tuple[date | None, str]:
    if not around.is_recurring:
        return _end_once(line, start, around.terms)
    return (None, STAYS_OPEN) if around.ends is None else (around.ends, WITH_ITS_PERIOD)


def _end_once(line: Line, start: date | None, terms: AgreementTerms | None) -> tuple[date | None, str]:
    period = terms.period_of(start) if terms and start else None
    if terms is None or start is None or period is None:
        return line.charge_end, AS_INVOICED
    end = line.charge_end
    if terms.facts.is_prorated:
        return period.end, AS_INVOICED if end == period.end else WHOLE_PERIOD
    if end is not None and start <= end <= period.end:
        return end, AS_INVOICED
    return period.end, ONCE


def _follow(policy: DatePolicy, line: Line, source: date | None, around: Circumstances) -> tuple[date | None, str]:
    next_invoice = around.terms.facts.next_invoice_date if around.terms else None
    day = apply_rule(policy.rule, Anchors(line.invoice_date, source, around.billing_day, next_invoice))
    if day is None:
        return source, f"{AS_INVOICED} ({policy.words}: there is nothing to count from)"
    return day, policy.words
