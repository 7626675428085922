"""What may be written on an agreement's additions."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.sandbox.connectwise.days import day_of
from services.sandbox.connectwise.errors import Fault, invalid, refused
from services.sandbox.connectwise.invoiced import is_invoiced_day
from services.sandbox.connectwise.present import ADDITION_CUSTOM_FIELD
from services.sandbox.connectwise.records import Records
from services.sandbox.seed.months import midnight
from services.sandbox.seed.references import Record

BEFORE_BILLING = "effectiveDate cannot be less than the agreement billing start date"
ALREADY_INVOICED = (
    "Since this period has already been invoiced there will not be an invoice generated for additional products for "
    "this period. Please prorate the agreement or update the start date to on or after the Next Invoice Date."
)


def complete_addition(record: Record, agreement: Record, books: Records) -> Record:
    """A new addition with what ConnectWise fills in: the catalog's prices, the day, zeros and false flags.

    That a missing effectiveDate becomes today is an assumption.
    """
    item = books.find("catalog", record["product"]["id"]) or {}
    defaults: Record = {
        "quantity": Decimal(1),
        "lessIncluded": Decimal(0),
        "unitPrice": item.get("price"),
        "unitCost": item.get("cost"),
        "effectiveDate": midnight(books.world.today),
        "taxableFlag": item.get("taxableFlag", False),
        "invoiceDescription": item.get("customerDescription"),
        "purchaseItemFlag": False,
        "specialOrderFlag": False,
        "prorateCurrentPeriodFlag": False,
        "uom": item.get("unitOfMeasure", {}).get("name"),
        "sequenceNumber": Decimal(books.count("additions", agreement["id"]) + 1),
        "agreementId": agreement["id"],
    }
    return defaults | {name: value for name, value in record.items() if value is not None}


def check_addition(record: Record, before: Record | None, agreement: Record, books: Records) -> None:
    """The rules that look beyond one field. Raises PsaError 400."""
    if before is None or record.get("effectiveDate") != before.get("effectiveDate"):
        _check_effective_date(record, agreement, books)
    item = books.find("catalog", record["product"]["id"]) or {}
    if item.get("productClass") == "Bundle":
        raise refused("addition", "product", "Bundle products cannot be added to an agreement.")
    unknown = [field for field in record.get("customFields") or [] if not _is_known(field)]
    if unknown:
        key = unknown[0].get("id") if isinstance(unknown[0], dict) else None
        raise invalid("addition", Fault("NotFound", f"Custom field {key} not found", "addition", "customFields/id"))


def values_of_new_product(before: Record, changed: Record, sent: Record, books: Records) -> Record:
    """What a change of the product alone brings along: price, cost and text of the catalog, and no serialNumber.

    Only for what was not sent with it. That the serial number goes is the pessimistic reading of the one source.
    """
    if "product" not in sent or changed["product"]["id"] == before["product"]["id"]:
        return {}
    item = books.find("catalog", changed["product"]["id"]) or {}
    brought: Record = {
        "unitPrice": item.get("price"),
        "unitCost": item.get("cost"),
        "invoiceDescription": item.get("customerDescription"),
        "uom": item.get("unitOfMeasure", {}).get("name"),
        "serialNumber": None,
    }
    return {name: value for name, value in brought.items() if name not in sent}


def _check_effective_date(record: Record, agreement: Record, books: Records) -> None:
    effective = day_of(record, "effectiveDate", date.min)
    if effective < day_of(agreement, "billStartDate", date.min):
        raise refused("addition", "effectiveDate", BEFORE_BILLING)
    if not agreement.get("prorateFlag") and is_invoiced_day(books, agreement, effective):
        raise refused("addition", "effectiveDate", ALREADY_INVOICED)


def _is_known(field: Any) -> bool:
    return isinstance(field, dict) and ADDITION_CUSTOM_FIELD["id"] == field.get("id")
