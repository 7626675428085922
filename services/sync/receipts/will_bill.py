"""What the PSA will bill from additions of ours, beside what AppXite charges: expected, and every difference. Pure.

A line's addition is followed through the billing periods that bill the line, or through its whole life where it is
a one-time one. What was invoiced counts as invoiced. An addition behind which the plan has no charge is followed
through the periods of the plan: those not invoiced yet that begin on or before the month's last day, and after the
last day that lines have been charged for. What such periods of the month have billed already is a difference of its
own, because only a credit takes it back. What cannot be forecast is a difference over its whole money.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from services.contracts.invoicing.bills import BilledAddition, bill_as_shown, bill_period, list_periods
from services.contracts.invoicing.exact import ZERO
from services.contracts.invoicing.periods import AgreementTerms, BillingPeriod, add_days
from services.contracts.money import show_money
from services.contracts.periods import days_of
from services.contracts.shapes import AgreementFacts, DesiredAddition, PsaTraits
from services.contracts.vocabulary import BillOption
from services.sync.additions.history import History, find_held
from services.sync.psas.addition import Addition, AdditionValues
from services.sync.receipts import reasons
from services.sync.receipts.reasons import Explained, Standing, Subject
from services.sync.receipts.schemas import Difference, DifferenceKind

LONGEST_MONTH = 31  # days

AccountKey = tuple[str, str]
"""Organization (its id, or its name where no id is known) and currency."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A line's addition as read back.

    Args:
        held: None where what was invoiced is gone from the PSA since.
        before: what it held when the plan was computed.
        is_listed: the line is listed as not sent, so it pays for nothing that the addition bills.
        history: what it held while earlier periods were invoiced.
    """

    desired: DesiredAddition
    addition_id: str | None
    held: AdditionValues | None
    before: AdditionValues | None = None
    is_listed: bool = False
    shown: Decimal | None = None
    """What the PSA itself shows for the billing period in which the addition begins; it stands above a forecast."""
    history: History = ()
    invoiced_before: date | None = None
    """The agreement's first day that was not invoiced when it was made; None where that is not known."""

    @property
    def subject(self) -> Subject:
        desired = self.desired
        return Subject(
            organization_id=desired.organization_id,
            organization=desired.organization,
            agreement=desired.agreement,
            agreement_id=desired.agreement_id,
            addition_id=self.addition_id,
            subscription=desired.subscription,
            currency=desired.currency,
        )


class Loss(StrEnum):
    """Whether a line stays behind although the addition was sent for it: that charge pays for nothing any more."""

    NONE = "none"
    NEWEST = "newest"  # the line that it was sent for last
    OLDER = "older"  # one of the plan's month, while a later line is charged


@dataclass(frozen=True, slots=True)
class Unclaimed:
    """An addition of ours behind which the plan has no charge, or none after the billing periods of its lines.

    Args:
        charged_from, charged_through: the billing periods that its newest line is charged for; None where not known.
        has_lines: lines of the plan stand behind it, and what cannot be forecast is a difference of theirs.
    """

    addition: Addition
    subject: Subject
    is_recurring: bool
    charged_from: date | None
    charged_through: date | None
    standing: Standing
    loss: Loss = Loss.NONE
    has_lines: bool = False
    history: History = ()
    invoiced_before: date | None = None
    until: date | None = None
    """The last day before the next billing period that a line is charged for; None without one."""

    def has_paid_for(self, period: BillingPeriod) -> bool:
        """Whether the charge of a line of the plan stood behind a billing period, and does no more.

        Nobody but the receipt of that line's month speaks of it, whichever month the period is in.
        """
        if self.loss is not Loss.NEWEST or self.charged_from is None or self.charged_through is None:
            return False
        return self.charged_from <= period.end and period.start <= self.charged_through


@dataclass(frozen=True, slots=True)
class Grounds:
    """Everything that a forecast is made from.

    Args:
        unlisted_from: first day of the earliest month of which no receipt speaks yet; None for the plan's own month.
    """

    period: str
    claims: Sequence[Claim]
    unclaimed: Sequence[Unclaimed]
    agreements: Mapping[str, AgreementFacts]
    traits: PsaTraits
    unlisted_from: date | None = None

    def speak_of(self, invoiced: BillingPeriod) -> bool:
        """Whether this receipt speaks of a billing period that is invoiced: receipts of other months name the rest.

        It begins in the month, or in one before that has no receipt; where a cycle is longer than a month, it holds
        the month's first day.
        """
        first, last = days_of(self.period)
        holds = invoiced.start < first <= invoiced.end and invoiced.full_days > LONGEST_MONTH
        return holds or (self.unlisted_from or first) <= invoiced.start <= last


@dataclass(slots=True)
class Expected:
    """One customer in one currency. What is sent as not billable is no difference: it was meant to bill nothing."""

    organization: str = ""
    billed: Decimal = ZERO
    not_billable: Decimal = ZERO
    differing: Decimal = ZERO
    differences: int = 0


