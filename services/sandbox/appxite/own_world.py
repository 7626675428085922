"""The caller's own records, beside the seeded ones or instead of them, kept in the store as everything else."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.sandbox.appxite import own_shapes
from services.sandbox.appxite.shapes import Json
from services.sandbox.appxite.world_order import PREVIEW_STATUSES, MarketplaceWorldOrder, OwnInvoice
from services.sandbox.control import OrderFault, OrderRefused
from services.sandbox.store import Store

REGISTRIES = ("organizations", "offers", "contracts", "subscriptions")
_INVOICES = "own invoices"
_MOST_FAULTS = 50

FindSeeded = Callable[[str, str], Json | None]
"""(registry, id in lower case) → the seeded record, if there is one."""


class ListedOwnInvoice(NamedTuple):
    invoice: OwnInvoice
    total: Decimal
    """Sum of its rows."""

    @property
    def check_sum(self) -> Decimal:
        return self.total if self.invoice.checksum is None else self.invoice.checksum

    @property
    def is_preview(self) -> bool:
        return self.invoice.status in PREVIEW_STATUSES

    @property
    def names(self) -> set[str]:
        return {self.invoice.id, self.invoice.number}


class OwnWorld:
    def __init__(self, store: Store, find_seeded: FindSeeded) -> None:
        self._store, self._find_seeded = store, find_seeded
        self.load()

    def load(self) -> None:
        self.is_whole = bool(self._store.fact("is_replaced"))
        self._forget()
        for kind, key, body in self._store.changed():
            if kind == _INVOICES:
                self.invoices[key] = _listed(OwnInvoice.model_validate(body))
            elif kind.removeprefix("own ") in self.registries:
                self.registries[kind.removeprefix("own ")][key] = body

    def find(self, registry: str, key: str) -> Json | None:
        """A record by id, the caller's own first."""
        key = key.lower()
        own = self.registries[registry].get(key)
        return own if own is not None or self.is_whole else self._find_seeded(registry, key)

    def take(self, order: MarketplaceWorldOrder, today: date) -> None:
        """Keep the records of the order, all or none. Raises OrderRefused with the fields that are wrong."""
        draft = _Draft(self, order, today)
        draft.check()
        with self._store.together():
            if order.replace:
                self._store.forget_records()
                self._store.set_fact("is_replaced", value=True)
            for name, records in draft.registries.items():
                for key, record in records.items():
                    self._store.put(f"own {name}", key, record)
            for invoice in order.invoices:
                self._store.put(_INVOICES, invoice.id.lower(), invoice.model_dump())
        self._remember(order, draft.registries)

    def _remember(self, order: MarketplaceWorldOrder, registries: dict[str, dict[str, Json]]) -> None:
        """The same in memory, without reading again what earlier orders brought."""
        if order.replace:
            self._forget()
            self.is_whole = True
        for name, records in registries.items():
            self.registries[name].update(records)
        self.invoices.update((invoice.id.lower(), _listed(invoice)) for invoice in order.invoices)

    def _forget(self) -> None:
        self.registries: dict[str, dict[str, Json]] = {name: {} for name in REGISTRIES}
        self.invoices: dict[str, ListedOwnInvoice] = {}

    def put(self, invoice: OwnInvoice) -> None:
        """Keep one invoice in place of the one with its id."""
        self._store.put(_INVOICES, invoice.id.lower(), invoice.model_dump())
        self.invoices[invoice.id.lower()] = _listed(invoice)

    def find_invoice(self, key: str) -> ListedOwnInvoice | None:
        """By id, without case, or by number."""
        found = self.invoices.get(key.lower())
        return found or next((each for each in self.invoices.values() if each.invoice.number == key), None)

    def dated(self, first: date, last: date) -> Iterator[ListedOwnInvoice]:
        """Invoices dated in the window, both ends included. One without rows does not exist for AppXite."""
        return (each for each in self.invoices.values() if first <= each.invoice.date <= last and each.invoice.rows)

    def header(self, listed: ListedOwnInvoice, check_sum: Decimal) -> Json:
        return own_shapes.header_of(listed.invoice, self._organization(listed.invoice), check_sum)

    def rows(self, listed: ListedOwnInvoice) -> Iterator[Json]:
        invoice = listed.invoice
        organization = self._organization(invoice)
        for row in invoice.rows:
            subscription = self.find("subscriptions", row.subscription_id) if row.subscription_id else None
            offer_id = row.offer_id or (subscription or {})["offerId"]
            offer = self.find("offers", offer_id) or {}
            yield own_shapes.row_of(invoice, row, organization, offer, subscription)

    def organization_name(self, invoice: OwnInvoice) -> str:
        return str(self._organization(invoice)["fullName"])

    def _organization(self, invoice: OwnInvoice) -> Json:
        return self.find("organizations", invoice.organization_id) or {}


