"""Quantity × unit price as an invoice shows it. Exact: nothing is rounded before its last step."""

from decimal import ROUND_HALF_UP, Context, Decimal
from functools import lru_cache

from services.contracts.money import minor_units

ONE = Decimal(1)
ZERO = Decimal(0)
# Two amounts of 28 digits multiply without rounding, and the largest divides by the smallest.
EXACT = Context(prec=70, rounding=ROUND_HALF_UP)


@lru_cache(maxsize=256)
def minor_unit(currency: str) -> Decimal:
    """The smallest step of a currency's amounts: 0.01 for EUR."""
    return ONE.scaleb(-minor_units(currency))


def extend(quantity: Decimal, unit_price: Decimal, cent: Decimal) -> Decimal:
    """Quantity × unit price in whole steps of `cent`, half away from zero."""
    return EXACT.quantize(EXACT.multiply(quantity, unit_price), cent)


def extend_in(currency: str, quantity: Decimal, unit_price: Decimal) -> Decimal:
    """Quantity × unit price as an invoice in `currency` shows it."""
    return extend(quantity, unit_price, minor_unit(currency))


def prorate(price: Decimal, days: int, of_days: int, currency: str) -> Decimal:
    """A unit price or an amount for `days` of `of_days`, rounded as it stands on an invoice."""
    return EXACT.quantize(EXACT.divide(EXACT.multiply(price, days), of_days), minor_unit(currency))
