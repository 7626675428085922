"""What an addition costs for a period, or for some of its days.

Quantity times unit price, rounded once to the currency. Days are prorated by the length of the period that they
belong to: 22.00 a month from 15 March are 22.00 x 17/31 for March, so that April's invoice bills 34.06.
"""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from services.sandbox.connectwise.behaviour import Behaviour
from services.sandbox.seed.references import Record

_STEPS = [Decimal(1).scaleb(-decimals) for decimals in range(9)]


class Share(NamedTuple):
    """Some days of a period."""

    days: int
    of: int

    @property
    def is_whole(self) -> bool:
        return self.days == self.of


class Charge(NamedTuple):
    unit_price: Decimal
    """Of one, for all shares together."""
    amount: Decimal


def billed_quantity(addition: Record) -> Decimal:
    """What is left when the included quantity is taken off; what is included never turns into a credit."""
    quantity, included = number_of(addition, "quantity"), number_of(addition, "lessIncluded")
    return max(quantity - included, Decimal(0)) if included > 0 <= quantity else quantity - included


def quantity_to_bill(addition: Record, behaviour: Behaviour) -> Decimal:
    return number_of(addition, "quantity") if behaviour.ext_price_base == "quantity" else billed_quantity(addition)


def charge_for(quantity: Decimal, price: Decimal, shares: Sequence[Share], decimals: int, rounds: str) -> Charge:
    """`rounds` says what is rounded when days are prorated: the price of one, or the amount."""
    if rounds == "unit_price":
        unit = sum((prorated(price, share, decimals) for share in shares), Decimal(0))
        return Charge(unit, rounded(quantity * unit, decimals))
    amount = sum((rounded(quantity * price * share.days / share.of, decimals) for share in shares), Decimal(0))
    return Charge(price, amount)


def prorated(price: Decimal, share: Share, decimals: int) -> Decimal:
    """A whole period keeps the price as it is, however many decimals it has."""
    return price if share.is_whole else rounded(price * share.days / share.of, decimals)


def rounded(amount: Decimal, decimals: int) -> Decimal:
    """Half away from zero."""
    return amount.quantize(_STEPS[decimals], ROUND_HALF_UP)


def number_of(record: Record, name: str) -> Decimal:
    return Decimal(record.get(name) or 0)
