"""A line half rated: its place on an agreement, its dates and its amount, not yet judged."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import blake2b

from services.billing.rules.agreements import AgreementChoice
from services.billing.rules.book import ChargeTypePolicy, RateBook
from services.billing.rules.continuity import Charge, Place, Step, find_end_of_charge, find_place
from services.billing.rules.dates import ChargeDates, Circumstances, date_charge, find_start, starts_too_late
from services.billing.rules.descriptions import describe_line
from services.billing.rules.line import Line
from services.billing.rules.model import BillingRules, RecurringEnd, WhenInvoiced
from services.billing.rules.persistent import PersistentAddition, spell_money
from services.billing.rules.pricing import Priced, price_line
from services.billing.rules.recurrence import (
    LATER_MONTH,
    OVERLAPS,
    RECURRING,
    SENT_ONCE,
    TOO_LATE,
    Recurrence,
    decide_recurrence,
)
from services.contracts.charge_types import parse_charge_type
from services.contracts.invoicing.amounts import AdditionAmount, represent, round_total
from services.contracts.invoicing.exact import EXACT
from services.contracts.vocabulary import ByHand, ChargeType, Provenance


@dataclass(frozen=True, slots=True)
class Draft:
    """What the rules found out about a line, for the judgement that follows."""

    line: Line
    charge_type: ChargeType | None
    policy: ChargeTypePolicy
    choice: AgreementChoice
    product_id: str | None
    recurrence: Recurrence
    place: Place | None
    """Of a recurring line, in the life of its addition."""
    around: Circumstances
    dates: ChargeDates
    priced: Priced
    """What is to be billed for it."""
    rounded: Decimal
    """Its total in whole units of the currency."""
    amount: AdditionAmount | None
    unit_cost: Decimal | None
    """None where no cost is written."""
    is_gathered: bool
    description: str

    @property
    def running(self) -> PersistentAddition | None:
        """The addition that a recurring line goes on with."""
        return self.place.running if self.place else None


def draft_line(line: Line, book: RateBook) -> Draft:
    """Place a line on its agreement, date it and put its amount into the form the PSA takes."""
    charge_type = parse_charge_type(line.charge_type)
    policy = book.policy_of(line)
    choice = book.resolve_agreement(line)
    priced = price_line(line, book)
    rounded = round_total(priced.total, line.currency)
    amount = represent(
        priced.quantity, priced.unit_price, rounded, line.currency, book.kept_in(line.currency, choice.terms)
    )
    recurrence = decide_recurrence(line, charge_type, choice.terms, book.rules.when_longer_than_cycle)
    place = _find_place(line, policy, choice, (rounded, amount), book) if recurrence.is_recurring else None
    if recurrence.is_recurring and (alone := _go_alone(line, place)):
        recurrence, place = alone, None
    around = _stand(line, choice, recurrence, place, book)
    if around.is_recurring and not (place and place.running) and _comes_too_late(line, policy, around):
        recurrence, place = TOO_LATE, None
        around = _stand(line, choice, recurrence, None, book)
    return Draft(
        line=line,
        charge_type=charge_type,
        policy=policy,
        choice=choice,
        product_id=book.product_of(line),
        recurrence=recurrence,
        place=place,
        around=around,
        dates=date_charge(line, policy.start, policy.end, around),
        priced=priced,
        rounded=rounded,
        amount=amount,
        unit_cost=_find_unit_cost(priced, amount, line.currency, book),
        is_gathered=is_gathered(line, charge_type, recurrence, book.rules),
        description=describe_line(line, policy, amount, book, priced),
    )


def fingerprint(draft: Draft) -> str | None:
    """Changes exactly when something that is written to the PSA changes; None while something is missing."""
    terms, amount, dates = draft.choice.terms, draft.amount, draft.dates
    if terms is None or draft.product_id is None or amount is None:
        return None
    # An addition that runs already keeps its own start, unless a user moves it.
    keeps_start = draft.around.is_running and dates.start.provenance is not Provenance.USER
    start = "running" if keeps_start else dates.start.value
    spelled = (
        f"{terms.facts.agreement_id}|{draft.product_id}|{amount.quantity}|{amount.unit_price}|"
        f"{draft.policy.bill_option}|{draft.policy.taxable}|{start}|{dates.end.value}|"
        f"{draft.recurrence.is_recurring}|{draft.description}"
    )
    if draft.unit_cost is not None:
        spelled += f"|{draft.unit_cost}"
    if draft.is_gathered:  # of a sum every digit counts
        spelled += f"|{draft.priced.total}"
    return blake2b(spelled.encode(), digest_size=12).hexdigest()


def _find_unit_cost(priced: Priced, amount: AdditionAmount | None, currency: str, book: RateBook) -> Decimal | None:
    if priced.cost is None or amount is None:
        return None
    return EXACT.quantize(EXACT.divide(priced.cost, amount.quantity), book.kept_in(currency).price_step)


def _find_place(
    line: Line,
    policy: ChargeTypePolicy,
    choice: AgreementChoice,
    money: tuple[Decimal, AdditionAmount | None],
    book: RateBook,
) -> Place | None:
    if choice.terms is None:
        return None
    rounded, amount = money
    quantity, unit_price = (amount.quantity, amount.unit_price) if amount else (None, None)
    product_id = book.product_of(line)
    values = spell_money(quantity, unit_price, product_id, policy.bill_option, taxable=policy.taxable)
    start = find_start(line, policy.start, _stand(line, choice, RECURRING, None, book))
    known = book.running.get((choice.terms.facts.agreement_id, line.subscription_id))
    return find_place(Charge(line, start, rounded, values), choice.terms, known)


_OF_ITS_OWN = (
    "user_start",
    "user_end",
    "user_quantity",
    "user_unit_price",
    "user_description",
    "user_bill_option",
    "user_taxable",
    "user_product_id",
)


def is_gathered(line: Line, charge_type: ChargeType | None, recurrence: Recurrence, rules: BillingRules) -> bool:
    """Whether a line goes out in one addition with the other usage of its subscription.

    One that was sent stays as it was sent. What a person decided of its addition is about this row alone.
    """
    if any(getattr(line, name) is not None for name in _OF_ITS_OWN):
        return False
    if line.sent_marker or line.sent_fingerprint:
        return line.sent_gathered
    is_usage = charge_type is ChargeType.USAGE_FEE and not recurrence.is_recurring
    return rules.collapse_usage and is_usage and bool(line.subscription_id)


def _go_alone(line: Line, place: Place | None) -> Recurrence | None:
    """Why a line of a recurring charge goes out once all the same."""
    if place and place.is_alone:
        return OVERLAPS if place.step is Step.OVERLAP else LATER_MONTH
    return SENT_ONCE if line.sent_recurring is False else None


def _stand(
    line: Line, choice: AgreementChoice, recurrence: Recurrence, place: Place | None, book: RateBook
) -> Circumstances:
    running = place.running if place else None
    return Circumstances(
        terms=choice.terms,
        is_recurring=recurrence.is_recurring,
        is_running=running is not None and not running.is_begun_by(line),
        billing_day=book.billing_day_of(line),
        when_invoiced=_choose_late_rule(line, recurrence, book.rules),
        begins=place.begins if place else None,
        ends=_find_end(place, choice, book.rules),
    )


def _find_end(place: Place | None, choice: AgreementChoice, rules: BillingRules) -> date | None:
    if place is None or rules.recurring_end is not RecurringEnd.PERIOD_CHARGED:
        return None
    return find_end_of_charge(place, choice.terms)


def _choose_late_rule(line: Line, recurrence: Recurrence, rules: BillingRules) -> WhenInvoiced:
    if line.by_hand is ByHand.BILL:
        return WhenInvoiced.NEXT_OPEN_PERIOD
    # A charge that no persistent addition can carry any more is still one of a subscription that recurs. Otherwise it
    # would be held or go out by whether a later month was sent before.
    is_recurring = recurrence.is_recurring or recurrence in (TOO_LATE, LATER_MONTH)
    return rules.late_recurring if is_recurring else rules.late_one_time


def _comes_too_late(line: Line, policy: ChargeTypePolicy, around: Circumstances) -> bool:
    # Moved to the next open period, the persistent addition would bill only that one: this money would be lost.
    return around.when_invoiced is WhenInvoiced.NEXT_OPEN_PERIOD and starts_too_late(line, policy.start, around)
