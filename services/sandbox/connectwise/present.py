"""How a kept record is answered: computed fields added, nulls and inner notes left out."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.currencies import decimals_of
from services.sandbox.connectwise.days import day_of
from services.sandbox.connectwise.invoiced import schedule
from services.sandbox.connectwise.proration import (
    Share,
    billed_quantity,
    charge_for,
    number_of,
    prorated,
    rounded,
)
from services.sandbox.connectwise.schemas import SCHEMAS
from services.sandbox.seed.references import Record

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


def _agreement(record: Record, books: Books) -> Record:
    return {**record, "agreementStatus": agreement_status(record, books.world.today)}


def _addition(record: Record, books: Books) -> Record:
    """Extended amounts are rounded to the currency; whether they follow billedQuantity is a switch."""
    item = books.find("catalog", record["product"]["id"]) or {}
    agreement = books.find("agreements", record["agreementId"]) or {}
    decimals, billed = decimals_of(agreement, books), billed_quantity(record)
    quantity = billed if books.behaviour.ext_price_base == "billedQuantity" else number_of(record, "quantity")
    price = rounded(quantity * number_of(record, "unitPrice"), decimals)
    cost = rounded(quantity * number_of(record, "unitCost"), decimals)
    return {
        **record,
        "description": item.get("description"),
        "billedQuantity": billed,
        "extPrice": price,
        "extCost": cost,
        "margin": price - cost,
        "agreementStatus": agreement_status(agreement, books.world.today),
        **(_prorated(record, agreement, quantity, decimals, books) if agreement.get("prorateFlag") else {}),
        "customFields": [{**ADDITION_CUSTOM_FIELD, **_custom_value(record)}],
    }


def _custom_value(record: Record) -> dict[str, Any]:
    return next(({"value": kept["value"]} for kept in record.get("customFields") or [] if "value" in kept), {})


def _prorated(record: Record, agreement: Record, quantity: Decimal, decimals: int, books: Books) -> Record:
    """What an addition costs for the period in which it begins, when it begins inside it."""
    periods = schedule(books, agreement)
    effective = day_of(record, "effectiveDate", periods.anchor)
    period = periods.containing(effective)
    if not periods.recurs or effective <= period.full_start:
        return {}
    last = min(day_of(record, "cancelledDate", period.end), period.end, periods.last_day)
    share = [Share(max((last - effective).days + 1, 0), period.full_days)]
    rounds = books.behaviour.proration_rounds
    price = charge_for(quantity, number_of(record, "unitPrice"), share, decimals, rounds)
    cost = charge_for(quantity, number_of(record, "unitCost"), share, decimals, rounds)
    return {
        "proratePrice": prorated(number_of(record, "unitPrice"), share[0], decimals),
        "prorateCost": prorated(number_of(record, "unitCost"), share[0], decimals),
        "extendedProratePrice": price.amount,
        "extendedProrateCost": cost.amount,
    }


_COMPUTE: dict[str, Callable[[Record, Books], Record]] = {"agreements": _agreement, "additions": _addition}