@dataclass(slots=True)
class WillBill:
    accounts: dict[AccountKey, Expected] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)

    def account(self, subject: Subject) -> Expected:
        key = (subject.organization_id or subject.organization, subject.currency)
        return self.accounts.setdefault(key, Expected(subject.organization))

    def add(self, kind: DifferenceKind, subject: Subject, charged: Decimal, expected: Decimal, said: Explained) -> None:
        account, amount = self.account(subject), expected - charged
        account.differing += amount
        account.differences += 1
        self.differences.append(
            Difference(
                kind=kind,
                organization=subject.organization,
                organization_id=subject.organization_id,
                agreement=subject.agreement,
                agreement_id=subject.agreement_id,
                addition_id=subject.addition_id,
                subscription=subject.subscription,
                currency=subject.currency,
                amount=show_money(amount, subject.currency),
                charged=show_money(charged, subject.currency),
                expected=show_money(expected, subject.currency),
                reason=said.reason,
                next_step=said.next_step,
            )
        )


@dataclass(frozen=True, slots=True)
class _Forecast:
    """What was found for one addition; `why` is empty where it could be forecast."""

    expected: Decimal
    kind: DifferenceKind | None = None
    why: str = ""


def forecast_bills(grounds: Grounds) -> WillBill:
    """What every addition will bill, and each difference from what AppXite charges."""
    terms = {agreement_id: AgreementTerms(facts, grounds.traits) for agreement_id, facts in grounds.agreements.items()}
    found = WillBill()
    for claim in grounds.claims:
        _add_claim(found, claim, terms.get(claim.desired.agreement_id), grounds)
    for each in grounds.unclaimed:
        _add_unclaimed(found, each, terms.get(each.addition.agreement_id), grounds)
    return found


def _add_claim(found: WillBill, claim: Claim, terms: AgreementTerms | None, grounds: Grounds) -> None:
    desired, subject = claim.desired, claim.subject
    charged = ZERO if claim.is_listed else desired.for_its_line
    if desired.bill_option is not BillOption.BILLABLE and not claim.is_listed:
        found.account(subject).not_billable += charged
        return
    forecast = _forecast_claim(claim, terms, grounds.period)
    expected = forecast.expected
    kind = forecast.kind or (DifferenceKind.MORE if expected > charged else DifferenceKind.LESS)
    found.account(subject).billed += expected
    if expected == charged:
        return
    if claim.is_listed and kind is not DifferenceKind.NOT_FORECAST:
        said = reasons.explain_listed(subject, expected)
    else:
        said = reasons.explain_line(kind, subject, charged, expected, forecast.why, grounds.traits.label)
    if desired.marked_up and not claim.is_listed:
        said = reasons.name_markup(said, subject, desired.marked_up)
    found.add(kind, subject, charged, expected, said)


def _forecast_claim(claim: Claim, terms: AgreementTerms | None, period: str) -> _Forecast:
    desired = claim.desired
    if desired.is_frozen or desired.billed_amount is not None:
        is_written_off = terms is not None and desired.bills_from and terms.is_written_off(desired.bills_from)
        return _Forecast(ZERO, DifferenceKind.WRITTEN_OFF) if is_written_off else _Forecast(desired.for_its_line)
    if claim.held is None:
        return _Forecast(ZERO)
    held = claim.held.as_billed(desired.currency, desired.effective_date)
    if terms is None:
        return _cannot(claim, held, "nobody knows the terms of its agreement")
    if not desired.is_recurring and held.end is None:
        return _cannot(claim, held, "a charge that bills once has no last day")
    periods = list_periods(terms, *_find_days(desired, held, period))
    if periods is None:
        cycle = terms.facts.billing_cycle
        return _cannot(claim, held, f"the billing periods of its agreement ({cycle}) are not known")
    return _bill_periods(claim, held, terms, periods)


def _find_days(desired: DesiredAddition, held: BilledAddition, period: str) -> tuple[date, date]:
    """First and last day of what bills the line: the periods of its charge, or a one-time addition's whole life.

    A plan that does not name the periods was computed by an older build: a recurring line's are the month's then.
    """
    if not desired.is_recurring and held.end is not None:
        return held.start, held.end
    if desired.bills_from is not None and desired.bills_through is not None:
        return desired.bills_from, desired.bills_through
    first = max(held.start, days_of(period)[0])
    return first, first


