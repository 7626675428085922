"""What the control API tells about the books: counts, additions per agreement, duplicates by serial number."""

from collections import Counter
from decimal import Decimal
from typing import Any

from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.present import present
from services.sandbox.seed.references import KINDS, Record


def summarise(books: Books) -> dict[str, Any]:
    additions = [present("additions", record, books) for record in books.all("additions")]
    return {
        "world": books.world.as_json(),
        "counts": {kind: books.count(kind) for kind in KINDS},
        "additions_per_agreement": _per_agreement(books, additions),
        "duplicates": _duplicates(additions),
    }


def _per_agreement(books: Books, additions: list[Record]) -> list[dict[str, Any]]:
    by_agreement: dict[int, list[Record]] = {}
    for addition in additions:
        by_agreement.setdefault(addition["agreementId"], []).append(addition)
    return [
        {
            "agreement_id": agreement["id"],
            "agreement": agreement["name"],
            "company_id": agreement["company"]["id"],
            "company": agreement["company"]["name"],
            "currency": (agreement.get("currency") or {}).get("currencyCode"),
            "additions": len(held),
            "open": sum("cancelledDate" not in addition for addition in held),
            "marked": sum(bool(addition.get("serialNumber")) for addition in held),
            "total": sum((addition["extPrice"] for addition in held), Decimal(0)),
        }
        for agreement in books.all("agreements")
        if (held := by_agreement.get(agreement["id"]))
    ]


def _duplicates(additions: list[Record]) -> list[dict[str, Any]]:
    counts = Counter(addition["serialNumber"] for addition in additions if addition.get("serialNumber"))
    return [
        {
            "serial_number": serial,
            "count": count,
            "ids": [addition["id"] for addition in additions if addition.get("serialNumber") == serial],
        }
        for serial, count in counts.items()
        if count > 1
    ]
