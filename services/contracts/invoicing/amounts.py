"""Quantity and unit price that the PSA multiplies to exactly the marketplace's total.

A marketplace prorates unit prices, so a row's own quantity × price may miss its total by a cent. The first
form that comes to the total wins: as invoiced, the unit price with the fewest decimals that the PSA keeps and that do,
or quantity 1 at the total. A credit is a negative price, never a negative quantity.
"""

from dataclasses import dataclass, field
from decimal import ROUND_HALF_DOWN, Decimal
from enum import StrEnum

from services.contracts.invoicing.exact import EXACT, ONE, ZERO, extend, minor_unit
from services.contracts.money import MAX_DIGITS, as_text


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
    is_exact: bool = False
    """Quantity × unit price must come to the total without rounding."""
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


def round_total(total: Decimal, currency: str) -> Decimal:
    """A total as the currency can be billed: finer than its smallest unit, half away from zero to whole ones."""
    rounded = EXACT.quantize(total, minor_unit(currency))
    return total if rounded == total else rounded or ZERO


def round_remainder(remainder: Decimal, currency: str) -> Decimal:
    """What rounding has left, in whole units of the currency; half a unit stays, as an addition would leave as much."""
    return remainder.quantize(minor_unit(currency), rounding=ROUND_HALF_DOWN, context=EXACT) or ZERO


def represent(
    quantity: Decimal, unit_price: Decimal, total: Decimal, currency: str, kept: Decimals
) -> AdditionAmount | None:
    """The amount as a PSA can hold it that keeps so many decimals; None where it cannot be exact."""
    cent, step = minor_unit(currency), kept.price_step
    if EXACT.quantize(total, cent) != total:
        return None
    if quantity and EXACT.quantize(quantity, kept.quantity_step) == quantity:
        size, price = (quantity, unit_price) if quantity > ZERO else (-quantity, -unit_price)
        if _comes_to(total, size, price, kept, cent) and EXACT.quantize(price, step) == price:
            return AdditionAmount(size, price, AmountForm.AS_INVOICED)
        rounded = _round_price(size, total, cent, kept)
        if rounded is not None:
            return AdditionAmount(size, rounded, AmountForm.ROUNDED_PRICE)
    single = EXACT.quantize(total, step)
    return AdditionAmount(ONE, single, AmountForm.SINGLE) if single == total else None


def _comes_to(total: Decimal, size: Decimal, price: Decimal, kept: Decimals, cent: Decimal) -> bool:
    return (EXACT.multiply(size, price) if kept.is_exact else extend(size, price, cent)) == total


def _round_price(size: Decimal, total: Decimal, cent: Decimal, kept: Decimals) -> Decimal | None:
    """The unit price with the fewest decimals that comes to the total; None where those kept are too few.

    Fewer decimals are kept by more PSAs, so that less has to be mended after the first push.
    """
    price = EXACT.divide(total, size)
    currency_decimals = -int(cent.as_tuple().exponent)
    for decimals in range(min(currency_decimals, kept.price), kept.price + 1):
        rounded = EXACT.quantize(price, ONE.scaleb(-decimals))
        # Divided out, a price may have more digits than any amount that travels.
        if abs(rounded) < 10 ** (MAX_DIGITS - decimals) and _comes_to(total, size, rounded, kept, cent):
            return rounded
    return None


def count_decimals(value: Decimal) -> int:
    """Decimals that a number needs: 1.50 needs one."""
    exponent = value.normalize(EXACT).as_tuple().exponent
    return max(0, -int(exponent))


def say_quantity(description: str, quantity: Decimal, longest: int) -> str:
    """A description of at most `longest` characters that names the quantity for which quantity 1 stands."""
    return f"{description} (quantity {as_text(quantity.normalize(EXACT))})"[:longest]