class _Draft:
    """An order while its references are followed, kind by kind."""

    def __init__(self, world: OwnWorld, order: MarketplaceWorldOrder, today: date) -> None:
        self._world, self._order, self._today = world, order, today
        self.registries: dict[str, dict[str, Json]] = {name: {} for name in REGISTRIES}
        self._faults: list[OrderFault] = []

    def check(self) -> None:
        """Raises OrderRefused."""
        self._read_registries()
        for place, invoice in enumerate(self._order.invoices):
            self._check_invoice(invoice, f"invoices[{place}]")
        self._refuse_twins("invoices", (invoice.id for invoice in self._order.invoices))
        if self._faults:
            raise OrderRefused(*self._faults[:_MOST_FAULTS])

    def _read_registries(self) -> None:
        order, today = self._order, self._today
        for name in REGISTRIES:
            self._refuse_twins(name, (each.id for each in getattr(order, name)))
        for organization in order.organizations:
            self._keep("organizations", organization.id, own_shapes.organization_of(organization, today))
        for offer in order.offers:
            self._keep("offers", offer.id, own_shapes.offer_of(offer))
        for place, contract in enumerate(order.contracts):
            customer = self._need("organizations", contract.organization_id, f"contracts[{place}].organization_id")
            if customer is not None:
                self._keep("contracts", contract.id, own_shapes.contract_of(contract, customer, today))
        for place, bought in enumerate(order.subscriptions):
            where = f"subscriptions[{place}]"
            customer = self._need("organizations", bought.organization_id, f"{where}.organization_id")
            sold = self._need("offers", bought.offer_id, f"{where}.offer_id")
            if customer is not None and sold is not None:
                self._keep("subscriptions", bought.id, own_shapes.subscription_of(bought, customer, sold))

    def _check_invoice(self, invoice: OwnInvoice, where: str) -> None:
        self._need("organizations", invoice.organization_id, f"{where}.organization_id")
        self._refuse_twins(f"{where}.rows", (row.id for row in invoice.rows))
        for place, row in enumerate(invoice.rows):
            if row.subscription_id is not None:
                self._need("subscriptions", row.subscription_id, f"{where}.rows[{place}].subscription_id")
            if row.offer_id is not None:
                self._need("offers", row.offer_id, f"{where}.rows[{place}].offer_id")

    def _need(self, registry: str, key: str, field: str) -> Json | None:
        found = self.registries[registry].get(key.lower())
        if found is None:
            found = None if self._order.replace else self._world.find(registry, key)
        if found is None:
            self._faults.append(OrderFault(field, f"there is no {registry.removesuffix('s')} {key}"))
        return found

    def _keep(self, registry: str, key: str, record: Json) -> None:
        self.registries[registry][key.lower()] = record

    def _refuse_twins(self, where: str, keys: Iterable[str]) -> None:
        seen: set[str] = set()
        for place, key in enumerate(keys):
            if key.lower() in seen:
                self._faults.append(OrderFault(f"{where}[{place}].id", f"{key} is given twice"))
            seen.add(key.lower())


def _listed(invoice: OwnInvoice) -> ListedOwnInvoice:
    return ListedOwnInvoice(invoice, sum((row.total for row in invoice.rows), Decimal("0.00")))
