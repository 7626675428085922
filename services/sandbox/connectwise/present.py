"""How a kept record is answered: computed fields added, nulls and inner notes left out."""

from collections.abc import Callable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.schemas import SCHEMAS
from services.sandbox.seed.references import Record

_CENT = Decimal("0.01")
ADDITION_CUSTOM_FIELD = {
    "id": 21,
    "caption": "Marketplace Ref",
    "type": "Text",
    "entryMethod": "EntryField",
    "numberOfDecimals": 0,
}
"""The one custom field that additions have in this demo."""


def present(kind: str, record: Record, books: Books) -> Record:
    complete = _COMPUTE[kind](record, books) if kind in _COMPUTE else record
    return {name: complete[name] for name in SCHEMAS[kind].fields if complete.get(name) is not None}


def agreement_status(agreement: Record, today: date) -> str:
    """Computed from dates, as ConnectWise does; nobody can set it."""
    if agreement.get("cancelledFlag"):
        return "Cancelled"
    if day_of(agreement, "startDate", today) > today:
        return "Inactive"
    return "Expired" if day_of(agreement, "endDate", today) < today else "Active"


def day_of(record: Record, name: str, default: date) -> date:
    text = record.get(name)
    return date.fromisoformat(text[:10]) if text else default


def _agreement(record: Record, books: Books) -> Record:
    return {**record, "agreementStatus": agreement_status(record, books.world.today)}


def _addition(record: Record, books: Books) -> Record:
    """Extended amounts are rounded to cents; whether they follow billedQuantity is a setting."""
    quantity = _number(record, "quantity")
    billed = quantity - _number(record, "lessIncluded")
    base = billed if books.settings.ext_price_base == "billedQuantity" else quantity
    price = (base * _number(record, "unitPrice")).quantize(_CENT, ROUND_HALF_UP)
    cost = (base * _number(record, "unitCost")).quantize(_CENT, ROUND_HALF_UP)
    item = books.find("catalog", record["product"]["id"]) or {}
    agreement = books.find("agreements", record["agreementId"]) or {}
    return {
        **record,
        "description": item.get("description"),
        "billedQuantity": billed,
        "extPrice": price,
        "extCost": cost,
        "margin": price - cost,
        "agreementStatus": agreement_status(agreement, books.world.today),
        "customFields": [{**ADDITION_CUSTOM_FIELD, **_custom_value(record)}],
    }


def _custom_value(record: Record) -> dict[str, Any]:
    return next(({"value": kept["value"]} for kept in record.get("customFields") or [] if "value" in kept), {})


def _number(record: Record, name: str) -> Decimal:
    return Decimal(record.get(name) or 0)


_COMPUTE: dict[str, Callable[[Record, Books], Record]] = {"agreements": _agreement, "additions": _addition}
