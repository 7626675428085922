from collections import defaultdict
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.sandbox import credentials, exact_json
from services.sandbox.appxite.app import build_app
from services.sandbox.settings import Settings
from tests.sandbox.conftest import REPORTING, report

MAY = {"invoiceDateFrom": "2026-05-01", "invoiceDateTill": "2026-05-31"}
JUNE = {"invoiceDateFrom": "2026-06-01", "invoiceDateTill": "2026-06-30"}
KEY = {"sasKey": credentials.APPXITE_KEY}
ROW_KEYS = """rowId invoicesNumber subscriptionId subscriptionName subscriptionStartDate subscriptionEndDate
vendor_Subscription_Id charge_start_date charge_end_date offerId offerName offerShortName vendor_Offer_Id productsName
invoiceDataContractType quantity unitPrice totalPrice resellerPrice retailPrice retail_Price_Source
retail_Price_Markup customer_Markup price_Markup_Start_Date vendorOrgId vendorOrg resellerOrgId resellerOrg
customerOrgId customerOrg invoiceChargeTypes"""
HEADER_KEYS = """invoicesId invoicesNumber invoiceProviderId invoiceProvider invoiceReceiverId invoiceReceiver
receiver_country receiver_VAT_number billing_address account_manager account_manager_email comments invoicesDate
invoiceCurrency totalPriceCheckSum rateToEuro billingPeriodFromDate billingPeriodTillDate"""


def with_spaces(keys: str) -> set[str]:
    return {key.replace("_", " ") for key in keys.split()}


async def exact(client: httpx.AsyncClient, resource: str, **params: Any) -> list[dict[str, Any]]:
    answer = await client.get(f"{REPORTING}/{resource}", params={**KEY, **params})
    assert answer.status_code == 200
    found: list[dict[str, Any]] = exact_json.loads(answer.content)
    return found


class TestShapes:
    async def test_headers_have_the_eighteen_known_keys(self, appxite: httpx.AsyncClient) -> None:
        header = (await report(appxite, "invoice-headers", **MAY))[0]
        assert with_spaces(HEADER_KEYS) <= set(header)
        assert len(with_spaces(HEADER_KEYS)) == 18

    async def test_rows_have_the_thirty_one_known_keys(self, appxite: httpx.AsyncClient) -> None:
        for row in await report(appxite, "invoice-rows", **MAY):
            assert with_spaces(ROW_KEYS) <= set(row)
        assert len(with_spaces(ROW_KEYS)) == 31

    async def test_numbers_are_exact_json_numbers(self, appxite: httpx.AsyncClient) -> None:
        rows = await exact(appxite, "invoice-rows", **MAY)
        assert any(row["unitPrice"] == Decimal("2.1475") for row in rows)
        assert all(isinstance(row["totalPrice"], Decimal) for row in rows)

    async def test_registries(self, appxite: httpx.AsyncClient) -> None:
        assert len(await report(appxite, "organizations")) == 40
        assert len(await report(appxite, "offers")) == 25
        assert len(await report(appxite, "contracts")) == 41
        subscriptions = {each["subscriptionId"] for each in await report(appxite, "subscriptions")}
        rows = await report(appxite, "invoice-rows", **MAY)
        linked = {row["subscriptionId"] for row in rows if row["subscriptionName"] != "Default Subscription"}
        assert linked <= subscriptions

    async def test_custom_invoices_name_their_source(self, appxite: httpx.AsyncClient) -> None:
        custom = [h for h in await report(appxite, "invoice-headers", **MAY) if h.get("InvoiceSourceId") == 4]
        rows = await report(appxite, "invoice-rows", **MAY, invoicesId=custom[0]["invoicesId"])
        assert {row["invoiceChargeTypes"] for row in rows} == {"UserCorrection"}


