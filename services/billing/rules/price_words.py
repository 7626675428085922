"""How the price of a line came about, in sentences for the panel of the grid. Pure."""

from decimal import Decimal
from typing import TypedDict

from services.billing.rules.line import Line
from services.billing.rules.price_rules import PriceSource, UnitCost
from services.billing.rules.price_terms import PriceTerms
from services.contracts.invoicing.exact import EXACT, ONE, ZERO
from services.contracts.money import as_text, show_money
from services.contracts.vocabulary import HoldReason

_TROUBLE = {
    HoldReason.CATALOG_PRICE_MISSING: "the catalog has no price in {currency} for its product",
    HoldReason.CATALOG_PRICE_UNFIT: (
        "it has no price of a unit for one billing cycle, so the catalog's price says nothing about it"
    ),
    HoldReason.PRICE_NEGATIVE: "the markup takes away more than is charged, so its price would be negative",
}
NO_COST = "no cost is written, because the catalog has none in {currency} for its product"
BELOW = "{billed} {currency} is billed for it, which is less than the {charged} {currency} that the marketplace charges"


class PriceSaid(TypedDict):
    """What is said of a price."""

    words: tuple[str, ...]
    warnings: tuple[str, ...]


def explain_price(
    line: Line, total: Decimal, trouble: HoldReason | None, terms: PriceTerms, share: Decimal, cost: Decimal | None
) -> PriceSaid:
    """Where the price comes from, what the rules did to it, and what came out."""
    warnings = []
    if terms.unit_cost is UnitCost.CATALOG and cost is None:
        warnings.append(NO_COST.format(currency=line.currency))
    if trouble is not None:
        why = _TROUBLE[trouble].format(currency=line.currency)
        return {"words": (f"price: not known by rules version {terms.version}: {why}",), "warnings": tuple(warnings)}
    if not terms.changes_price:
        return {"words": (), "warnings": tuple(warnings)}
    billed, charged = _show(total, line.currency), _show(line.total, line.currency)
    if ZERO < total < line.total:
        warnings.append(BELOW.format(billed=billed, charged=charged, currency=line.currency))
    steps = "; ".join((_name_source(line, terms, share), *_list_steps(line, terms)))
    result = f"{billed} {line.currency} is billed, {charged} is charged"
    return {"words": (f"price: {steps}; {result} (rules version {terms.version})",), "warnings": tuple(warnings)}


def _name_source(line: Line, terms: PriceTerms, share: Decimal) -> str:
    if terms.source is PriceSource.MARKETPLACE or terms.catalog_price is None:
        return f"the marketplace's {_show(line.total, line.currency)} {line.currency}"
    part = f", for {_show_number(EXACT.multiply(share, Decimal(100)))} % of a billing cycle" if share != ONE else ""
    return f"the catalog's {_show(terms.catalog_price, line.currency)} {line.currency} for each unit{part}"


def _list_steps(line: Line, terms: PriceTerms) -> list[str]:
    steps = []
    if terms.minimum is not None and ZERO < line.quantity < terms.minimum and line.total > ZERO:
        steps.append(f"a minimum quantity of {_show_number(terms.minimum)}")
    if terms.percent:
        steps.append(f"{_show_number(terms.percent, signed=True)} %")
    if terms.fixed:
        steps.append(f"{_show_number(terms.fixed, signed=True)} {line.currency} for each unit")
    if terms.rounds:
        to = f" to steps of {_show_number(terms.step)}" if terms.step is not None else ""
        steps.append(f"rounded {terms.mode.value.replace('_', ' ')}{to}")
    return steps


def _show(amount: Decimal, currency: str) -> str:
    return as_text(show_money(amount, currency))


def _show_number(number: Decimal, *, signed: bool = False) -> str:
    rounded = number.quantize(Decimal("0.01")) if number != number.quantize(Decimal("0.000001")) else number
    text = as_text(rounded.normalize())
    return f"+{text}" if signed and number > ZERO else text
