"""What we read from and write to ConnectWise, as frozen types: days, Decimals and string ids.

Absent and null mean the same to ConnectWise, so every optional field tolerates both; enums stay
text because the vendor adds values without notice.
"""

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


@dataclass(frozen=True, slots=True)
class Company:
    id: str
    identifier: str
    name: str
    is_active: bool
    currency: str | None
    status: str
    types: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CatalogItem:
    id: str
    identifier: str
    description: str
    is_active: bool
    product_class: str
    """Agreement, Bundle, Inventory, NonInventory, Service; a Bundle cannot become an addition."""
    price: Decimal | None
    taxable: bool


@dataclass(frozen=True, slots=True)
class AgreementType:
    id: str
    name: str
    is_active: bool
    is_prorated: bool


@dataclass(frozen=True, slots=True)
class Contact:
    id: str
    name: str
    company_id: str


@dataclass(frozen=True, slots=True)
class SystemInfo:
    version: str
    is_cloud: bool
    server_time_zone: str
