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


TURNED = "a unit price of {price} {currency} would turn {what}"
GIVEN_QUANTITY = "a quantity of {given} that a person gave, where {charged} is charged"
GIVEN_PRICE = "a unit price of {given} {currency} that a person gave, where {charged} is charged"


class PriceSaid(TypedDict):
    """What is said of a price."""

    words: tuple[str, ...]
    warnings: tuple[str, ...]


def explain_price(
    line: Line, total: Decimal, trouble: HoldReason | None, terms: PriceTerms, share: Decimal, cost: Decimal | None
) -> PriceSaid:
    """Where the price comes from, what the rules did to it, and what came out."""
    warnings = _miss_cost(line, terms, cost)
    if trouble is not None:
        why = _TROUBLE[trouble].format(currency=line.currency)
        return {"words": (f"price: not known by rules version {terms.version}: {why}",), "warnings": tuple(warnings)}
    if not terms.changes_price:
        return {"words": (), "warnings": tuple(warnings)}
    warnings += _warn_below(line, total)
    steps = "; ".join((_name_source(line, terms, share), *_list_steps(line, terms)))
    said = f"price: {steps}; {_say_result(line, total)} (rules version {terms.version})"
    return {"words": (said,), "warnings": tuple(warnings)}


def explain_decided(
    line: Line, total: Decimal, trouble: HoldReason | None, terms: PriceTerms, share: Decimal, cost: Decimal | None
) -> PriceSaid:
    """The same of a line with a person's quantity or unit price, and what rules make of it beside that."""
    given, price = _list_given(line), line.user_unit_price
    if trouble is not None and price is not None:
        what = "a credit into a charge" if price > ZERO else "a charge into a credit"
        said = TURNED.format(price=_show(price, line.currency), currency=line.currency, what=what)
        return {"words": (f"price: not known: {said}",), "warnings": ()}
    if trouble is not None:
        why = _TROUBLE[trouble].format(currency=line.currency)
        return {"words": (f"price: not known by rules version {terms.version}: {why}",), "warnings": ()}
    version = ""
    if price is not None and (lifted := _name_minimum(line, terms)):
        given.append(lifted)
    if price is None and terms.changes_price:
        given += [_name_source(line, terms, share), *_list_steps(line, terms)]
        version = f" (rules version {terms.version})"
    said = f"price: {'; '.join(given)}; {_say_result(line, total)}{version}"
    return {"words": (said,), "warnings": (*_miss_cost(line, terms, cost), *_warn_below(line, total))}


def _list_given(line: Line) -> list[str]:
    given = []
    if line.user_quantity is not None:
        charged = _show_number(line.quantity)
        given.append(GIVEN_QUANTITY.format(given=_show_number(line.user_quantity), charged=charged))
    if line.user_unit_price is not None:
        unit, charged = _show(line.user_unit_price, line.currency), _show(line.unit_price, line.currency)
        given.append(GIVEN_PRICE.format(given=unit, charged=charged, currency=line.currency))
    return given


def _miss_cost(line: Line, terms: PriceTerms, cost: Decimal | None) -> list[str]:
    is_missing = terms.unit_cost is UnitCost.CATALOG and cost is None
    return [NO_COST.format(currency=line.currency)] if is_missing else []


def _warn_below(line: Line, total: Decimal) -> list[str]:
    if not ZERO < total < line.total:
        return []
    billed, charged = _show(total, line.currency), _show(line.total, line.currency)
    return [BELOW.format(billed=billed, charged=charged, currency=line.currency)]


def _say_result(line: Line, total: Decimal) -> str:
    return f"{_show(total, line.currency)} {line.currency} is billed, {_show(line.total, line.currency)} is charged"


def _name_source(line: Line, terms: PriceTerms, share: Decimal) -> str:
    if terms.source is PriceSource.MARKETPLACE or terms.catalog_price is None:
        return f"the marketplace's {_show(line.total, line.currency)} {line.currency}"
    part = f", for {_show_number(EXACT.multiply(share, Decimal(100)))} % of a billing cycle" if share != ONE else ""
    return f"the catalog's {_show(terms.catalog_price, line.currency)} {line.currency} for each unit{part}"


def _list_steps(line: Line, terms: PriceTerms) -> list[str]:
    steps = []
    if lifted := _name_minimum(line, terms):
        steps.append(lifted)
    if terms.percent:
        steps.append(f"{_show_number(terms.percent, signed=True)} %")
    if terms.fixed:
        steps.append(f"{_show_number(terms.fixed, signed=True)} {line.currency} for each unit")
    if terms.rounds:
        to = f" to steps of {_show_number(terms.step)}" if terms.step is not None else ""
        steps.append(f"rounded {terms.mode.value.replace('_', ' ')}{to}")
    return steps


def _name_minimum(line: Line, terms: PriceTerms) -> str:
    if terms.minimum is None or not ZERO < line.quantity < terms.minimum or line.total <= ZERO:
        return ""
    return f"a minimum quantity of {_show_number(terms.minimum)}"


def _show(amount: Decimal, currency: str) -> str:
    return as_text(show_money(amount, currency))


def _show_number(number: Decimal, *, signed: bool = False) -> str:
    rounded = number.quantize(Decimal("0.01")) if number != number.quantize(Decimal("0.000001")) else number
    text = as_text(rounded.normalize())
    return f"+{text}" if signed and number > ZERO else text
