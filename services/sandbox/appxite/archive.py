"""The seeded invoices with the changes that were ordered, and their checksums.

Checksums are worked out once per month, on first demand; rows are never kept.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from services.sandbox.appxite.world_order import Status
from services.sandbox.control import Body, ResetOrder
from services.sandbox.faults import FaultBook
from services.sandbox.seed.invoices import Invoice, Row, invoices_of, months_served, rows_of, total_of
from services.sandbox.seed.months import add_months, month_of
from services.sandbox.seed.organizations import organization_id
from services.sandbox.settings import Settings
from services.sandbox.store import Store
from services.sandbox.world import begin_world, open_world, reset_world

RETENTION_MONTHS = 15
BREAK = Decimal("0.01")
_CHANGE = "invoice"


class RowPrice(Body):
    quantity: Decimal
    unit_price: Decimal
    total: Decimal


class InvoiceChange(Body):
    """What shall be different about one invoice from now on; the checksum follows, unless a world has given it."""

    invoice: str
    """Its id or number."""
    status: Status | None = None
    vanish: Annotated[list[str], Field(default_factory=list)]
    """Row ids that are no longer on it."""
    reprice: Annotated[dict[str, RowPrice], Field(default_factory=dict)]
    """Row id → new values."""


class ListedInvoice(NamedTuple):
    invoice: Invoice
    rows: int
    total: Decimal
    check_sum: Decimal
    """Equals `total` unless it was ordered broken."""


class Archive:
    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self.faults = FaultBook(store)
        self.load()

    def load(self) -> None:
        self.world = open_world(self._store, self._settings)
        self._changes = {
            key: InvoiceChange.model_validate(body) for kind, key, body in self._store.changed() if kind == _CHANGE
        }
        self._listed: dict[date, list[ListedInvoice]] = {}

    def reset(self, order: ResetOrder) -> dict[str, Any]:
        world = begin_world(self._settings, seed=order.seed, lines=order.lines, today=order.today)
        reset_world(self._store, self._settings, world)
        self.load()
        return world.as_json()

    @property
    def floor(self) -> date:
        """The oldest day that is still served."""
        today = self.world.today
        return add_months(month_of(today), -RETENTION_MONTHS).replace(day=min(today.day, 28))

    def invoices_between(self, first: date, last: date, *, preview: bool) -> Iterator[ListedInvoice]:
        """Invoices dated in the window, both ends included, and not older than the floor."""
        for month in months_served(self.world.month):
            if month_of(first) <= month <= last:
                for listed in self._month(month):
                    invoice = listed.invoice
                    if max(first, self.floor) <= invoice.invoiced_on <= last and invoice.is_preview is preview:
                        yield listed

    def find(self, key: str) -> Invoice | None:
        """An invoice by id or number, whether or not it has rows."""
        for month in months_served(self.world.month):
            for invoice in invoices_of(self.world.seed, self.world.month, month):
                if key in (invoice.id, str(invoice.number)):
                    return self._changed(invoice)
        return None

    def rows(self, invoice: Invoice) -> Iterator[Row]:
        world = self.world
        rows = rows_of(world.seed, world.lines, world.month, invoice)
        change = self._changes.get(invoice.id)
        return rows if change is None else _with_change(rows, change)

    def change(self, invoice: Invoice, order: InvoiceChange) -> None:
        """Merge an ordered change into what was ordered before."""
        known = self._changes.get(invoice.id, InvoiceChange.model_validate({"invoice": invoice.id}))
        merged = InvoiceChange(
            invoice=invoice.id,
            status=order.status or known.status,
            vanish=sorted({*known.vanish, *order.vanish}),
            reprice={**known.reprice, **order.reprice},
        )
        self._changes[invoice.id] = merged
        self._store.put(_CHANGE, invoice.id, merged.model_dump())
        self._listed.pop(invoice.month, None)

    def months(self) -> list[date]:
        return [month for month in months_served(self.world.month) if month >= self.floor]

    def totals(self) -> list[dict[str, Any]]:
        """Per customer and currency, of the two months that the demo is about."""
        months = [add_months(self.world.month, -1), self.world.month]
        return [total for month in months for total in self._totals(month)]

    def _totals(self, month: date) -> list[dict[str, Any]]:
        totals: dict[tuple[int, str], dict[str, Any]] = {}
        for invoice, rows, amount, _ in self._month(month):
            organization = invoice.organization
            entry = totals.setdefault(
                (organization.number, invoice.currency),
                {
                    "month": month.strftime("%Y-%m"),
                    "organization_id": organization_id(self.world.seed, organization.number),
                    "organization": organization.name,
                    "currency": invoice.currency,
                    **dict.fromkeys(("invoices", "lines", "preview_lines"), 0),
                    **dict.fromkeys(("total", "preview_total"), Decimal("0.00")),
                },
            )
            prefix = "preview_" if invoice.is_preview else ""
            entry["invoices"] += 1
            entry[f"{prefix}lines"] += rows
            entry[f"{prefix}total"] += amount
        return list(totals.values())

    def _month(self, month: date) -> list[ListedInvoice]:
        """Every invoice of the month that has rows, with its checksum as of now."""
        if month not in self._listed:
            listed = []
            for seeded in invoices_of(self.world.seed, self.world.month, month):
                invoice = self._changed(seeded)
                count, total = total_of(self.rows(invoice))
                if count:
                    listed.append(ListedInvoice(invoice, count, total, total))
            self._listed[month] = listed
        broken = self.faults.broken_invoices
        return [self._broken(listed) if broken & _names(listed) else listed for listed in self._listed[month]]

    def _broken(self, listed: ListedInvoice) -> ListedInvoice:
        return listed._replace(check_sum=listed.total + BREAK)

    def _changed(self, invoice: Invoice) -> Invoice:
        change = self._changes.get(invoice.id)
        return invoice if change is None or change.status is None else invoice._replace(status=change.status)


def _names(listed: ListedInvoice) -> set[str]:
    return {listed.invoice.id, str(listed.invoice.number)}


def _with_change(rows: Iterator[Row], change: InvoiceChange) -> Iterator[Row]:
    gone = set(change.vanish)
    for row in rows:
        if row.id in gone:
            continue
        price = change.reprice.get(row.id)
        if price is None:
            yield row
        else:
            charge = row.charge._replace(quantity=price.quantity, unit_price=price.unit_price, total=price.total)
            yield row._replace(charge=charge)
