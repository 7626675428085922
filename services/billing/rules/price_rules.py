"""What an administrator may decide about prices: for all lines, and by override for some.

Every field may be absent: absent everywhere, a line is billed as the marketplace charges it.
"""

from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from services.billing.rules.match import LineMatch
from services.contracts.invoicing.exact import ZERO
from services.contracts.money import Amount

LOWEST_PERCENT, HIGHEST_PERCENT = Decimal(-100), Decimal(10_000)
FINEST_STEP = Decimal("0.001")  # no currency with a price list has a smaller minor unit than a thousandth
MOST_DECIMALS = 6
HIGHEST = Decimal(10**9)

Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class PriceSource(StrEnum):
    """Where the price of a unit comes from."""

    MARKETPLACE = "marketplace"
    CATALOG = "catalog"


class RoundingMode(StrEnum):
    """Which way an amount is rounded. All are the same for a charge and its refund: up is away from zero."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


class UnitCost(StrEnum):
    """What is written as the unit cost of an addition."""

    NONE = "none"
    AS_CHARGED = "as_charged"
    CATALOG = "catalog"


def refuse_percent(percent: Decimal) -> Decimal:
    """Accept a percentage that a price may be changed by.

    Raises:
        ValueError: prices would become negative, or it looks like a slip.
    """
    if percent < LOWEST_PERCENT:
        message = "a markup below -100 % would make every price negative: a customer would be paid for what is bought"
        raise ValueError(message)
    if percent > HIGHEST_PERCENT:
        message = f"a markup of more than {HIGHEST_PERCENT} % is taken for a slip of the pen"
        raise ValueError(message)
    return refuse_decimals(percent)


def refuse_decimals(value: Decimal) -> Decimal:
    """Accept a number of a usual size.

    Raises:
        ValueError: it has more decimals, or is greater, than prices and quantities have.
    """
    exponent = value.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > MOST_DECIMALS:
        message = f"give at most {MOST_DECIMALS} decimals"
        raise ValueError(message)
    if abs(value) > HIGHEST:
        message = f"give at most {HIGHEST}"
        raise ValueError(message)
    return value


def _refuse_minimum(quantity: Decimal) -> Decimal:
    if quantity <= ZERO:
        message = "a minimum quantity is more than zero; leave it empty for none"
        raise ValueError(message)
    return refuse_decimals(quantity)


def _refuse_step(step: Decimal) -> Decimal:
    if step <= ZERO:
        message = "amounts are rounded to a step of more than zero; leave it empty for the currency's smallest unit"
        raise ValueError(message)
    if step < FINEST_STEP:
        message = f"a step finer than {FINEST_STEP} is finer than any currency; leave it empty for its smallest unit"
        raise ValueError(message)
    return refuse_decimals(step)


class _PriceRule(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Rounding(_PriceRule):
    """How the amount of a line is rounded."""

    mode: RoundingMode = RoundingMode.HALF_UP
    to: Annotated[Amount, AfterValidator(_refuse_step)] | None = None
    """A step such as 0.05 or 1; None is the smallest unit of the line's currency, which no step goes below."""


class Pricing(_PriceRule):
    """How lines are priced. None says nothing: a less specific rule decides, and at last the marketplace's charge."""

    price_source: PriceSource | None = None
    catalog_currency: Currency | None = None
    """The currency of catalog prices and costs, where the PSA's catalog does not say it."""
    markup_percent: Annotated[Amount, AfterValidator(refuse_percent)] | None = None
    markup_fixed: dict[Currency, Annotated[Amount, AfterValidator(refuse_decimals)]] = Field(default_factory=dict)
    """Currency → amount added to the price of each unit. Each currency is decided for itself, and none is converted:
    a line in a currency that is not named gets no fixed markup."""
    rounding: Rounding | None = None
    minimum_quantity: Annotated[Amount, AfterValidator(_refuse_minimum)] | None = None
    unit_cost: UnitCost | None = None

    @property
    def needs_catalog(self) -> bool:
        return self.price_source is PriceSource.CATALOG or self.unit_cost is UnitCost.CATALOG

    def list_fields(self) -> Iterator[tuple[str, object]]:
        """Every field that it decides, and its value; each currency of the fixed markup is a field."""
        for name in type(self).model_fields:
            value = getattr(self, name)
            if name == "markup_fixed":
                yield from ((f"{name}.{currency}", amount) for currency, amount in self.markup_fixed.items())
            elif value is not None:
                yield name, value


class Override(_PriceRule):
    """Rules for the lines that match, instead of those for all lines."""

    match: LineMatch
    pricing: Pricing

    @model_validator(mode="after")
    def _says_something(self) -> "Override":
        if not any(True for _ in self.pricing.list_fields()):
            message = "it decides nothing: give a field, or take it away"
            raise ValueError(message)
        return self