class TestChecksums:
    @pytest.mark.parametrize("window", [MAY, JUNE], ids=["previous", "current"])
    @pytest.mark.parametrize("preview", ["", "/preview"])
    async def test_rows_add_up_to_the_header(
        self, appxite: httpx.AsyncClient, window: dict[str, str], preview: str
    ) -> None:
        sums: dict[str, Decimal] = defaultdict(Decimal)
        for row in await exact(appxite, f"invoice-rows{preview}", **window):
            sums[row["invoicesId"]] += row["totalPrice"]
        headers = await exact(appxite, f"invoice-headers{preview}", **window)
        assert {header["invoicesId"]: header["totalPriceCheckSum"] for header in headers} == sums

    async def test_one_can_be_broken_and_mended(self, appxite: httpx.AsyncClient) -> None:
        before = await report(appxite, "invoice-headers", **MAY)
        order = {"kind": "break_checksum", "invoice": str(before[3]["invoicesNumber"])}
        assert (await appxite.post("/_sandbox/faults", json=order)).status_code == 201
        broken = await report(appxite, "invoice-headers", **MAY)
        assert [a["invoicesId"] for a, b in zip(before, broken, strict=True) if a != b] == [before[3]["invoicesId"]]
        await appxite.delete("/_sandbox/faults")
        assert await report(appxite, "invoice-headers", **MAY) == before


class TestWindows:
    async def test_preview_holds_what_is_not_verified(self, appxite: httpx.AsyncClient) -> None:
        verified = {header["status"] for header in await report(appxite, "invoice-headers", **JUNE)}
        preview = {header["status"] for header in await report(appxite, "invoice-headers/preview", **JUNE)}
        assert preview == {"New", "New Corrected"}
        assert verified.isdisjoint(preview)
        assert "Verified" in verified
        assert await report(appxite, "invoice-headers/preview", **MAY) == []

    async def test_both_ends_are_included(self, appxite: httpx.AsyncClient) -> None:
        one_day = {"invoiceDateFrom": "2026-05-01", "invoiceDateTill": "2026-05-01"}
        assert {h["invoicesDate"] for h in await report(appxite, "invoice-headers", **one_day)} == {
            "2026-05-01T00:00:00Z"
        }

    async def test_rows_can_be_narrowed_to_invoices(self, appxite: httpx.AsyncClient) -> None:
        wanted = [header["invoicesId"] for header in (await report(appxite, "invoice-headers", **MAY))[:3]]
        repeated = await report(appxite, "invoice-rows", **MAY, invoicesId=wanted)
        assert {row["invoicesId"] for row in repeated} == set(wanted)
        assert await report(appxite, "invoice-rows", **MAY, invoicesId=",".join(wanted)) == repeated

    async def test_nothing_is_older_than_fifteen_months(self, appxite: httpx.AsyncClient) -> None:
        everything = {"invoiceDateFrom": "2020-01-01", "invoiceDateTill": "2026-06-30"}
        dates = sorted(header["invoicesDate"] for header in await report(appxite, "invoice-headers", **everything))
        assert dates[0] == "2025-03-20T00:00:00Z"
        february = {"invoiceDateFrom": "2025-02-01", "invoiceDateTill": "2025-02-28"}
        assert await report(appxite, "invoice-headers", **february) == []

    @pytest.mark.parametrize(
        "params",
        [
            {},
            {"invoiceDateFrom": "2026-05-01"},
            {"invoiceDateFrom": "2026-05-01", "invoiceDateTill": "31.05.2026"},
            {"invoiceDateFrom": "2026-06-01", "invoiceDateTill": "2026-05-01"},
            {"invoiceDateFrom": "2026-02-30", "invoiceDateTill": "2026-05-01"},
        ],
    )
    async def test_a_missing_or_bad_date_is_refused(self, appxite: httpx.AsyncClient, params: dict[str, str]) -> None:
        answer = await appxite.get(f"{REPORTING}/invoice-rows", params={**KEY, **params})
        assert answer.status_code == 400
        assert answer.json()["statusCode"] == 400


