"""The switches of ConnectWise's stand-in, and the shapes of its errors that were seen live."""

import time
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.sandbox.settings import Settings
from tests.sandbox.conftest import API, addition, psa_client, records
from tests.sandbox.worlds import agreement, behave, give, held, psa_world, read, refusal

ADDITIONS = "finance/agreements/1001/additions"
VERSIONED = "application/vnd.connectwise.com+json; version={}"


async def add(client: httpx.AsyncClient, **fields: Any) -> dict[str, Any]:
    answer = await client.post(f"{API}/{ADDITIONS}", json=addition(**fields))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def patch(client: httpx.AsyncClient, key: int, **fields: Any) -> httpx.Response:
    operations = [{"op": "replace", "path": path, "value": value} for path, value in fields.items()]
    return await client.patch(f"{API}/{ADDITIONS}/{key}", json=operations)


class TestSwitches:
    async def test_any_subset_is_set_and_shown_and_a_reset_restores_the_defaults(self, psa: httpx.AsyncClient) -> None:
        before = (await psa.get("/_sandbox/behaviour")).json()
        await behave(psa, page_limit=3)
        shown = await behave(psa, delete="allowed")
        assert shown == {**before, "page_limit": 3, "delete": "allowed"}
        await psa.post("/_sandbox/reset")
        assert (await psa.get("/_sandbox/behaviour")).json() == before

    async def test_they_survive_a_restart(self, settings: Settings) -> None:
        async with psa_client(settings) as first:
            await behave(first, page_limit=3)
        async with psa_client(settings) as second:
            assert (await second.get("/_sandbox/behaviour")).json()["page_limit"] == 3

    async def test_a_wrong_one_is_refused_with_its_name_and_nothing_is_set(self, psa: httpx.AsyncClient) -> None:
        wrong = {"page_limit": 0, "price_decimals": 99, "delete": "perhaps", "earthquake": True}
        assert set(await refusal(psa, "behaviour", {**wrong, "quantity_decimals": 1})) == set(wrong)
        assert (await psa.get("/_sandbox/behaviour")).json()["quantity_decimals"] == 4
        for body in (b"[]", b"{", b"7"):
            assert (await psa.post("/_sandbox/behaviour", content=body)).status_code == 422


class TestPageLimit:
    async def test_pages_are_short_whatever_is_asked_and_a_link_names_the_next(self, psa: httpx.AsyncClient) -> None:
        await behave(psa, page_limit=20)
        params: dict[str, Any] = {"pageSize": 1000, "conditions": "cancelledFlag=false"}
        answer = await psa.get(f"{API}/finance/agreements", params=params)
        found = [each["id"] for each in answer.json()]
        assert len(found) == 20
        while "next" in answer.links:
            answer = await psa.get(answer.links["next"]["url"])
            found += [each["id"] for each in answer.json()]
        assert len(found) == len(set(found)) == 51

    async def test_forward_only_pages_too(self, psa: httpx.AsyncClient) -> None:
        await behave(psa, page_limit=20)
        forward = {"pagination-type": "forward-only"}
        answer = await psa.get(f"{API}/finance/agreements", params={"pageSize": 1000}, headers=forward)
        found = [each["id"] for each in answer.json()]
        while answer.json():
            answer = await psa.get(answer.links["next"]["url"], headers=forward)
            found += [each["id"] for each in answer.json()]
        assert len(found) == len(set(found)) == 51


class TestListLag:
    async def test_lists_and_counts_lag_and_reads_by_id_do_not(self, psa: httpx.AsyncClient) -> None:
        await behave(psa, list_lag_seconds=3600)
        made = await add(psa, serialNumber="TO-7")
        await patch(psa, 70001, quantity=99)
        listed = await records(psa, ADDITIONS)
        assert [(each["id"], each["quantity"]) for each in listed] == [(70001, 12)]
        assert await records(psa, ADDITIONS, conditions='serialNumber="TO-7"') == []
        assert await read(psa, f"{ADDITIONS}/count") == {"count": 1}
        assert (await read(psa, f"{ADDITIONS}/70001"))["quantity"] == 99
        assert (await read(psa, f"{ADDITIONS}/{made['id']}"))["serialNumber"] == "TO-7"

    async def test_deleted_records_are_listed_for_a_while(self, psa: httpx.AsyncClient) -> None:
        await behave(psa, list_lag_seconds=3600, delete="allowed")
        await psa.delete(f"{API}/{ADDITIONS}/70001")
        assert [each["id"] for each in await records(psa, ADDITIONS)] == [70001]
        assert (await psa.get(f"{API}/{ADDITIONS}/70001")).status_code == 404

    async def test_and_then_they_show_what_is(self, psa: httpx.AsyncClient) -> None:
        await behave(psa, list_lag_seconds=0.05)
        made = await add(psa)
        deadline = time.monotonic() + 5
        while made["id"] not in {each["id"] for each in await records(psa, ADDITIONS)}:
            assert time.monotonic() < deadline


