"""Worlds of one's own: what is given is what is read, and an order that is wrong changes nothing."""

from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.sandbox import credentials, exact_json
from services.sandbox.appxite.app import build_app
from services.sandbox.settings import Settings
from tests.sandbox.conftest import API, REPORTING, psa_client, records, report
from tests.sandbox.worlds import agreement, give, held, invoice, marketplace_world, psa_world, read, refusal, row

JUNE = {"invoiceDateFrom": "2026-06-01", "invoiceDateTill": "2026-06-30"}
LEGACY_KEY = {"saskey": credentials.APPXITE_KEY}


async def rows(client: httpx.AsyncClient, resource: str = "invoice-rows") -> list[dict[str, Any]]:
    params = {"sasKey": credentials.APPXITE_KEY, **JUNE}
    found: list[dict[str, Any]] = exact_json.loads((await client.get(f"{REPORTING}/{resource}", params=params)).content)
    return found


class TestMarketplace:
    async def test_the_whole_world_is_the_callers(self, appxite: httpx.AsyncClient) -> None:
        kept = await give(appxite, marketplace_world())
        assert kept["kept"] == {"organizations": 2, "offers": 1, "contracts": 1, "subscriptions": 2, "invoices": 2}
        assert kept["rows"] == 4
        assert [each["fullName"] for each in await report(appxite, "organizations")] == ["Café Ärmel", "Beta"]
        assert [each["id"] for each in await report(appxite, "contracts")] == ["c-1"]
        (header,) = await report(appxite, "invoice-headers", **JUNE)
        assert (header["invoicesId"], header["invoicesNumber"], header["totalPriceCheckSum"]) == ("inv-1", 4711, 6.34)
        (preview,) = await report(appxite, "invoice-headers/preview", **JUNE)
        assert (preview["invoicesNumber"], preview["invoiceCurrency"]) == ("JP-7", "JPY")

    async def test_amounts_are_kept_to_the_last_digit(self, appxite: httpx.AsyncClient) -> None:
        await give(appxite, marketplace_world())
        first, second = await rows(appxite)
        assert (first["unitPrice"], first["totalPrice"]) == (Decimal("2.147500000000000000001"), Decimal("6.44"))
        assert (second["totalPrice"], second["invoiceChargeTypes"]) == (Decimal("-0.10"), "Correction")

    async def test_added_records_stand_beside_the_demo_and_may_refer_to_it(self, appxite: httpx.AsyncClient) -> None:
        known = (await report(appxite, "subscriptions"))[0]
        bought = row("mine", subscription_id=known["subscriptionId"], offer_id=None)
        mine = invoice(organization_id=known["customerOrgId"], rows=[bought])
        await give(appxite, {"invoices": [mine]})
        (found,) = [each for each in await rows(appxite) if each["rowId"] == "mine"]
        assert found["offerId"] == known["offerId"]
        assert len(await report(appxite, "organizations")) == 40

    async def test_a_later_invoice_with_the_same_id_replaces_the_first(self, appxite: httpx.AsyncClient) -> None:
        await give(appxite, marketplace_world())
        await give(appxite, {"invoices": [invoice(id="INV-1", rows=[row("row-9")], checksum="7.00")]})
        (header,) = await report(appxite, "invoice-headers", **JUNE)
        assert (header["invoicesId"], header["totalPriceCheckSum"]) == ("INV-1", 7)
        assert [each["rowId"] for each in await rows(appxite)] == ["row-9"]

    async def test_a_custom_row_may_do_without_a_subscription(self, appxite: httpx.AsyncClient) -> None:
        custom = row("row-c", subscription_id=None, charge_type=None, custom="Goodwill", start=None, end=None)
        await give(appxite, marketplace_world(invoices=[invoice(rows=[custom])]))
        (found,) = await rows(appxite)
        assert (found["subscriptionName"], found["subscriptionId"]) == ("Default Subscription", "Org-A")
        assert (found["invoiceChargeTypes"], found["CustomChargeDetails"]) == ("UserCorrection", "Goodwill")
        (header,) = await report(appxite, "invoice-headers", **JUNE)
        assert header["InvoiceSource"] == "Custom"

    async def test_orders_about_invoices_and_checksums_know_the_callers_own(self, appxite: httpx.AsyncClient) -> None:
        await give(appxite, marketplace_world())
        change = {
            "invoice": "4711",
            "status": "Paid",
            "vanish": ["row-2"],
            "reprice": {"row-1": {"quantity": 1, "unit_price": "5.00", "total": "5.00"}},
        }
        assert (await appxite.post("/_sandbox/invoices", json=change)).json()["changed"] is True
        await appxite.post("/_sandbox/faults", json={"kind": "break_checksum", "invoice": "inv-1"})
        (header,) = await report(appxite, "invoice-headers", **JUNE)
        assert (header["status"], header["totalPriceCheckSum"]) == ("Paid", 5.01)
        (total,) = [each for each in (await appxite.get("/_sandbox/state")).json()["totals"] if each["lines"]]
        assert (total["organization"], total["lines"], total["total"]) == ("Café Ärmel", 1, 5)

    async def test_the_older_profile_serves_it_too(self, appxite: httpx.AsyncClient) -> None:
        await give(appxite, marketplace_world())
        raw = {"workflowId": "invoicing-rawdata.wrkf"}
        window = {"refreshDateFrom": "2026-06-01", "refreshDateTill": "2026-06-30"}
        headers = await appxite.get("/legacy/invoices/invoice-headers", params={**raw, **window}, headers=LEGACY_KEY)
        (header,) = headers.json()
        assert (header["invoicesId"], "status" in header) == ("inv-1", False)
        window = {"dateFrom": "2026-06-01", "dateTill": "2026-06-30"}
        found = await appxite.get("/legacy/invoices/INV-1/invoice-rows", params={**raw, **window}, headers=LEGACY_KEY)
        assert [each["rowId"] for each in found.json()] == ["row-1", "row-2"]
        workflow = {"workflowId": "organizations.wrkf"}
        path = "/legacy/data/organization-info/organizations/org-b"
        (organization,) = (await appxite.get(path, params=workflow, headers=LEGACY_KEY)).json()
        assert organization["fullName"] == "Beta"

    async def test_what_is_wrong_is_named_and_nothing_is_kept(self, appxite: httpx.AsyncClient) -> None:
        before = (await appxite.get("/_sandbox/state")).json()
        wrong = marketplace_world(
            contracts=[{"id": "c-1", "organization_id": "nobody", "billing_day": 1, "currency": "EUR"}],
            invoices=[
                invoice(organization_id="Org-C", rows=[row("r", subscription_id="sub-9"), row("r", offer_id="none")])
            ],
        )
        assert await refusal(appxite, "world", wrong) == {
            "contracts[0].organization_id": "there is no organization nobody",
            "invoices[0].organization_id": "there is no organization Org-C",
            "invoices[0].rows[0].subscription_id": "there is no subscription sub-9",
            "invoices[0].rows[1].offer_id": "there is no offer none",
            "invoices[0].rows[1].id": "r is given twice",
        }
        assert (await appxite.get("/_sandbox/state")).json() == before

    @pytest.mark.parametrize(
        ("fields", "where"),
        [
            ({"date": "soon"}, "invoices[0].date"),
            ({"status": "Perhaps"}, "invoices[0].status"),
            ({"currency": "Euro"}, "invoices[0].currency"),
            ({"id": "a/b"}, "invoices[0].id"),
            ({"colour": "red"}, "invoices[0].colour"),
            ({"rows": [row("r", total="NaN")]}, "invoices[0].rows[0].total"),
            ({"rows": [row("r", total=True)]}, "invoices[0].rows[0].total"),
            ({"rows": [row("r", total="1e20")]}, "invoices[0].rows[0].total"),
            ({"rows": [row("r", subscription_id=None)]}, "invoices[0].rows[0]"),
            ({"rows": [row("r", end="2026-05-01")]}, "invoices[0].rows[0]"),
        ],
    )
    async def test_values_that_cannot_be(self, appxite: httpx.AsyncClient, fields: dict[str, Any], where: str) -> None:
        assert list(await refusal(appxite, "world", marketplace_world(invoices=[invoice(**fields)]))) == [where]

    async def test_it_survives_a_restart_and_a_reset_brings_the_demo_back(self, settings: Settings) -> None:
        for step in range(2):
            transport = httpx.ASGITransport(build_app(settings))
            async with httpx.AsyncClient(transport=transport, base_url="http://appxite") as client:
                if step == 0:
                    await give(client, marketplace_world())
                assert len(await report(client, "invoice-headers", **JUNE)) == 1
                if step == 1:
                    await client.post("/_sandbox/reset")
                    assert len(await report(client, "organizations")) == 40

    async def test_five_thousand_rows_are_taken_at_once(self, appxite: httpx.AsyncClient) -> None:
        many = [invoice(id=f"i-{n}", number=n, rows=[row(f"r-{m}") for m in range(50)]) for n in range(1, 101)]
        await give(appxite, marketplace_world(invoices=many))
        assert len(await rows(appxite)) == 5000


