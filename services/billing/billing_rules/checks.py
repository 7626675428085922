"""Looks at what price rules are about before they are saved: the records that they name, and the prices they change."""

from collections.abc import Mapping, Sequence

from services.billing.lines import repository as lines
from services.billing.mapping import repository as mappings
from services.billing.mapping.models import OrganizationRow, ProductRow
from services.billing.mirrors import repository as references
from services.billing.mirrors.models import ReferenceRow
from services.billing.rating.books import read_catalog_price
from services.billing.rules.model import BillingRules
from services.billing.rules.price_faults import (
    Fault,
    find_faults,
    find_negative_prices,
    takes_away,
    warn_below_cost,
)
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import ReadSession
from services.kit.base.errors import FieldProblem, InvalidFields


class RulesCannotWork(InvalidFields):
    """Rules that contradict each other, name what does not exist, or make prices negative."""


async def refuse_unworkable(session: ReadSession, rules: BillingRules) -> None:
    """Check rules that are to be saved.

    Raises:
        RulesCannotWork: with a sentence for each field.
    """
    faults = [*find_faults(rules), *await _find_unknown(session, rules)]
    if not faults and takes_away(rules):
        charged = await lines.find_highest_prices(session)
        products = await _find_products(session)
        catalog = await _find_items(session, products) if rules.needs_catalog else {}
        prices = {item_id: read_catalog_price(row) for item_id, row in catalog.items()}
        faults = find_negative_prices(rules, charged, products, prices)
    if faults:
        raise RulesCannotWork([FieldProblem(field=each.field, message=each.message) for each in faults])


async def _find_unknown(session: ReadSession, rules: BillingRules) -> Sequence[Fault]:
    """Overrides about customers, products and agreements that nobody has heard of."""
    named = {
        field: {value for each in rules.overrides if (value := getattr(each.match, field)) is not None}
        for field in _UNKNOWN
    }
    known: dict[str, Mapping[str, object]] = {
        "organization_id": await mappings.find(session, OrganizationRow, named["organization_id"]),
        "offer_id": await mappings.find(session, ProductRow, named["offer_id"]),
        "agreement_id": await references.find(session, MirrorKind.AGREEMENT, named["agreement_id"]),
    }
    return [
        Fault(f"rules.overrides.{place}.match.{field}", words.format(getattr(override.match, field)))
        for place, override in enumerate(rules.overrides)
        for field, words in _UNKNOWN.items()
        if getattr(override.match, field) in named[field] - known[field].keys()
    ]


_UNKNOWN = {
    "organization_id": "there is no organization {}",
    "offer_id": "no invoice so far names an offer {}",
    "agreement_id": "there is no agreement {}",
}


async def warn_of_prices(session: ReadSession, rules: BillingRules) -> list[str]:
    """What is worth a second look in rules that work."""
    if not rules.needs_catalog:
        return []
    products = await _find_products(session)
    items = await _find_items(session, products)
    names = {item_id: row.name for item_id, row in items.items()}
    prices = {item_id: read_catalog_price(row) for item_id, row in items.items()}
    return warn_below_cost(rules, products, names, prices)


async def _find_products(session: ReadSession) -> Mapping[str, str]:
    """Offer → catalog item, of all that are mapped."""
    return {row.id: row.target_id for row in await mappings.list_mapped(session, ProductRow) if row.target_id}


async def _find_items(session: ReadSession, products: Mapping[str, str]) -> Mapping[str, ReferenceRow]:
    return await references.find(session, MirrorKind.CATALOG_ITEM, set(products.values()))