class TestUnknownMembers:
    async def test_are_ignored_or_refused(self, psa: httpx.AsyncClient) -> None:
        await add(psa, foo=1)
        await behave(psa, unknown_members="refuse")
        answer = await psa.post(f"{API}/{ADDITIONS}", json=addition(foo=1))
        assert answer.status_code == 400
        assert answer.json()["message"].startswith("Could not find member 'foo' on object of type 'Addition'.")
        assert "errors" not in answer.json()
        await add(psa)


class TestAcceptVersion:
    async def test_unknown_versions_are_refused_when_only_known_ones_are_taken(self, psa: httpx.AsyncClient) -> None:
        unknown = {"Accept": f"{VERSIONED.format('2099.1')}, application/json"}
        assert (await psa.get(f"{API}/finance/agreements", headers=unknown)).status_code == 200
        await behave(psa, accept_version="known", known_versions=["2022.1", "2024.1"])
        answer = await psa.get(f"{API}/finance/agreements", headers=unknown)
        assert (answer.status_code, answer.json()["code"]) == (400, "ConnectWiseApi")
        assert answer.json()["message"].endswith("does not support the API version '2099.1'.")
        for accept in ("*/*", "application/json", VERSIONED.format("2022.1")):
            found = await psa.get(f"{API}/finance/agreements", headers={"Accept": accept})
            assert (found.status_code, found.headers["api-current-version"]) == (200, "2024.1")
        assert (await psa.get("/login/companyinfo/northwind")).json()["VersionCode"] == "v2024.1"


class TestProductChange:
    NEW: dict[str, Any] = {"product": {"id": 602}}  # noqa: RUF012 - a constant of the tests below

    async def test_alone_it_reprices_and_drops_the_serial_number(self, psa: httpx.AsyncClient) -> None:
        made = await add(psa, unitPrice=3, serialNumber="TO-7", invoiceDescription="Mine")
        assert (await patch(psa, made["id"], **self.NEW)).json()["unitPrice"] == 3
        await behave(psa, reprice_on_product_change=True)
        changed = (await patch(psa, made["id"], product={"id": 601})).json()
        assert (changed["unitPrice"], changed["invoiceDescription"]) == (10.5, "M365 Business Standard")
        assert "serialNumber" not in changed

    async def test_what_is_sent_along_stays(self, psa: httpx.AsyncClient) -> None:
        await behave(psa, reprice_on_product_change=True)
        made = await add(psa, unitPrice=3, serialNumber="TO-7", invoiceDescription="Mine")
        sent = {"unitPrice": 3, "serialNumber": "TO-7", "invoiceDescription": "Mine"}
        changed = (await patch(psa, made["id"], **self.NEW, **sent)).json()
        assert {name: changed[name] for name in sent} == sent

    async def test_the_same_product_changes_nothing(self, psa: httpx.AsyncClient) -> None:
        await behave(psa, reprice_on_product_change=True)
        made = await add(psa, unitPrice=3, serialNumber="TO-7")
        changed = (await patch(psa, made["id"], product={"id": 601})).json()
        assert (changed["unitPrice"], changed["serialNumber"]) == (3, "TO-7")


class TestPatchValidatesTheRecord:
    async def test_a_date_in_an_invoiced_period_fails_every_patch(self, psa: httpx.AsyncClient) -> None:
        assert (await patch(psa, 70001, quantity=13)).status_code == 200
        await behave(psa, patch_validates_record=True)
        assert (await patch(psa, 70001, quantity=14)).status_code == 400
        assert (await patch(psa, (await add(psa))["id"], quantity=14)).status_code == 200


class TestDecimals:
    async def test_values_are_stored_rounded(self, psa: httpx.AsyncClient) -> None:
        await behave(psa, price_decimals=3, quantity_decimals=1)
        made = await add(psa, unitPrice="2.14750", quantity="1.25")
        assert (made["unitPrice"], made["quantity"]) == (2.148, 1.3)


