"""What a PSA has invoiced of an agreement, the same for every PSA. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from services.sync.unreadable import Unreadable


@dataclass(frozen=True, slots=True)
class PsaInvoice:
    """One invoice of an agreement. No PSA that is known says which billing period an invoice covers."""

    id: str
    number: str
    agreement_id: str
    day: date | None
    """As printed on it."""
    currency: str | None
    """None where the PSA keeps no currency."""
    total: Decimal
    products_total: Decimal | None
    """What its lines for products, additions among them, come to; None where the PSA does not say."""
    changed_at: datetime | None
    """By the PSA's clock; None where it does not say."""


@dataclass(frozen=True, slots=True)
class PsaInvoiceLine:
    """One line of an invoice. Nothing in it says which addition it came from."""

    product_id: str
    description: str
    """Of the product."""
    text: str
    """As the customer reads it; the invoice description of an addition stands in it."""
    quantity: Decimal
    unit_price: Decimal
    amount: Decimal
    """What it bills: nothing where it is covered or not billable."""


@dataclass(frozen=True, slots=True)
class InvoiceList:
    """The invoices that a list shows. One that cannot be read stands beside the others."""

    invoices: list[PsaInvoice] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)


InvoiceLines = dict[str, Sequence[PsaInvoiceLine]]
"""Invoice id → its lines."""
