"""Agreement invoices and their lines in ConnectWise's JSON, and the questions that find them.

Where an invoice's lines are is documented and was never seen live: `/procurement/products` is asked first, for many
invoices at once, and `/finance/info/invoice/{id}` for each invoice of which that shows nothing.
"""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import islice

from services.sync.psas.connectwise import wire
from services.sync.psas.connectwise.conditions import Condition, field
from services.sync.psas.invoice import PsaInvoice, PsaInvoiceLine
from services.sync.unreadable import WrongShape

INVOICES = "/finance/invoices"
LINES = "/procurement/products"
AT_ONCE = 100
"""Ids in one question: with seven digits and an encoded comma each, its address stays below 2,000 characters."""
_AGREEMENT = "Agreement"
_BILLABLE = "Billable"


def invoice_path(invoice_id: str) -> str:
    return f"{INVOICES}/{invoice_id}"


def info_path(invoice_id: str) -> str:
    return f"/finance/info/invoice/{invoice_id}"


def of_agreements(agreement_ids: Collection[int], changed_since: datetime | None = None) -> Condition:
    condition = field("type").equals(_AGREEMENT) & field("agreement/id").is_one_of(agreement_ids)
    return condition if changed_since is None else condition & field("lastUpdated").is_after(changed_since)


def of_invoices(invoice_ids: Collection[int]) -> Condition:
    return field("invoice/id").is_one_of(invoice_ids)


def in_groups(ids: Collection[int]) -> Iterator[list[int]]:
    left = iter(sorted(ids))
    while group := list(islice(left, AT_ONCE)):
        yield group


def read_invoice(item: wire.Wire) -> PsaInvoice:
    total = wire.number(item, "total")
    if total is None:
        raise WrongShape("the invoice has no total")
    return PsaInvoice(
        id=wire.record_id(item),
        number=wire.text(item, "invoiceNumber") or wire.record_id(item),
        agreement_id=_agreement_id(item),
        day=wire.day(item, "date"),
        currency=wire.currency(item),
        total=total,
        products_total=wire.number(item, "productTotal"),
        changed_at=_moment(wire.text(wire.reference(item, "_info"), "lastUpdated")),
    )


def read_line(item: wire.Wire) -> tuple[str, PsaInvoiceLine]:
    """The id of its invoice, where it names one, and the line."""
    quantity, price = wire.number(item, "quantity"), wire.number(item, "price")
    amount = wire.number(item, "extPrice")
    if amount is None:
        raise WrongShape("the line has no extended price")
    is_billed = (wire.text(item, "billableOption") or _BILLABLE) == _BILLABLE and not wire.flag(item, "cancelledFlag")
    line = PsaInvoiceLine(
        product_id=wire.text(wire.reference(item, "catalogItem"), "id"),
        description=wire.text(item, "description"),
        text=wire.text(item, "customerDescription"),
        quantity=quantity if quantity is not None else Decimal(0),
        unit_price=price if price is not None else Decimal(0),
        amount=amount if is_billed else Decimal(0),
    )
    return wire.text(wire.reference(item, "invoice"), "id"), line


def is_of_agreement(invoice: PsaInvoice, agreement_ids: Collection[int]) -> bool:
    """Conditions that are combined were seen to be ignored by one tenant."""
    return invoice.agreement_id.isdigit() and int(invoice.agreement_id) in agreement_ids


def _agreement_id(item: wire.Wire) -> str:
    own = wire.text(wire.reference(item, "agreement"), "id")
    if own or wire.text(item, "applyToType") != _AGREEMENT:
        return own
    return wire.text(item, "applyToId")


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
