"""Price rules that cannot work, as people who save them are told: the field, and why. Pure.

What one field may say is checked where it is read (see `price_rules`); here is what several say together, and what
they would do to the prices that lines were charged with. Saved rules are not asked again.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from services.billing.rules.match import LinePlace
from services.billing.rules.model import BillingRules
from services.billing.rules.price_rules import LOWEST_PERCENT, PriceSource, Pricing
from services.billing.rules.price_terms import CatalogPrice, PriceBook, PriceTerms
from services.contracts.invoicing.exact import ZERO
from services.contracts.money import as_text

GENERAL = "rules.pricing"
NO_CURRENCY = "say in which currency the catalog's prices and costs are: the catalog itself does not"
MOST_NAMED = 5


class Fault(NamedTuple):
    """What is wrong with one field; `field` is a dotted path into the request."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class ChargedPrice:
    """The highest price of a unit that lines of one place were charged with."""

    place: LinePlace
    currency: str
    unit_price: Decimal
    offer: str


def find_faults(rules: BillingRules) -> list[Fault]:
    """What can be seen in the rules alone."""
    return [*_find_contradictions(rules), *_find_hopeless(rules)]


def path_of(place: int) -> str:
    return f"rules.overrides.{place}.pricing"


def _find_contradictions(rules: BillingRules) -> Iterator[Fault]:
    """Two overrides about the same lines that both decide one field."""
    deciding: dict[tuple[LinePlace, str], int] = {}
    for place, override in enumerate(rules.overrides):
        for name, _ in override.pricing.list_fields():
            first = deciding.setdefault((override.match.place, name), place)
            if first != place:
                said = f"exception {first + 1} is about the same lines and decides this already: take one of them away"
                yield Fault(f"{path_of(place)}.{name}", said)


def _find_hopeless(rules: BillingRules) -> Iterator[Fault]:
    for field, pricing in _list_rules(rules):
        if pricing.needs_catalog and pricing.catalog_currency is None and rules.pricing.catalog_currency is None:
            yield Fault(f"{field}.catalog_currency", NO_CURRENCY)
        percent = rules.pricing.markup_percent if pricing.markup_percent is None else pricing.markup_percent
        for currency, fixed in (rules.pricing.markup_fixed | pricing.markup_fixed).items():
            if percent == LOWEST_PERCENT and fixed < ZERO:
                said = f"with a markup of -100 % nothing is left to take {as_text(-fixed)} {currency} from"
                yield Fault(f"{field}.markup_fixed.{currency}", said)


def _list_rules(rules: BillingRules) -> Iterator[tuple[str, Pricing]]:
    yield GENERAL, rules.pricing
    yield from ((path_of(place), override.pricing) for place, override in enumerate(rules.overrides))


def takes_away(rules: BillingRules) -> bool:
    """Whether any fixed markup is below zero, so that it may take away more than a unit is charged with."""
    return any(fixed < ZERO for _, pricing in _list_rules(rules) for fixed in pricing.markup_fixed.values())


def find_negative_prices(
    rules: BillingRules,
    charged: Iterable[ChargedPrice],
    products: Mapping[str, str],
    catalog: Mapping[str, CatalogPrice],
) -> list[Fault]:
    """Fixed markups by which even the highest price that a unit was charged with would become negative.

    Args:
        products: offer → catalog item.
    """
    book = PriceBook(rules.pricing, rules.overrides, catalog)
    found: dict[str, Fault] = {}
    for each in charged:
        terms = book.find(each.place, each.currency, products.get(each.place.offer_id or ""))
        price = terms.catalog_price if terms.source is PriceSource.CATALOG else each.unit_price
        if price is not None and terms.fixed < ZERO and (result := _mark_up(price, terms)) < ZERO:
            field = f"{_find_deciding(rules, each)}.markup_fixed.{each.currency}"
            said = (
                f"it would make the price of {each.offer} negative: {as_text(price)} {each.currency} "
                f"becomes {as_text(result)}"
            )
            found.setdefault(field, Fault(field, said))
    return list(found.values())


def _mark_up(price: Decimal, terms: PriceTerms) -> Decimal:
    return price * (1 + terms.percent / 100) + terms.fixed


def _find_deciding(rules: BillingRules, charged: ChargedPrice) -> str:
    """The path of the rule that decides the fixed markup of a place."""
    fitting = [
        (override.match.weight, place)
        for place, override in enumerate(rules.overrides)
        if charged.currency in override.pricing.markup_fixed
        if charged.place.narrowed_to(override.match.weight) == override.match.place
    ]
    return path_of(max(fitting)[1]) if fitting else GENERAL


def warn_below_cost(
    rules: BillingRules, products: Mapping[str, str], names: Mapping[str, str], catalog: Mapping[str, CatalogPrice]
) -> list[str]:
    """Products that the catalog's price, marked up, sells below the catalog's cost.

    Args:
        products: offer → catalog item.
        names: of the catalog items.
    """
    book = PriceBook(rules.pricing, rules.overrides, catalog)
    matches = [LinePlace(None, None, None, None), *(override.match.place for override in rules.overrides)]
    below: dict[str, str] = {}
    for match in matches:
        for offer_id in (match.offer_id,) if match.offer_id else products:
            item_id = products.get(offer_id, "")
            item, said = catalog.get(item_id), book.combine(match._replace(offer_id=offer_id))
            currency = item.currency if item and item.currency else said.get("catalog_currency")
            if item is None or item.cost is None or not isinstance(currency, str):
                continue
            terms = book.find(match._replace(offer_id=offer_id), currency, item_id)
            if terms.catalog_price is not None and (price := _mark_up(terms.catalog_price, terms)) < item.cost:
                below[item_id] = f"{names.get(item_id, item_id)} ({as_text(price)} at a cost of {as_text(item.cost)})"
    if not below:
        return []
    some = sorted(below.values())
    more = f", and {len(some) - MOST_NAMED} more" if len(some) > MOST_NAMED else ""
    return [f"The catalog's price is below its cost: {', '.join(some[:MOST_NAMED])}{more}"]
