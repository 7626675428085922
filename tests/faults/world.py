"""A small world of both upstreams, what should exist in it, and what ConnectWise's books hold in the end."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from services.contracts.shapes import DesiredAddition
from services.sandbox import credentials
from tests.sync.plans.builders import desire

CODEBASE, NEXT_CODEBASE = "v2025_1/", "v2026_1/"
JUNE, JULY = "2026-06", "2026-07"
AGREEMENTS = ("11", "12", "13")
ORGANIZATIONS = {"11": "org-1", "12": "org-2", "13": "org-3"}
SUBSCRIPTIONS = 8
PRODUCT, OTHER_PRODUCT = "601", "602"

CONNECTWISE_WORLD: dict[str, Any] = {
    "replace": True,
    "companies": [{"id": 250, "identifier": "CONTOSO", "name": "Contoso B.V.", "currency": "EUR"}],
    "agreement_types": [{"id": 1, "name": "Cloud"}],
    "catalog": [
        {"id": int(PRODUCT), "identifier": "M365", "description": "M365 Business", "price": "12.00"},
        {
            "id": int(OTHER_PRODUCT),
            "identifier": "E5",
            "description": "M365 E5",
            "customer_description": "E5 of the catalog",
            "price": "57.00",
        },
    ],
    "agreements": [
        {
            "id": int(agreement),
            "name": f"Cloud {agreement}",
            "company_id": 250,
            "type_id": 1,
            "currency": "EUR",
            "billing_cycle": "Monthly",
            "invoicing_cycle": "CalendarYear",
            "bill_start": "2026-01-01",
            "next_invoice_date": "2026-06-01",
        }
        for agreement in AGREEMENTS
    ],
}


def subscription(number: int, status: str = "Active", **changes: Any) -> dict[str, Any]:
    return {"id": f"sub-{number}", "organization_id": "org-1", "offer_id": "m365", "status": status, **changes}


APPXITE_WORLD: dict[str, Any] = {
    "replace": True,
    "organizations": [{"id": each, "name": each, "currency": "EUR"} for each in ORGANIZATIONS.values()],
    "offers": [{"id": "m365", "name": "M365 Business"}],
    "subscriptions": [subscription(number) for number in range(SUBSCRIPTIONS)],
}


def charge(number: int, **changes: Any) -> DesiredAddition:
    """The recurring charge of one subscription, on one of two agreements in turn."""
    agreement_id = AGREEMENTS[number % 2]
    values: dict[str, Any] = {
        "agreement_id": agreement_id,
        "agreement": f"Cloud {agreement_id}",
        "organization_id": ORGANIZATIONS[agreement_id],
        "organization": ORGANIZATIONS[agreement_id],
        "subscription_id": f"sub-{number}",
        "quantity": Decimal(number + 1),
        "effective_date": date(2026, 6, 1),
        "invoice_description": f"M365 Business of sub-{number}",
        **changes,
    }
    return desire(f"TO-{number}", **values)


@dataclass(frozen=True)
class Held:
    """One addition in ConnectWise's books."""

    marker: str
    agreement_id: str
    product_id: str
    quantity: Decimal
    unit_price: Decimal
    effective_date: str
    last_billed_day: str
    description: str
    bill_option: str


def held(wanted: DesiredAddition, last_billed_day: str = "") -> Held:
    """What the books should hold of a charge."""
    return Held(
        wanted.marker,
        wanted.agreement_id,
        wanted.product_id,
        wanted.quantity,
        wanted.unit_price,
        str(wanted.effective_date),
        last_billed_day,
        wanted.invoice_description,
        wanted.bill_option.value,
    )


async def read_books(address: str) -> list[Held]:
    """Every addition that the stand-in of ConnectWise holds, read past all of our own code."""
    login = (
        f"{credentials.CONNECTWISE_COMPANY_ID}+{credentials.CONNECTWISE_PUBLIC_KEY}",
        credentials.CONNECTWISE_PRIVATE_KEY,
    )
    found: list[Held] = []
    async with httpx.AsyncClient(base_url=address, trust_env=False, auth=login, timeout=30) as http:
        for agreement in AGREEMENTS:
            answer = await http.get(
                f"/v4_6_release/apis/3.0/finance/agreements/{agreement}/additions",
                params={"pageSize": 1000},
                headers={"clientId": credentials.CONNECTWISE_CLIENT_ID},
            )
            if answer.status_code == httpx.codes.NOT_FOUND:
                continue
            assert answer.is_success, answer.text
            found += [_read(record) for record in json.loads(answer.text, parse_float=Decimal)]
    return sorted(found, key=lambda each: each.marker)


def _read(record: dict[str, Any]) -> Held:
    return Held(
        record.get("serialNumber", ""),
        str(record["agreementId"]),
        str(record["product"]["id"]),
        Decimal(record["quantity"]),
        Decimal(record["unitPrice"]),
        record["effectiveDate"][:10],
        record.get("cancelledDate", "")[:10],
        record.get("invoiceDescription", ""),
        record["billCustomer"],
    )
