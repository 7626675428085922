"""The product's own clients read worlds of one's own, through both AppXite profiles and from ConnectWise."""

from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.kit.upstream.rates import Pace, RateLimiter
from services.sandbox import credentials
from services.sync.marketplaces.appxite.client import Account, AppXiteClient
from services.sync.marketplaces.appxite.profiles import PROFILES
from services.sync.marketplaces.port import InvoiceRow
from services.sync.psas.connectwise import additions, records
from services.sync.unreadable import Unreadable
from tests.sandbox.conftest import TODAY
from tests.sandbox.worlds import give, held, invoice, marketplace_world, psa_world, read, row

FAST = Pace(per_minute=600_000, fastest=600_000, burst=10_000, in_flight=16)


async def readable(found: AsyncIterator[Any]) -> list[Any]:
    everything = [each async for each in found]
    assert not [each for each in everything if isinstance(each, Unreadable)]
    return everything


@pytest.mark.parametrize("profile", sorted(PROFILES))
async def test_a_marketplace_of_ones_own(appxite: httpx.AsyncClient, profile: str) -> None:
    custom = row("row-3", subscription_id=None, charge_type=None, custom=True, quantity=1, unit_price=5, total=5)
    await give(
        appxite, marketplace_world(invoices=[invoice(rows=[row("row-1"), custom]), invoice(id="n", status="New")])
    )
    address = "http://appxite/legacy" if profile == "reporting-legacy" else "http://appxite"
    place = Account(address, credentials.APPXITE_REQUESTER_ID, credentials.APPXITE_KEY, PROFILES[profile])
    client = AppXiteClient(appxite, place, RateLimiter(None, pace=FAST), today=lambda: TODAY)
    organizations = await readable(client.organizations())
    assert [(each.external_id, each.name, each.currency) for each in organizations] == [
        ("org-a", "Café Ärmel", "EUR"),
        ("org-b", "Beta", "JPY"),
    ]
    assert [each.external_id for each in await readable(client.offers())] == ["offer-1"]
    headers = await readable(client.invoice_headers(date(2026, 6, 1), date(2026, 6, 30)))
    (verified,) = [each for each in headers if each.facts.is_sendable]
    assert (verified.facts.invoice_id, verified.checksum) == ("inv-1", Decimal("11.44"))
    found: list[InvoiceRow] = []
    for question in client.divide([verified.facts], is_preview=False):
        found += await readable(client.rows(question))
    first, second = (each.facts for each in found if each.facts.invoice_id == "inv-1")
    assert (first.unit_price, first.total) == (Decimal("2.147500000000000000001"), Decimal("6.44"))
    assert (first.charge_start, first.charge_end) == (date(2026, 6, 1), date(2026, 6, 30))
    assert (first.is_custom, second.is_custom) == (False, True)


async def test_a_psa_of_ones_own(psa: httpx.AsyncClient) -> None:
    await give(psa, psa_world(additions=[held(100, unitPrice=Decimal("2.1475"))]))
    cycles = dict(map(records.read_billing_cycle, await read(psa, "finance/billingCycles")))
    (record,) = [records.read_agreement(each, cycles) for each in await read(psa, "finance/agreements")]
    agreement = record.agreement
    assert agreement is not None
    assert (agreement.company_id, agreement.currency, agreement.billing_cycle) == ("1", "EUR", "Monthly")
    assert (agreement.status, agreement.next_invoice_date) == ("Active", date(2026, 4, 1))
    (company,) = [records.read_company(each) for each in await read(psa, "company/companies")]
    assert (company.identifier, company.is_active, company.attributes["types"]) == ("ACME", True, ["Client"])
    (item,) = [records.read_catalog_item(each) for each in await read(psa, "procurement/catalog")]
    assert (item.identifier, item.attributes["price"]) == ("SEAT", "22.00")
    (line,) = [additions.read_addition(each, "10") for each in await read(psa, "finance/agreements/10/additions")]
    assert (line.marker, line.values.effective_date, line.values.product_id) == ("TO-100", date(2026, 1, 1), "5")
