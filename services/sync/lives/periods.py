"""What each billing period of an agreement billed, or will bill, from one addition. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.contracts.invoicing.bills import bill_period, list_periods
from services.contracts.invoicing.exact import ZERO
from services.contracts.invoicing.periods import AgreementTerms, BillingPeriod, add_days, add_months
from services.contracts.money import show_money
from services.sync.additions.written import Written
from services.sync.lives.schemas import LifeCharge, LifePeriod
from services.sync.lives.sightings import SentCharge, Sighting, find_charges, find_invoiced_values

PERIODS_AHEAD = 3
MONTHS_BACK = 24

NOT_KEPT = "What was billed is not known: no push of that time has kept what the addition held."
NOBODY_KNOWS_CHARGES = "Which lines were charged is not known: an older version sent them."
NO_CHARGE = "No line was sent for this period."
NOT_CHARGED_YET = "No line has come for this period yet."
GONE = "The PSA no longer has the addition, so it bills nothing."
SPANS = "The charge is for several billing periods, through {last}."
CONTINUES = "Charged together with an earlier billing period."


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one addition.

    Args:
        sightings: oldest first.
        numbers: invoice id → invoice number.
    """

    written: Written
    sightings: Sequence[Sighting]
    terms: AgreementTerms
    today: date
    numbers: Mapping[str, str]

    @property
    def first_day(self) -> date:
        """From when on it is ours: an adopted addition has billed by hand before."""
        sent = [each.desired.bills_from for each in self.sightings if each.desired and each.desired.bills_from]
        start = self.written.values.effective_date or self.written.wanted_effective_date
        return max(start, min(sent)) if sent else start

    @property
    def earliest_day(self) -> date:
        """Billing periods that end before it are left out."""
        return add_months(self.today, -MONTHS_BACK)


def list_life_periods(known: Known) -> list[LifePeriod] | None:
    """The billing periods that an addition bills, up to some ahead; None where nobody knows the agreement's."""
    charges = find_charges(known.sightings)
    periods = list_periods(known.terms, *_find_days(known))
    return None if periods is None else [_tell(known, each, charges) for each in periods]


def _find_days(known: Known) -> tuple[date, date]:
    written, facts = known.written, known.terms.facts
    last = _look_ahead(known.terms, known.today)
    for end in (written.values.cancelled_date, facts.end_date):
        last = min(last, end) if end else last
    return max(known.first_day, known.earliest_day), last


def _look_ahead(terms: AgreementTerms, today: date) -> date:
    period = terms.period_of(max(today, terms.facts.billing_start))
    last = period.end if period else today
    for _ in range(PERIODS_AHEAD):
        period = terms.period_after(period) if period else None
        last = period.end if period else last
    return last


def _tell(known: Known, period: BillingPeriod, charges: Sequence[SentCharge] | None) -> LifePeriod:
    currency = known.written.currency
    is_invoiced = known.terms.is_invoiced(period.start)
    amount = _bill(known, period, is_invoiced=is_invoiced)
    own = [each for each in charges or () if period.start <= each.first <= period.end]
    charged = sum((each.amount for each in own), ZERO) if own else None
    words = _explain(known, period, charges, is_invoiced=is_invoiced, amount=amount)
    difference = _compare(amount, charged, is_invoiced=is_invoiced, is_comparable=words in ("", NO_CHARGE, GONE))
    return LifePeriod(
        starts_on=period.start,
        ends_on=period.end,
        is_current=period.start <= known.today <= period.end,
        is_invoiced=is_invoiced,
        amount=_show(amount, currency),
        charges=[_charge(each, known) for each in own],
        charged=_show(charged, currency),
        difference=_show(difference, currency),
        words=words,
    )


def _bill(known: Known, period: BillingPeriod, *, is_invoiced: bool) -> Decimal | None:
    written = known.written
    if not is_invoiced and written.is_gone:
        return ZERO
    values = find_invoiced_values(known.sightings, period.start) if is_invoiced else written.values
    if values is None:
        return None
    return bill_period(values.as_billed(written.currency, written.wanted_effective_date), known.terms, period)


def _explain(
    known: Known,
    period: BillingPeriod,
    charges: Sequence[SentCharge] | None,
    *,
    is_invoiced: bool,
    amount: Decimal | None,
) -> str:
    """What stands in the way of comparing, the heaviest first; empty where nothing does."""
    if amount is None:
        return NOT_KEPT
    if known.written.is_gone and not is_invoiced:
        return GONE
    if charges is None:
        return NOBODY_KNOWS_CHARGES
    here = [each for each in charges if period.start <= each.first <= period.end]
    if not here:
        return _explain_without_charge(charges, period, is_invoiced=is_invoiced)
    last = max(each.last for each in here)
    return SPANS.format(last=last) if last > period.end else ""


def _explain_without_charge(charges: Sequence[SentCharge], period: BillingPeriod, *, is_invoiced: bool) -> str:
    if any(each.first < period.start <= each.last for each in charges):
        return CONTINUES
    return NO_CHARGE if is_invoiced else NOT_CHARGED_YET


def _compare(
    amount: Decimal | None, charged: Decimal | None, *, is_invoiced: bool, is_comparable: bool
) -> Decimal | None:
    if amount is None or not is_comparable or (charged is None and not is_invoiced):
        return None
    return amount - (charged or ZERO)


def _charge(sent: SentCharge, known: Known) -> LifeCharge:
    return LifeCharge(
        line_id=sent.line_id,
        invoice_id=sent.invoice_id,
        invoice_number=known.numbers.get(sent.invoice_id, ""),
        amount=show_money(sent.amount, known.written.currency),
    )


def _show(amount: Decimal | None, currency: str) -> Decimal | None:
    return None if amount is None else show_money(amount, currency)


def is_shortened(known: Known) -> bool:
    """Whether billing periods are left out because they are long past."""
    return add_days(known.first_day, 1) <= known.earliest_day
