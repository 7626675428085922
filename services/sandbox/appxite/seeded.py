"""The registries of the seeded world, as AppXite's JSON."""

from collections.abc import Iterator

from services.sandbox.appxite.shapes import Json, contract_json, offer_json, organization_json, subscription_json
from services.sandbox.seed.offers import OFFERS
from services.sandbox.seed.organizations import ORGANIZATIONS
from services.sandbox.seed.subscriptions import all_subscriptions
from services.sandbox.world import World

ID_KEYS = {"organizations": "id", "offers": "id", "contracts": "id", "subscriptions": "subscriptionId"}
"""Registry → the key under which its records carry their id."""


def seeded_registry(world: World, name: str) -> Iterator[Json]:
    """Customers, offers, contracts or subscriptions, all of them."""
    seed, lines, month, _ = world
    match name:
        case "organizations":
            return (organization_json(seed, organization, month) for organization in ORGANIZATIONS)
        case "offers":
            return (offer_json(seed, offer) for offer in OFFERS)
        case "contracts":
            return (
                contract_json(seed, organization, currency, month)
                for organization in ORGANIZATIONS
                for currency in filter(None, (organization.currency, organization.second_currency))
            )
        case _:
            return (subscription_json(seed, each, month) for each in all_subscriptions(seed, lines, month))