class TestPsa:
    async def test_the_whole_world_is_the_callers(self, psa: httpx.AsyncClient) -> None:
        kept = await give(psa, psa_world(additions=[held(100)]))
        assert kept == {
            "replaced": True,
            "kept": {"companies": 1, "agreement_types": 1, "catalog": 1, "agreements": 1, "additions": 1},
        }
        assert [each["name"] for each in await records(psa, "company/companies")] == ["Acme Ltd"]
        (found,) = await records(psa, "finance/agreements")
        assert (found["billingCycle"]["name"], found["invoicingCycle"], found["prorateFlag"]) == (
            "Monthly",
            "CalendarYear",
            False,
        )
        assert (found["billStartDate"], found["nextInvoiceDate"]) == ("2026-01-01T00:00:00Z", "2026-04-01")
        assert found["contact"]["name"] == "Accounts Payable"
        (line,) = await records(psa, "finance/agreements/10/additions")
        assert (line["id"], line["product"]["identifier"], line["serialNumber"]) == (100, "SEAT", "TO-100")

    async def test_an_addition_may_carry_any_field_of_the_api(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(additions=[held(100, customFields=[{"id": 21, "value": "ref-7"}], lessIncluded=0)]))
        (line,) = await records(psa, "finance/agreements/10/additions")
        await give(psa, {"additions": [line | {"id": 101}]})
        copy = await read(psa, "finance/agreements/10/additions/101")
        assert copy["customFields"][0]["value"] == "ref-7"
        assert (copy["effectiveDate"], copy["unitPrice"]) == (line["effectiveDate"], line["unitPrice"])

    async def test_added_records_stand_beside_the_demo_and_may_refer_to_it(self, psa: httpx.AsyncClient) -> None:
        mine = agreement(id=9000, company_id=250, type_id=7, currency=None)
        await give(
            psa, {"agreements": [mine], "additions": [held(90_000, agreementId=9000, product_id=601, product=None)]}
        )
        found = await read(psa, "finance/agreements/9000")
        assert (found["company"]["id"], found["currency"]["currencyCode"]) == (250, "EUR")
        assert len(await records(psa, "finance/agreements")) == 52

    async def test_new_records_get_ids_behind_the_callers(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(additions=[held(100)]))
        body = {"product": {"id": 5}, "billCustomer": "Billable", "effectiveDate": "2026-05-01T00:00:00Z"}
        assert (await psa.post(f"{API}/finance/agreements/10/additions", json=body)).json()["id"] == 101

    async def test_a_currency_that_is_not_set_up_gets_its_decimals(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(agreements=[agreement(currency="kwd")]))
        found = await read(psa, "finance/agreements/10")
        assert (found["currency"]["currencyCode"], found["currency"]["numberOfDecimals"]) == ("KWD", 3)

    async def test_what_is_wrong_is_named_and_nothing_is_kept(self, psa: httpx.AsyncClient) -> None:
        wrong = psa_world(
            companies=[
                {"id": 1, "identifier": "ACME", "name": "Acme"},
                {"id": 2, "identifier": "acme", "name": "Twin"},
            ],
            agreements=[agreement(company_id=7, billing_cycle="Daily", currency="Euro"), agreement(id="ten")],
            additions=[
                held(100, agreementId=99),
                held(101, product={"identifier": "NONE"}, colour="red", quantity="many"),
                held(102, effectiveDate="soon"),
                held(102),
                {"id": 103},
            ],
        )
        assert set(await refusal(psa, "world", wrong)) == {
            "companies[1].identifier",
            "agreements[0].company_id",
            "agreements[0].billing_cycle",
            "agreements[0].currency",
            "agreements[1].id",
            "additions[0].agreementId",
            "additions[1].product",
            "additions[1].colour",
            "additions[1].quantity",
            "additions[2].effectiveDate",
            "additions[3].id",
            "additions[4].agreement_id",
            "additions[4].product_id",
        }
        assert len(await records(psa, "finance/agreements")) == 51

    async def test_it_survives_a_restart_and_a_reset_brings_the_demo_back(self, settings: Settings) -> None:
        async with psa_client(settings) as first:
            await give(first, psa_world(additions=[held(100)], today="2026-08-01"))
        async with psa_client(settings) as second:
            assert await read(second, "finance/agreements/10/additions/count") == {"count": 1}
            assert (await second.get("/_sandbox/state")).json()["world"]["today"] == "2026-08-01"
            await second.post("/_sandbox/reset")
            assert await read(second, "finance/agreements/count") == {"count": 51}

    async def test_five_thousand_additions_are_taken_at_once(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(additions=[held(key) for key in range(1, 5001)]))
        assert await read(psa, "finance/agreements/10/additions/count") == {"count": 5000}