class TestKeys:
    @pytest.mark.parametrize("params", [{}, {"sasKey": "guess"}, {"saskey": credentials.APPXITE_KEY}])
    async def test_a_missing_or_wrong_key_is_401(self, appxite: httpx.AsyncClient, params: dict[str, str]) -> None:
        answer = await appxite.get(f"{REPORTING}/organizations", params=params)
        assert (answer.status_code, answer.json()["statusCode"]) == (401, 401)

    async def test_another_requester_is_403(self, appxite: httpx.AsyncClient) -> None:
        path = REPORTING.replace(credentials.APPXITE_REQUESTER_ID, "00000000-0000-4000-8000-000000000000")
        assert (await appxite.get(f"{path}/organizations", params=KEY)).status_code == 403

    async def test_an_unknown_resource_is_404(self, appxite: httpx.AsyncClient) -> None:
        assert (await appxite.get(f"{REPORTING}/orders", params=KEY)).status_code == 404


class TestRate:
    async def test_too_many_calls_are_told_when_to_come_back(self, tmp_path: Any) -> None:
        app = build_app(Settings(dir=tmp_path, appxite_per_minute=2))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://a") as client:
            statuses = [(await client.get(f"{REPORTING}/offers", params=KEY)) for _ in range(3)]
        assert [answer.status_code for answer in statuses] == [200, 200, 429]
        assert 1 <= int(statuses[2].headers["Retry-After"]) <= 60
        assert statuses[2].json()["message"].startswith("Rate limit is exceeded. Try again in ")


class TestChangedInvoices:
    async def test_a_row_vanishes_another_is_repriced_and_the_checksum_follows(
        self, appxite: httpx.AsyncClient
    ) -> None:
        header = (await report(appxite, "invoice-headers", **MAY))[0]
        rows = await exact(appxite, "invoice-rows", **MAY, invoicesId=header["invoicesId"])
        new = {"quantity": "2", "unit_price": "7.25", "total": "14.50"}
        order = {"invoice": header["invoicesId"], "vanish": [rows[0]["rowId"]], "reprice": {rows[1]["rowId"]: new}}
        assert (await appxite.post("/_sandbox/invoices", json=order)).json()["changed"]
        after = await exact(appxite, "invoice-rows", **MAY, invoicesId=header["invoicesId"])
        assert [row["rowId"] for row in after] == [row["rowId"] for row in rows[1:]]
        assert after[0]["totalPrice"] == Decimal("14.50")
        changed = (await exact(appxite, "invoice-headers", **MAY))[0]
        assert changed["totalPriceCheckSum"] == sum(row["totalPrice"] for row in after)

    async def test_a_preview_is_verified(self, appxite: httpx.AsyncClient) -> None:
        header = (await report(appxite, "invoice-headers/preview", **JUNE))[0]
        order = {"invoice": str(header["invoicesNumber"]), "status": "Verified"}
        await appxite.post("/_sandbox/invoices", json=order)
        verified = {each["invoicesId"] for each in await report(appxite, "invoice-headers", **JUNE)}
        assert header["invoicesId"] in verified

    async def test_changes_survive_a_restart_and_end_with_a_reset(self, settings: Settings) -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(build_app(settings)), base_url="http://a") as first:
            header = (await report(first, "invoice-headers/preview", **JUNE))[0]
            await first.post("/_sandbox/invoices", json={"invoice": header["invoicesId"], "status": "Verified"})
        async with httpx.AsyncClient(transport=httpx.ASGITransport(build_app(settings)), base_url="http://a") as second:
            assert header not in await report(second, "invoice-headers/preview", **JUNE)
            await second.post("/_sandbox/reset")
            assert header in await report(second, "invoice-headers/preview", **JUNE)


