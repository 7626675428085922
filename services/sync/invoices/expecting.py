"""What the billing periods that are open are expected to bill for our additions of one agreement. Pure."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.contracts.invoicing.bills import bill_as_shown, bill_through, list_periods
from services.contracts.invoicing.exact import ZERO
from services.contracts.invoicing.periods import AgreementTerms, BillingPeriod, add_days
from services.contracts.vocabulary import BillOption
from services.sync.additions.written import Written
from services.sync.invoices.schemas import ExpectedAddition
from services.sync.psas.addition import Addition


@dataclass(frozen=True, slots=True)
class Standing:
    """An addition of ours as read back.

    Args:
        is_new: no invoice has come since it was made: days that were closed before were invoiced without it.
    """

    written: Written
    addition: Addition
    is_new: bool = False


@dataclass(frozen=True, slots=True)
class Expected:
    """One period in one currency."""

    period: BillingPeriod
    currency: str
    additions: list[ExpectedAddition]

    @property
    def amount(self) -> Decimal:
        return sum((each.amount for each in self.additions), ZERO)


def expect_bills(standing: Sequence[Standing], terms: AgreementTerms, last_day: date) -> list[Expected]:
    """Every open period that begins by a day and in which additions of ours stand; none where periods are not known."""
    starts = [each.addition.values.effective_date or each.written.wanted_effective_date for each in standing]
    if not starts:
        return []
    first = max(terms.may_be_open_from or min(starts), terms.facts.billing_start)
    opens = terms.period_of(first)
    while opens is not None and terms.is_invoiced(opens.start):
        opens = terms.period_after(opens)
    if opens is None:
        return []
    # Days that the next invoice catches up on stand in the first open period, even where that begins later.
    is_late = any(_catch_up(each, terms, opens) for each in standing)
    periods = list_periods(terms, opens.start, max(last_day, opens.start) if is_late else last_day) or []
    return [
        expected
        for period in periods
        if not terms.is_invoiced(period.start)
        for expected in _expect_period(standing, terms, period, is_first=period == opens)
    ]


def _expect_period(
    standing: Sequence[Standing], terms: AgreementTerms, period: BillingPeriod, *, is_first: bool
) -> list[Expected]:
    by_currency: dict[str, list[ExpectedAddition]] = defaultdict(list)
    for each in standing:
        if each.addition.values.bill_option == BillOption.DO_NOT_BILL.value:
            continue
        billed = each.addition.values.as_billed(each.written.currency, each.written.wanted_effective_date)
        caught_up = _catch_up(each, terms, period) if is_first else ZERO
        if not billed.touches(period) and not caught_up:
            continue
        amount = bill_as_shown(billed, terms, period, each.addition.prorated) + caught_up
        by_currency[each.written.currency].append(_describe(each, amount, caught_up))
    return [Expected(period, currency, additions) for currency, additions in sorted(by_currency.items())]


def _catch_up(each: Standing, terms: AgreementTerms, period: BillingPeriod) -> Decimal:
    """On an agreement that prorates, the next invoice bills the closed days of a new addition as well."""
    billed = each.addition.values.as_billed(each.written.currency, each.written.wanted_effective_date)
    catches_up = terms.facts.is_prorated and terms.psa.catches_up
    if not each.is_new or not catches_up or billed.start >= period.start:
        return ZERO
    last = add_days(period.start, -1)
    return bill_through(billed, terms, billed.start, min(last, billed.end or last)) or ZERO


def _describe(each: Standing, amount: Decimal, caught_up: Decimal) -> ExpectedAddition:
    values, names = each.addition.values, each.written.names
    return ExpectedAddition(
        addition_id=each.addition.id,
        product_id=values.product_id,
        product=names.get("product", ""),
        subscription=names.get("subscription", ""),
        description=values.invoice_description,
        quantity=values.quantity,
        unit_price=values.unit_price,
        amount=amount,
        caught_up=caught_up,
    )
