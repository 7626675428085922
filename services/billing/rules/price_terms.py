"""The price rules of one kind of line, resolved: what each field says, once every override has had its say. Pure.

They are kept with a line when it is sent. What the PSA has invoiced is priced by these for good: a later rule, or a
later price of the catalog, changes no invoiced charge.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from pydantic import TypeAdapter

from services.billing.rules.match import LinePlace
from services.billing.rules.price_rules import Override, PriceSource, Pricing, Rounding, RoundingMode, UnitCost
from services.contracts.invoicing.exact import ZERO


@dataclass(frozen=True, slots=True)
class CatalogPrice:
    """What the PSA's catalog says of one product; None where it says nothing."""

    price: Decimal | None
    cost: Decimal | None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """How a line is priced. The defaults bill it as the marketplace charges it.

    Args:
        fixed: added to the price of each unit, in the line's currency.
        step: amounts are rounded to it; None is the currency's smallest unit.
        rounds: a rule asks for rounding, also where nothing else changes the amount.
        catalog_price, catalog_cost: in the line's currency; None where a rule needs none, or the catalog has none.
        minimum: least quantity that is billed.
        version: of the rules that say so.
    """

    source: PriceSource = PriceSource.MARKETPLACE
    percent: Decimal = ZERO
    fixed: Decimal = ZERO
    mode: RoundingMode = RoundingMode.HALF_UP
    step: Decimal | None = None
    rounds: bool = False
    minimum: Decimal | None = None
    unit_cost: UnitCost = UnitCost.NONE
    catalog_price: Decimal | None = None
    catalog_cost: Decimal | None = None
    version: int = 0

    @property
    def changes_price(self) -> bool:
        is_marked_up = bool(self.percent or self.fixed)
        return is_marked_up or self.source is PriceSource.CATALOG or self.rounds or self.minimum is not None

    def as_text(self) -> str | None:
        """As it is kept with a line; None for a line that is billed as charged."""
        return _TERMS.dump_json(self).decode() if self.changes_price or self.unit_cost is not UnitCost.NONE else None


_TERMS = TypeAdapter(PriceTerms)
AS_CHARGED = PriceTerms()


@lru_cache(maxsize=4096)
def read_terms(kept: str | None) -> PriceTerms:
    """The price rules that a line was sent with; one that an older build sent was billed as charged."""
    return AS_CHARGED if kept is None else _TERMS.validate_json(kept)


class PriceBook:
    """Answers how lines are priced: each kind of line is looked up once, whatever the number of overrides."""

    def __init__(
        self, pricing: Pricing, overrides: Sequence[Override], catalog: Mapping[str, CatalogPrice], version: int = 0
    ) -> None:
        self._general = dict(pricing.list_fields())
        self._overrides: dict[LinePlace, list[Override]] = {}
        for override in overrides:
            self._overrides.setdefault(override.match.place, []).append(override)
        self._weights = sorted({override.match.weight for override in overrides})
        self._catalog = catalog
        self._version = version
        self._found: dict[tuple[LinePlace, str, str | None], PriceTerms] = {}
        self.is_empty = not (self._general or self._overrides)

    def find(self, place: LinePlace, currency: str, product_id: str | None) -> PriceTerms:
        """The terms of lines in one place and currency."""
        key = (place, currency, product_id)
        found = self._found.get(key)
        if found is None:
            catalog = self._catalog.get(product_id) if product_id else None
            found = self._found[key] = resolve(self.combine(place), currency, catalog, self._version)
        return found

    def combine(self, place: LinePlace) -> dict[str, object]:
        """Field → what the most specific rule says of it. The order of overrides makes no difference."""
        said = dict(self._general)
        for weight in self._weights:
            for override in self._overrides.get(place.narrowed_to(weight), ()):
                said |= override.pricing.list_fields()
        return said


def resolve(said: dict[str, object], currency: str, catalog: CatalogPrice | None, version: int) -> PriceTerms:
    """The terms of lines in one currency, and the catalog's words on their product."""
    pricing = Pricing.model_validate({name: value for name, value in said.items() if name in _PLAIN})
    fixed = said.get(f"markup_fixed.{currency}", ZERO)
    rounding = pricing.rounding or Rounding()
    source, unit_cost = pricing.price_source or PriceSource.MARKETPLACE, pricing.unit_cost or UnitCost.NONE
    known = catalog if catalog and (catalog.currency or pricing.catalog_currency) == currency else None
    return PriceTerms(
        source=source,
        percent=pricing.markup_percent or ZERO,
        fixed=fixed if isinstance(fixed, Decimal) else ZERO,
        mode=rounding.mode,
        step=rounding.to,
        rounds=pricing.rounding is not None,
        minimum=pricing.minimum_quantity,
        unit_cost=unit_cost,
        catalog_price=known.price if known and source is PriceSource.CATALOG else None,
        catalog_cost=known.cost if known and unit_cost is UnitCost.CATALOG else None,
        version=version,
    )


_PLAIN = frozenset(Pricing.model_fields) - {"markup_fixed"}