class TestDeletion:
    @pytest.mark.parametrize(
        ("rule", "new", "invoiced"),
        [("allowed", 204, 204), ("refused", 409, 409), ("when_never_invoiced", 204, 409)],
    )
    async def test_of_additions(self, psa: httpx.AsyncClient, rule: str, new: int, invoiced: int) -> None:
        await behave(psa, delete=rule)
        made = await add(psa)
        assert (await psa.delete(f"{API}/{ADDITIONS}/{made['id']}")).status_code == new
        assert (await psa.delete(f"{API}/{ADDITIONS}/70001")).status_code == invoiced

    async def test_of_an_agreement_with_everything_on_it(self, psa: httpx.AsyncClient) -> None:
        assert (await psa.post("/_sandbox/agreements/1001/delete")).json() == {"deleted": 1001}
        for path in ("finance/agreements/1001", ADDITIONS, f"{ADDITIONS}/70001"):
            assert (await psa.get(f"{API}/{path}")).status_code == 404
        assert 1001 not in {each["id"] for each in await records(psa, "finance/agreements")}
        assert (await psa.post("/_sandbox/agreements/1001/delete")).status_code == 422
        assert (await psa.post("/_sandbox/members/101/delete")).status_code == 422

    async def test_of_an_agreement_by_api(self, psa: httpx.AsyncClient) -> None:
        await give(psa, psa_world(agreements=[agreement(), agreement(id=11, name="Other")], additions=[held(100)]))
        assert (await psa.delete(f"{API}/finance/agreements/10")).status_code == 409
        assert (await psa.delete(f"{API}/finance/agreements/11")).status_code == 204


class TestLiveShapes:
    @pytest.mark.parametrize(
        ("conditions", "message"),
        [
            ("member/id=7", "member/id is not a recognized name."),
            ('agreementStatus="Sleeping"', "Enum value supplied was invalid"),
        ],
    )
    async def test_errors_of_conditions_have_no_errors(
        self, psa: httpx.AsyncClient, conditions: str, message: str
    ) -> None:
        answer = await psa.get(f"{API}/finance/agreements", params={"conditions": conditions})
        assert (answer.status_code, answer.json()) == (400, {"code": "ApiFindCondition", "message": message})

    @pytest.mark.parametrize(
        "condition",
        ["COMPANY/ID=250", "Company/Id = 250 and EndDate = NULL", "startDate > [06/30/2019] and company/id=250"],
    )
    async def test_names_match_without_case_and_days_may_be_american(
        self, psa: httpx.AsyncClient, condition: str
    ) -> None:
        assert [each["id"] for each in await records(psa, "finance/agreements", conditions=condition)] == [1001]

    async def test_a_contact_has_no_name(self, psa: httpx.AsyncClient) -> None:
        contact = (await records(psa, "company/contacts"))[0]
        assert "name" not in contact
        assert (await records(psa, "finance/agreements"))[0]["contact"]["name"] == "Aoife Byrne"

    async def test_addresses_point_to_where_the_caller_came_in(self, settings: Settings) -> None:
        async with psa_client(settings) as client:
            address = "http://127.0.0.1:18092/v2025_1/apis/3.0/finance/agreements/1001"
            found = (await client.get(address)).json()
        assert found["company"]["_info"]["company_href"] == (
            "http://127.0.0.1:18092/v2025_1/apis/3.0/company/companies/250"
        )

    async def test_companyinfo_names_the_host(self, psa: httpx.AsyncClient) -> None:
        assert (await psa.get("/login/companyinfo/northwind")).json()["SiteUrl"] == "psa"


class TestMoreFaults:
    async def test_an_error_after_the_commit(self, psa: httpx.AsyncClient) -> None:
        order = {"kind": "error_after_commit", "method": "POST", "code": "InternalServerError", "message": "Oops"}
        await psa.post("/_sandbox/faults", json=order)
        answer = await psa.post(f"{API}/{ADDITIONS}", json=addition(serialNumber="TO-7"))
        assert (answer.status_code, answer.json()) == (
            500,
            {"code": "InternalServerError", "message": "Oops", "errors": None},
        )
        assert len(await records(psa, ADDITIONS, conditions='serialNumber="TO-7"')) == 1

    @pytest.mark.parametrize("after_commit", [True, False])
    async def test_a_stall_is_answered_in_the_end(self, psa: httpx.AsyncClient, after_commit: bool) -> None:
        order = {"kind": "stall", "method": "POST", "seconds": 0.2, "after_commit": after_commit}
        await psa.post("/_sandbox/faults", json=order)
        begun = time.monotonic()
        made = await add(psa, serialNumber="TO-7")
        assert time.monotonic() - begun > 0.19
        assert (await read(psa, f"{ADDITIONS}/{made['id']}"))["serialNumber"] == "TO-7"

    async def test_appxite_errors_in_its_own_words(self, appxite: httpx.AsyncClient) -> None:
        await appxite.post("/_sandbox/faults", json={"kind": "error_after_commit", "message": "Oops"})
        answer = await appxite.get("/api/v1/reporting/requesters/x/offers")
        assert (answer.status_code, answer.json()) == (500, {"statusCode": 500, "message": "Oops"})


async def test_amounts_of_an_order_are_exact(psa: httpx.AsyncClient) -> None:
    await give(psa, psa_world(additions=[held(100, unitPrice=Decimal("0.12345678901234567890123"))]))
    assert (await read(psa, "finance/agreements/10/additions/100"))["unitPrice"] == Decimal("0.12345678901234567890123")
