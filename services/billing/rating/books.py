"""Gathers what rating some lines needs: one query for each kind of thing, whatever the number of lines."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from services.billing.billing_rules import repository as configuration
from services.billing.desired import repository as additions
from services.billing.desired.models import PersistentAdditionRow
from services.billing.lines import repository as lines
from services.billing.lines.stored import StoredLine
from services.billing.mapping import repository as mappings
from services.billing.mapping.models import OrganizationRow, ProductRow
from services.billing.mirrors import repository as references
from services.billing.mirrors.models import ReferenceRow
from services.billing.rules.book import OrganizationMapping, RateBook
from services.billing.rules.dropping import NOTHING_DROPPED, Dropping, Group, group_of, is_proration, sum_groups
from services.billing.rules.identity import recurring_marker
from services.billing.rules.line import Line
from services.billing.rules.model import BillingRules
from services.billing.rules.persistent import Home, PersistentAddition
from services.billing.rules.price_terms import CatalogPrice
from services.contracts.shapes import AgreementFacts
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import ReadSession

_INVOICE_CONTRACT = "invoice"  # of the purposes that a marketplace contract has, the one that bills customers


@dataclass(slots=True)
class Needs:
    """Which organizations, offers, subscriptions, agreements and rule versions some lines need."""

    organization_ids: set[str] = field(default_factory=set)
    offer_ids: set[str] = field(default_factory=set)
    subscription_ids: set[str] = field(default_factory=set)
    agreement_ids: set[str] = field(default_factory=set)
    product_ids: set[str] = field(default_factory=set)
    """Catalog items that people chose for lines."""
    rule_versions: set[int] = field(default_factory=set)
    corrections: dict[tuple[str, str], Line] = field(default_factory=dict)
    """(invoice, row) → lines that correct subscriptions, as they are to be rated."""

    def add(self, line: Line) -> None:
        self.organization_ids.add(line.organization_id)
        self.offer_ids.add(line.offer_id)
        if line.subscription_id:
            self.subscription_ids.add(line.subscription_id)
        if line.user_agreement_id:
            self.agreement_ids.add(line.user_agreement_id)
        if line.user_product_id:
            self.product_ids.add(line.user_product_id)
        if line.sent_agreement_id:
            self.agreement_ids.add(line.sent_agreement_id)
        if line.subscription_id and is_proration(line):
            self.corrections[line.invoice_id, line.row_id] = line

    @property
    def correction_groups(self) -> set[Group]:
        return {group_of(line) for line in self.corrections.values()}

    @classmethod
    def of(cls, lines: Iterable[StoredLine]) -> "Needs":
        needs = cls()
        for stored in lines:
            needs.add(stored.effective)
            needs.rule_versions.add(stored.rules_version)
            if stored.rated.agreement_id:
                needs.agreement_ids.add(stored.rated.agreement_id)
        return needs


async def find_rules_in_force(session: ReadSession) -> int:
    """The version of the rules for lines loaded now; 0 is the defaults."""
    row = await configuration.find_latest(session)
    return row.version if row else 0


async def read_rules_in_force(session: ReadSession) -> BillingRules:
    """The rules of which some hold at once for every line that is not sent, whatever it was loaded with."""
    row = await configuration.find_latest(session)
    return BillingRules.model_validate(row.rules) if row else BillingRules()


async def find_dropping(session: ReadSession, rules: BillingRules, needs: Needs) -> Dropping:
    """What the rules in force do not pass on; of the lines that are rated, their values to be count."""
    if not (rules.drop_zero_lines or rules.drop_favourable_prorations):
        return NOTHING_DROPPED
    nets = {}
    if rules.drop_favourable_prorations and needs.corrections:
        kept = await lines.find_corrections(session, needs.correction_groups)
        beside = {(each.line.invoice_id, each.line.row_id): each.effective for each in kept}
        nets = sum_groups((beside | needs.corrections).values())
    return Dropping(rules.drop_zero_lines, rules.drop_favourable_prorations, nets)


async def gather_books(session: ReadSession, needs: Needs) -> dict[int, RateBook]:
    """One book per version of the rules: a line keeps the rules it was loaded with."""
    organizations = await mappings.find(session, OrganizationRow, needs.organization_ids)
    products = await mappings.find(session, ProductRow, needs.offer_ids)
    companies = {row.target_id for row in organizations.values() if row.target_id}
    chosen = {row.agreement_id for row in organizations.values() if row.agreement_id}
    agreements = await references.find_agreements(session, companies, needs.agreement_ids | chosen)
    contracts = await references.find_contracts(session, needs.organization_ids)
    in_force = await read_rules_in_force(session)
    shared: dict[str, Any] = {
        "psa": await references.find_traits(session),
        "organizations": {row.id: _map(row) for row in organizations.values()},
        "products": {row.id: row.target_id for row in products.values() if row.target_id},
        "agreements": [AgreementFacts.model_validate(row.agreement) for row in agreements if row.agreement],
        "billing_days": _find_billing_days(contracts),
        "contracts": _name_contracts(contracts),
        "first_period": in_force.first_period,
        "dropping": await find_dropping(session, in_force, needs),
        "running": await find_persistent_additions(session, needs.subscription_ids),
    }
    rules = await _find_rules(session, needs.rule_versions)
    if any(each.needs_catalog for each in rules.values()):
        items = await references.find(
            session, MirrorKind.CATALOG_ITEM, {*shared["products"].values(), *needs.product_ids}
        )
        shared["catalog"] = {item_id: read_catalog_price(row) for item_id, row in items.items()}
    return {version: RateBook(rules=each, version=version, **shared) for version, each in rules.items()}


def read_catalog_price(row: ReferenceRow) -> CatalogPrice:
    """What a catalog item says of its price; an older mirror has no cost."""
    price, cost = (row.attributes.get(name) for name in ("price", "cost"))
    return CatalogPrice(
        price=Decimal(price) if price is not None else None,
        cost=Decimal(cost) if cost is not None else None,
        currency=row.currency,
    )


async def _find_rules(session: ReadSession, versions: set[int]) -> dict[int, BillingRules]:
    rows = await configuration.find_versions(session, versions)
    saved = {row.version: BillingRules.model_validate(row.rules) for row in rows}
    return {version: saved.get(version, BillingRules()) for version in versions}


def _map(row: OrganizationRow) -> OrganizationMapping:
    return OrganizationMapping(row.is_excluded, row.target_id, row.agreement_id)


def _find_billing_days(contracts: Sequence[ReferenceRow]) -> dict[str, int]:
    days: dict[str, int] = {}
    for row in contracts:
        day = str(row.attributes.get("billing_cycle_day") or "")
        if row.parent_id and day.isdecimal() and int(day) > 0 and _bills_customers(row):
            days[row.parent_id] = int(day)
    return days


def _name_contracts(contracts: Sequence[ReferenceRow]) -> dict[tuple[str, str | None], str]:
    """(organization, currency) → its contract, where there is only one."""
    found: dict[tuple[str, str | None], list[str]] = defaultdict(list)
    for row in contracts:
        if row.parent_id and _bills_customers(row):
            found[row.parent_id, row.currency].append(row.identifier or row.name)
    return {key: names[0] for key, names in found.items() if len(names) == 1}


def _bills_customers(contract: ReferenceRow) -> bool:
    return str(contract.attributes.get("purpose") or _INVOICE_CONTRACT).casefold() == _INVOICE_CONTRACT


async def find_persistent_additions(
    session: ReadSession, subscription_ids: Collection[str]
) -> dict[tuple[str, str], PersistentAddition]:
    """(agreement, subscription) → the newest segment of the persistent addition, which knows those before it."""
    found: dict[tuple[str, str], PersistentAddition] = {}
    for row in await additions.find_persistent_additions(session, subscription_ids):
        before = found.get((row.agreement_id, row.subscription_id))
        found[row.agreement_id, row.subscription_id] = _read_segment(row, before.segments if before else ())
    return found


def _read_segment(row: PersistentAdditionRow, earlier: tuple[PersistentAddition, ...]) -> PersistentAddition:
    return PersistentAddition(
        row.invoice_id,
        row.row_id,
        row.period,
        row.effective_date,
        row.amount,
        row.begun_by,
        is_ended=row.ended_at is not None,
        last_billed_day=row.last_billed_day,
        invoiced_before=row.invoiced_before,
        amount_before=row.amount_before,
        segment=row.segment,
        marker=recurring_marker(row.partner_id, row.agreement_id, row.subscription_id, row.segment),
        home=Home(row.bills_from, row.bills_through) if row.bills_from and row.bills_through else None,
        charge_end=row.charge_end,
        money=row.money,
        ends_on=row.ends_on,
        charged_from=row.charged_from,
        earlier=earlier,
    )