def _bill_periods(
    claim: Claim, held: BilledAddition, terms: AgreementTerms, periods: Sequence[BillingPeriod]
) -> _Forecast:
    """Invoiced periods billed what stood before the push, those written off nothing; others bill what stands now."""
    before = claim.before.as_billed(held.currency, held.start) if claim.before else held
    expected, as_invoiced, lost, touched, is_prorated = ZERO, ZERO, ZERO, 0, False
    for period in periods:
        billed = _bill_now(claim, held, terms, period)
        expected += billed
        if terms.is_written_off(period.start):
            lost += billed
        elif terms.is_invoiced(period.start) and not terms.will_catch_up(claim.invoiced_before):
            stood = find_held(claim.history, period.start)
            then = stood.as_billed(held.currency, held.start) if stood else before
            as_invoiced += billed if then == held else bill_period(then, terms, period)
        else:
            as_invoiced += billed
        if held.touches(period):
            touched += 1
            is_prorated = is_prorated or billed != held.in_full
    if lost:
        return _Forecast(as_invoiced, DifferenceKind.WRITTEN_OFF)
    if as_invoiced != expected:
        return _Forecast(as_invoiced, DifferenceKind.ALREADY_INVOICED)
    forecast = sum((bill_period(held, terms, period) for period in periods), ZERO)
    if forecast != expected:
        return _Forecast(expected, why=reasons.explain_own_word(claim.shown, expected - forecast))
    return _Forecast(expected, why=reasons.explain_periods(touched, is_prorated=is_prorated))


def _bill_now(claim: Claim, held: BilledAddition, terms: AgreementTerms, period: BillingPeriod) -> Decimal:
    """What a period bills as it stands: what the PSA shows for it, where it shows anything, else the forecast.

    A new addition is not billed for invoiced periods, where the PSA catches up on no days.
    """
    is_new = claim.before is None and terms.facts.is_prorated
    if is_new and terms.is_invoiced(period.start) and not terms.psa.catches_up:
        return ZERO
    return bill_as_shown(held, terms, period, claim.shown)


def _cannot(claim: Claim, held: BilledAddition, why: str) -> _Forecast:
    """No forecast: the whole charge is a difference, or a whole period where no charge pays for it."""
    return _Forecast(held.in_full if claim.is_listed else ZERO, DifferenceKind.NOT_FORECAST, why)


def _add_unclaimed(found: WillBill, each: Unclaimed, terms: AgreementTerms | None, grounds: Grounds) -> None:
    addition = each.addition.values.as_billed(each.subject.currency, days_of(grounds.period)[0])
    first, last = _find_uncharged(each, addition, terms, grounds.period)
    is_over = max(first, addition.start) > last or (addition.end is not None and addition.end < first)
    if addition.bill_option != BillOption.BILLABLE.value or addition.is_empty or is_over:
        return
    periods = list_periods(terms, max(first, addition.start), last) if terms else None
    if periods is None or terms is None:
        if not each.has_lines:
            _add_uncharged(found, each, DifferenceKind.NOT_FORECAST, addition.in_full, grounds)
        return
    uncharged = [period for period in periods if period.start >= first]
    coming = [period for period in uncharged if not terms.is_invoiced(period.start)]
    invoiced = [
        period
        for period in uncharged
        if terms.is_invoiced(period.start) and not terms.is_written_off(period.start)
        if each.has_paid_for(period) or grounds.speak_of(period)
    ]
    if terms.will_catch_up(each.invoiced_before):
        coming, invoiced = [*invoiced, *coming], []
    _add_uncharged(found, each, each.standing.kind, _bill(addition, terms, coming), grounds)
    if each.charged_through is not None:
        billed = sum((_bill_invoiced(each, addition, terms, period) for period in invoiced), ZERO)
        _add_uncharged(found, each, DifferenceKind.ALREADY_INVOICED, billed, grounds)


def _bill(addition: BilledAddition, terms: AgreementTerms, periods: Sequence[BillingPeriod]) -> Decimal:
    return sum((bill_period(addition, terms, period) for period in periods), ZERO)


def _bill_invoiced(each: Unclaimed, addition: BilledAddition, terms: AgreementTerms, period: BillingPeriod) -> Decimal:
    """What an invoiced period has billed, with what stood there then."""
    stood = find_held(each.history, period.start)
    return bill_period(stood.as_billed(addition.currency, addition.start) if stood else addition, terms, period)


def _add_uncharged(found: WillBill, each: Unclaimed, kind: DifferenceKind, expected: Decimal, grounds: Grounds) -> None:
    if not expected:
        return
    found.account(each.subject).billed += expected
    psa = grounds.traits.label
    said = reasons.explain_unclaimed(kind, each.subject, expected, each.standing, grounds.period, psa)
    found.add(kind, each.subject, ZERO, expected, said)


def _find_uncharged(
    each: Unclaimed, addition: BilledAddition, terms: AgreementTerms | None, period: str
) -> tuple[date, date]:
    """First and last day between which billing periods begin that no line has been charged for.

    Where an older build wrote the addition, nobody knows how far lines were charged: then that is up to the billing
    period that holds the month's first day, and a one-time addition counts as charged for its whole life.
    """
    first, last = days_of(period)
    through = each.charged_through
    if each.loss is not Loss.NONE and not each.is_recurring and addition.end is not None:
        return date.min, addition.end
    if each.loss is Loss.NEWEST and each.charged_from is not None:
        return each.charged_from, max(last, through or last)
    if each.loss is Loss.NONE and through is not None:
        return add_days(through, 1), min(last, each.until or last)
    if not each.is_recurring and addition.end is not None:
        return max(first, add_days(addition.end, 1)), last
    holding = terms.period_of(first) if terms and terms.is_recurring else None
    return holding.start if holding else first, last
