"""Quantity and unit price that the PSA multiplies to exactly the marketplace's total.

A marketplace prorates unit prices, so a row's own quantity × price may miss its total by a cent. The first
form that comes to the total wins: as invoiced, a unit price rounded to what the PSA keeps, or
quantity 1 at the total. A credit is a negative price, never a negative quantity.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from services.contracts.invoicing.exact import EXACT, ONE, ZERO, extend, minor_unit
from services.contracts.money import MAX_DIGITS


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


def represent(
    quantity: Decimal, unit_price: Decimal, total: Decimal, currency: str, kept: Decimals
) -> AdditionAmount | None:
    """The amount as a PSA can hold it that keeps so many decimals; None where it cannot be exact."""
    cent, step = minor_unit(currency), kept.price_step
    if EXACT.quantize(total, cent) != total:
        return None
    if quantity and EXACT.quantize(quantity, kept.quantity_step) == quantity:
        size, price = (quantity, unit_price) if quantity > ZERO else (-quantity, -unit_price)
        if extend(size, price, cent) == total and EXACT.quantize(price, step) == price:
            return AdditionAmount(size, price, AmountForm.AS_INVOICED)
        price = EXACT.quantize(EXACT.divide(total, size), step)
        # Divided out, a price may have more digits than any amount that travels.
        if abs(price) < 10 ** (MAX_DIGITS - kept.price) and extend(size, price, cent) == total:
            return AdditionAmount(size, price, AmountForm.ROUNDED_PRICE)
    single = EXACT.quantize(total, step)
    return AdditionAmount(ONE, single, AmountForm.SINGLE) if single == total else None
