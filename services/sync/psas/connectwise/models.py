"""Additions as plans and pushes used them before the port; goes with `client`."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from services.contracts.vocabulary import BillOption


@dataclass(frozen=True, slots=True)
class Addition:
    """One addition of an agreement as ConnectWise holds it now."""

    id: str
    agreement_id: str
    product_id: str
    product_identifier: str
    quantity: Decimal
    unit_price: Decimal
    bill_option: str
    """`billCustomer`: Billable, DoNotBill, NoCharge; compare with `BillOption`."""
    taxable: bool
    effective_date: date | None
    cancelled_date: date | None
    """Last billed day; None runs on."""
    serial_number: str
    """Where the marker stands."""
    invoice_description: str
    last_updated: datetime | None


@dataclass(frozen=True, slots=True)
class AdditionDraft:
    """An addition to be created, in full: nothing is left to the catalog's defaults."""

    product_id: str
    quantity: Decimal
    unit_price: Decimal
    bill_option: BillOption
    taxable: bool
    effective_date: date
    cancelled_date: date | None
    serial_number: str
    invoice_description: str


PatchPath = Literal[
    "product",
    "quantity",
    "unitPrice",
    "billCustomer",
    "taxableFlag",
    "effectiveDate",
    "cancelledDate",
    "serialNumber",
    "invoiceDescription",
]
"""Bare, case-sensitive names: a nested path may answer 200 and do nothing."""


@dataclass(frozen=True, slots=True)
class Patch:
    """One absolute change of one field; None clears it. `product` takes the product id."""

    path: PatchPath
    value: Decimal | date | str | bool | None