class TestState:
    async def test_totals_agree_with_the_headers(self, appxite: httpx.AsyncClient) -> None:
        state = exact_json.loads((await appxite.get("/_sandbox/state")).content)
        headers = await exact(appxite, "invoice-headers", **MAY)
        expected: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
        for header in headers:
            expected[header["invoiceReceiver"], header["invoiceCurrency"]] += header["totalPriceCheckSum"]
        told = {
            (total["organization"], total["currency"]): total["total"]
            for total in state["totals"]
            if total["month"] == "2026-05"
        }
        assert told == expected
        assert state["months"][0] == "2025-04"
        assert state["months"][-1] == "2026-06"

    async def test_a_reset_may_choose_another_world(self, appxite: httpx.AsyncClient) -> None:
        world = (await appxite.post("/_sandbox/reset", json={"seed": 9, "lines": 300, "today": "2026-09-02"})).json()
        assert world == {"seed": 9, "lines": 300, "month": "2026-09-01", "today": "2026-09-02"}
        september = {"invoiceDateFrom": "2026-09-01", "invoiceDateTill": "2026-09-30"}
        assert 200 < len(await report(appxite, "invoice-rows", **september)) < 320


class TestLegacyProfile:
    BASE = "/legacy"
    HEADERS = {"saskey": credentials.APPXITE_KEY}  # noqa: RUF012 - a constant of the test

    async def ask(self, client: httpx.AsyncClient, path: str, **params: str) -> httpx.Response:
        return await client.get(f"{self.BASE}/{path}", params=params, headers=self.HEADERS)

    async def test_invoices_by_header_key_and_workflow(self, appxite: httpx.AsyncClient) -> None:
        window = {"refreshDateFrom": "2026-05-01T00:00:00Z", "refreshDateTill": "2026-05-31 00:00:00"}
        answer = await self.ask(appxite, "invoices/invoice-headers", workflowId="invoicing-rawdata.wrkf", **window)
        headers = exact_json.loads(answer.content)
        assert set(headers[0]) == with_spaces(HEADER_KEYS)
        rows = await self.ask(
            appxite,
            f"invoices/{headers[0]['invoicesId']}/invoice-rows",
            workflowId="invoicing-rawdata.wrkf",
            dateFrom="2026-05-01",
            dateTill="2026-05-31 05:50:54.0000000",
        )
        found = exact_json.loads(rows.content)
        assert set(found[0]) == with_spaces(ROW_KEYS)
        assert sum(row["totalPrice"] for row in found) == headers[0]["totalPriceCheckSum"]

    async def test_the_registries(self, appxite: httpx.AsyncClient) -> None:
        window = {"createDateFrom": "2019-10-28T00:00:00Z", "createDateTill": "2026-12-11 00:00:00"}
        info = "data/organization-info"
        sellers = await self.ask(appxite, info, workflowId="profileResellers.wrkf", **window)
        assert sellers.json() == [{"id": credentials.APPXITE_REQUESTER_ID}]
        vendors = await self.ask(appxite, info, workflowId="vendors.wrkf", **window)
        assert all(set(vendor) == {"profileVendorId"} for vendor in vendors.json())
        path = f"{info}/resellers/{credentials.APPXITE_REQUESTER_ID}"
        customers = (await self.ask(appxite, path, workflowId="organizations.wrkf", **window)).json()
        assert len(customers) == 40
        path = f"{info}/organizations/{customers[1]['id']}"
        (customer,) = (await self.ask(appxite, path, workflowId="organizations.wrkf")).json()
        assert customer["fullName"] == "Café Müller & Söhne KG"
        offers = await self.ask(
            appxite, "data", workflowId="offers.wrkf", refreshDateFrom="2026-01-01", refreshDateTill="2026-02-01"
        )
        assert len(offers.json()) == 25

    async def test_key_workflow_and_window_are_checked(self, appxite: httpx.AsyncClient) -> None:
        path = f"{self.BASE}/data"
        assert (await appxite.get(path, params={"workflowId": "offers.wrkf"})).status_code == 401
        assert (await self.ask(appxite, "data", workflowId="other.wrkf")).status_code == 400
        assert (await self.ask(appxite, "data", workflowId="offers.wrkf")).status_code == 400
