"""Quantity and unit price that the PSA multiplies to exactly the marketplace's total.

A marketplace prorates unit prices, so a row's own quantity × price may miss its total by a cent. The first
form that comes to the total wins: as invoiced, a unit price rounded to what the PSA keeps, or
quantity 1 at the total. A credit is a negative price, never a negative quantity.
"""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Context, Decimal
from enum import StrEnum
from functools import lru_cache

from services.contracts.money import minor_units

ONE = Decimal(1)
ZERO = Decimal(0)
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)  # two amounts of 28 digits multiply without rounding


class AmountForm(StrEnum):
    """Which form of the amount was sent."""

    AS_INVOICED = "as_invoiced"
    ROUNDED_PRICE = "rounded_price"
    SINGLE = "single"


@dataclass(frozen=True, slots=True)
class Decimals:
    """How many decimals the PSA keeps of a unit price and of a quantity."""

    price: int
    quantity: int
    price_step: Decimal = field(init=False)
    quantity_step: Decimal = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "price_step", ONE.scaleb(-self.price))
        object.__setattr__(self, "quantity_step", ONE.scaleb(-self.quantity))


@dataclass(frozen=True, slots=True)
class AdditionAmount:
    """Quantity is positive; quantity × unit price rounds to the line's total."""

    quantity: Decimal
    unit_price: Decimal
    form: AmountForm


@lru_cache(maxsize=256)
def _minor_unit(currency: str) -> Decimal:
    return ONE.scaleb(-minor_units(currency))


def represent(
    quantity: Decimal, unit_price: Decimal, total: Decimal, currency: str, kept: Decimals
) -> AdditionAmount | None:
    """The amount as a PSA can hold it that keeps so many decimals; None where it cannot be exact."""
    cent, step = _minor_unit(currency), kept.price_step
    if _EXACT.quantize(total, cent) != total:
        return None
    if quantity and _EXACT.quantize(quantity, kept.quantity_step) == quantity:
        size, price = (quantity, unit_price) if quantity > ZERO else (-quantity, -unit_price)
        if extend(size, price, cent) == total and _EXACT.quantize(price, step) == price:
            return AdditionAmount(size, price, AmountForm.AS_INVOICED)
        price = _EXACT.quantize(_EXACT.divide(total, size), step)
        if extend(size, price, cent) == total:
            return AdditionAmount(size, price, AmountForm.ROUNDED_PRICE)
    single = _EXACT.quantize(total, step)
    return AdditionAmount(ONE, single, AmountForm.SINGLE) if single == total else None


def extend(quantity: Decimal, unit_price: Decimal, cent: Decimal) -> Decimal:
    """Quantity × unit price in whole steps of `cent`, half away from zero."""
    return _EXACT.quantize(_EXACT.multiply(quantity, unit_price), cent)


def extend_in(currency: str, quantity: Decimal, unit_price: Decimal) -> Decimal:
    """Quantity × unit price as an invoice in `currency` shows it."""
    return extend(quantity, unit_price, _minor_unit(currency))


def prorate(unit_price: Decimal, days: int, of_days: int, currency: str) -> Decimal:
    """A unit price for `days` of `of_days`, rounded per unit as it stands on an invoice."""
    return _EXACT.quantize(_EXACT.divide(_EXACT.multiply(unit_price, days), of_days), _minor_unit(currency))
