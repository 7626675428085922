"""What AppXite's stand-in answers: the seeded world, the caller's own records, or both."""

from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Any

from services.sandbox.appxite.archive import BREAK, Archive, InvoiceChange
from services.sandbox.appxite.own_world import REGISTRIES, ListedOwnInvoice, OwnWorld
from services.sandbox.appxite.seeded import ID_KEYS, seeded_registry
from services.sandbox.appxite.shapes import Json, header_json, row_json
from services.sandbox.appxite.windows import Window
from services.sandbox.appxite.world_order import MarketplaceWorldOrder
from services.sandbox.control import ResetOrder
from services.sandbox.settings import Settings
from services.sandbox.store import Store
from services.sandbox.world import World, pin_day


class Marketplace:
    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._archive = Archive(store, settings)
        self.faults = self._archive.faults
        self._seeded: dict[str, dict[str, Json]] = {}
        self._own = OwnWorld(store, self._find_seeded)

    @property
    def world(self) -> World:
        return self._archive.world

    def reset(self, order: ResetOrder) -> dict[str, Any]:
        world = self._archive.reset(order)
        self._seeded = {}
        self._own.load()
        return world

    def take_world(self, order: MarketplaceWorldOrder) -> dict[str, Any]:
        """Raises OrderRefused, and then nothing has changed."""
        self._own.take(order, order.today or self.world.today)
        if order.today is not None:
            pin_day(self._store, self.world, order.today)
        if order.replace or order.today is not None:
            self._archive.load()
        kept = {name: len(getattr(order, name)) for name in (*REGISTRIES, "invoices")}
        return {"replaced": order.replace, "kept": kept, "rows": sum(len(invoice.rows) for invoice in order.invoices)}

    def registry(self, name: str) -> Iterator[Json]:
        """Organizations, offers, contracts or subscriptions: the seeded ones that are not replaced, then the own."""
        own = self._own.registries[name]
        key = ID_KEYS[name]
        seeded = () if self._own.is_whole else seeded_registry(self.world, name)
        return chain((record for record in seeded if record[key].lower() not in own), own.values())

    def find(self, registry: str, key: str) -> Json | None:
        return self._own.find(registry, key)

    def headers(self, window: Window, *, preview: bool) -> Iterator[Json]:
        seed = self.world.seed
        for listed in self._seeded_invoices(window, preview=preview):
            yield header_json(seed, listed.invoice, listed.check_sum)
        for own in self._own_invoices(window, preview=preview):
            yield self._own.header(own, self._check_sum(own))

    def rows(self, window: Window, wanted: set[str], *, preview: bool) -> Iterator[Json]:
        """Rows of the invoices dated in the window; `wanted` narrows them to some, by id in lower case."""
        seed, _, month, _ = self.world
        for listed in self._seeded_invoices(window, preview=preview):
            if not wanted or listed.invoice.id in wanted:
                for row in self._archive.rows(listed.invoice):
                    yield row_json(seed, listed.invoice, row, month)
        for own in self._own_invoices(window, preview=preview):
            if not wanted or own.invoice.id.lower() in wanted:
                yield from self._own.rows(own)

    def change(self, order: InvoiceChange) -> dict[str, Any]:
        """An ordered change of one invoice, seeded or own."""
        own = self._own.find_invoice(order.invoice)
        if own is not None:
            self._own.put(_changed(own, order))
            return {"changed": True, "invoice": own.invoice.id}
        seeded = None if self._own.is_whole else self._archive.find(order.invoice)
        if seeded is None:
            return {"changed": False, "reason": "no such invoice"}
        self._archive.change(seeded, order)
        return {"changed": True, "invoice": seeded.id}

    def summary(self) -> dict[str, Any]:
        """Totals per customer and currency: of the demo's two months, and of every month of the caller's own."""
        own = list(self._own.dated(self._archive.floor, date.max))
        is_whole = self._own.is_whole
        months = {each.invoice.date.strftime("%Y-%m") for each in own}
        months |= set() if is_whole else {month.strftime("%Y-%m") for month in self._archive.months()}
        return {
            "world": self.world.as_json(),
            "is_replaced": is_whole,
            "months": sorted(months),
            "broken_checksums": sorted(self.faults.broken_invoices),
            "totals": [*([] if is_whole else self._archive.totals()), *self._own_totals(own)],
        }

    def _seeded_invoices(self, window: Window, *, preview: bool) -> Iterable[Any]:
        if self._own.is_whole:
            return
        for listed in self._archive.invoices_between(*window, preview=preview):
            if listed.invoice.id not in self._own.invoices:
                yield listed

    def _own_invoices(self, window: Window, *, preview: bool) -> Iterator[ListedOwnInvoice]:
        dated = self._own.dated(max(window.first, self._archive.floor), window.last)
        return (each for each in dated if each.is_preview is preview)

    def _check_sum(self, own: ListedOwnInvoice) -> Decimal:
        return own.check_sum + BREAK if self.faults.broken_invoices & own.names else own.check_sum

    def _own_totals(self, own: list[ListedOwnInvoice]) -> list[dict[str, Any]]:
        totals: dict[tuple[str, str, str], dict[str, Any]] = {}
        for each in own:
            invoice = each.invoice
            key = (invoice.date.strftime("%Y-%m"), invoice.organization_id.lower(), invoice.currency)
            entry = totals.setdefault(
                key,
                {
                    "month": key[0],
                    "organization_id": invoice.organization_id,
                    "organization": self._own.organization_name(invoice),
                    "currency": invoice.currency,
                    **dict.fromkeys(("invoices", "lines", "preview_lines"), 0),
                    **dict.fromkeys(("total", "preview_total"), Decimal("0.00")),
                },
            )
            prefix = "preview_" if each.is_preview else ""
            entry["invoices"] += 1
            entry[f"{prefix}lines"] += len(invoice.rows)
            entry[f"{prefix}total"] += each.total
        return list(totals.values())

    def _find_seeded(self, name: str, key: str) -> Json | None:
        """By id. The index is made when somebody first asks: seeded records are not kept otherwise."""
        if name not in self._seeded:
            id_key = ID_KEYS[name]
            self._seeded[name] = {record[id_key]: record for record in seeded_registry(self.world, name)}
        return self._seeded[name].get(key)


def _changed(own: ListedOwnInvoice, order: InvoiceChange) -> Any:
    gone = set(order.vanish)
    rows = []
    for row in own.invoice.rows:
        price = order.reprice.get(row.id)
        if row.id not in gone:
            rows.append(row if price is None else row.model_copy(update=price.model_dump()))
    return own.invoice.model_copy(update={"rows": rows, "status": order.status or own.invoice.status})
