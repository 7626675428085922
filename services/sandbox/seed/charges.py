"""What one subscription costs on the invoice of one month.

An invoice of month m carries CycleFees whose cycle begins in m, and PurchaseFees, Corrections, one-time and
metered charges of m - 1. So a subscription bought in m - 1 has a PurchaseFee and a CycleFee on one invoice.
Charge ends are inclusive.
"""

from collections.abc import Iterator
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from services.sandbox.seed.months import ONE_DAY, add_months, last_day, month_of, months_between
from services.sandbox.seed.offers import OfferKind
from services.sandbox.seed.subscriptions import CENT, FINE, Subscription

_ONE = Decimal(1)
_METER = 39_900_017  # a prime, so that months differ


class Charge(NamedTuple):
    slot: int
    """Tells apart the charges of one subscription on one invoice."""
    charge_type: str
    start: date | None
    end: date | None
    quantity: Decimal
    unit_price: Decimal
    total: Decimal


def charges(subscription: Subscription, month: date) -> Iterator[Charge]:
    """The charges of `subscription` on the invoice of `month`."""
    match subscription.offer.kind:
        case OfferKind.LICENSE:
            return _license_charges(subscription, month)
        case OfferKind.ANNUAL:
            return _annual_charges(subscription, month)
        case OfferKind.ONE_TIME:
            return _one_time_charges(subscription, month)
        case OfferKind.USAGE | OfferKind.ITEM:
            return _arrears(subscription, month)


def _license_charges(subscription: Subscription, month: date) -> Iterator[Charge]:
    began, before = month_of(subscription.start), add_months(month, -1)
    if began == before:
        yield _purchase(subscription)
    if began < month:
        start = month if subscription.day == 1 else month.replace(day=subscription.day)
        if subscription.end is None or start <= subscription.end:
            end = last_day(month) if subscription.day == 1 else _cycle_end(start, 1)
            yield _charge(subscription, 1, "CycleFee", start, end)
    if subscription.change and month_of(subscription.change) == before:
        yield _quantity_change(subscription, subscription.change)
    if subscription.end and month_of(subscription.end) == before and subscription.end < last_day(before):
        yield _refund(subscription, subscription.end)


def _purchase(subscription: Subscription) -> Charge:
    """A calendar-aligned first period is prorated by days, unit price included; others are charged in full."""
    start = subscription.start
    if subscription.day != 1 or start.day == 1:
        end = last_day(start) if subscription.day == 1 else _cycle_end(start, 1)
        return _charge(subscription, 0, "PurchaseFee", start, end)
    end = last_day(start)
    quantity = Decimal(subscription.quantity)
    exact = subscription.exact_price * (end.day - start.day + 1) / end.day
    unit_price = exact.quantize(CENT, ROUND_HALF_UP)
    return Charge(0, "PurchaseFee", start, end, quantity, unit_price, _cents(quantity * exact))


def _quantity_change(subscription: Subscription, day: date) -> Charge:
    """Seats added or removed: quantity 1, unit price = total, either sign."""
    end = last_day(day)
    seats = 1 + subscription.chance[14] % 5
    total = _cents(subscription.exact_price * seats * (end.day - day.day + 1) / end.day)
    total = -total if subscription.chance[15] & 1 else total
    return Charge(2, "Correction", day, end, _ONE, total, total)


def _refund(subscription: Subscription, ended: date) -> Charge:
    """Cancelled inside its cycle: the true quantity at a negative unit price."""
    start, end = ended + ONE_DAY, last_day(ended)
    quantity = Decimal(subscription.quantity)
    unit_price = -_cents(subscription.exact_price * (end.day - start.day + 1) / end.day)
    return Charge(3, "Correction", start, end, quantity, unit_price, _cents(quantity * unit_price))


def _annual_charges(subscription: Subscription, month: date) -> Iterator[Charge]:
    age = months_between(subscription.start, month)
    if age > 0 and age % 12 == 0:
        start = month.replace(day=subscription.start.day)
        yield _charge(subscription, 1, "CycleFee", start, _cycle_end(start, 12))
    elif age == 1:
        yield _charge(subscription, 0, "PurchaseFee", subscription.start, _cycle_end(subscription.start, 12))


def _one_time_charges(subscription: Subscription, month: date) -> Iterator[Charge]:
    if months_between(subscription.start, month) == 1:
        yield _charge(subscription, 0, "OneTimeFee", subscription.start, subscription.start)


def _arrears(subscription: Subscription, month: date) -> Iterator[Charge]:
    """Usage and not-prepaid seats of the month before."""
    before = add_months(month, -1)
    end = last_day(before)
    if subscription.start > end or (subscription.end and subscription.end < before):
        return
    start = max(before, subscription.start)
    if subscription.offer.kind is OfferKind.ITEM:
        yield _charge(subscription, 0, "ItemFee", start, end)
        return
    meter = int.from_bytes(subscription.chance[16:19], "big") * (3 + before.month) % _METER
    decimals = 3 if subscription.unit_price < _ONE else 6  # cheap units are counted in thousands
    quantity = Decimal(100 + meter).scaleb(-decimals).quantize(FINE)
    total = _cents(quantity * subscription.unit_price)
    yield Charge(0, "UsageFee", start, end, quantity, subscription.unit_price, total)


def _charge(subscription: Subscription, slot: int, charge_type: str, start: date, end: date) -> Charge:
    quantity = Decimal(subscription.quantity)
    total = _cents(quantity * subscription.exact_price)
    return Charge(slot, charge_type, start, end, quantity, subscription.unit_price, total)


def _cycle_end(start: date, months: int) -> date:
    return add_months(start, months).replace(day=start.day) - ONE_DAY


def _cents(amount: Decimal) -> Decimal:
    return amount.quantize(CENT, ROUND_HALF_UP)
