"""Small worlds of one's own, written as somebody outside would write them."""

from typing import Any

import httpx

from services.sandbox import exact_json
from tests.sandbox.conftest import API

World = dict[str, Any]


def psa_world(**changes: Any) -> World:
    """One company with one monthly agreement that starts on the first of January 2026."""
    return {
        "replace": True,
        "companies": [{"id": 1, "identifier": "ACME", "name": "Acme Ltd", "currency": "EUR"}],
        "agreement_types": [{"id": 1, "name": "Cloud"}],
        "catalog": [{"id": 5, "identifier": "SEAT", "description": "A seat", "price": "22.00", "cost": "18.00"}],
        "agreements": [agreement()],
        "additions": [],
        **changes,
    }


def agreement(**fields: Any) -> World:
    return {
        "id": 10,
        "name": "Acme cloud",
        "company_id": 1,
        "type_id": 1,
        "currency": "EUR",
        "billing_cycle": "Monthly",
        "invoicing_cycle": "CalendarYear",
        "prorated": False,
        "bill_start": "2026-01-01",
        "next_invoice_date": "2026-04-01",
        **fields,
    }


def held(key: int, **fields: Any) -> World:
    """An addition that runs since January and was billed through March."""
    return {
        "id": key,
        "agreementId": 10,
        "product": {"id": 5},
        "quantity": 1,
        "unitPrice": "22.00",
        "effectiveDate": "2026-01-01",
        "serialNumber": f"TO-{key}",
        **fields,
    }


def marketplace_world(**changes: Any) -> World:
    """Two customers: one invoice to be billed on, one that is still a preview."""
    return {
        "replace": True,
        "organizations": [
            {"id": "Org-A", "name": "Café Ärmel", "currency": "EUR", "country": "DE"},
            {"id": "Org-B", "name": "Beta", "currency": "JPY"},
        ],
        "offers": [{"id": "offer-1", "name": "Microsoft 365", "sku": "SKU-1", "vendor": "Microsoft"}],
        "contracts": [{"id": "c-1", "organization_id": "Org-A", "billing_day": 1, "currency": "EUR"}],
        "subscriptions": [
            {"id": "sub-1", "organization_id": "Org-A", "offer_id": "offer-1", "start": "2026-01-01"},
            {"id": "sub-2", "organization_id": "Org-B", "offer_id": "offer-1", "name": "Seats", "status": "Suspended"},
        ],
        "invoices": [
            invoice(),
            invoice(id="inv-2", number="JP-7", organization_id="Org-B", currency="JPY", status="New"),
        ],
        **changes,
    }


def invoice(**fields: Any) -> World:
    return {
        "id": "inv-1",
        "number": 4711,
        "organization_id": "Org-A",
        "currency": "EUR",
        "date": "2026-06-01",
        "status": "Verified",
        "rows": [row("row-1"), row("row-2", total="-0.10", charge_type="Correction", quantity=1, unit_price="-0.10")],
        **fields,
    }


def row(key: str, **fields: Any) -> World:
    return {
        "id": key,
        "subscription_id": "sub-1",
        "offer_id": "offer-1",
        "charge_type": "CycleFee",
        "quantity": "3",
        "unit_price": "2.147500000000000000001",
        "total": "6.44",
        "start": "2026-06-01",
        "end": "2026-06-30",
        "custom": False,
        **fields,
    }


async def give(client: httpx.AsyncClient, world: World) -> World:
    answer = await client.post("/_sandbox/world", content=exact_json.dumps(world))
    assert answer.status_code == 200, answer.text
    kept: World = answer.json()
    return kept


async def refusal(client: httpx.AsyncClient, name: str, order: World) -> dict[str, str]:
    """What is wrong with an order: field → message."""
    answer = await client.post(f"/_sandbox/{name}", content=exact_json.dumps(order))
    assert answer.status_code == 422, answer.text
    assert answer.json()["message"].startswith("Nothing was done.")
    return {fault["field"]: fault["message"] for fault in answer.json()["errors"]}


async def behave(client: httpx.AsyncClient, **switches: Any) -> World:
    answer = await client.post("/_sandbox/behaviour", json=switches)
    assert answer.status_code == 200, answer.text
    shown: World = answer.json()
    return shown


async def read(client: httpx.AsyncClient, path: str, **params: Any) -> Any:
    answer = await client.get(f"{API}/{path}", params=params)
    assert answer.status_code == 200, answer.text
    return exact_json.loads(answer.content)
