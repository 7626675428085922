import re
from typing import Any

import httpx
import pytest

from services.sandbox import credentials
from services.sandbox.connectwise.app import build_app
from services.sandbox.settings import Settings
from tests.sandbox.conftest import API, PSA_HEADERS, records

LINK = re.compile(r'<([^>]+)>; rel="(\w+)"')


def links(answer: httpx.Response) -> dict[str, str]:
    return {rel: url for url, rel in LINK.findall(answer.headers.get("Link", ""))}


class TestEntrance:
    async def test_companyinfo_needs_no_credentials(self, psa: httpx.AsyncClient) -> None:
        path = f"/login/companyinfo/{credentials.CONNECTWISE_COMPANY_ID}"
        info = (await psa.get(path, headers={"Authorization": "", "clientId": ""})).json()
        assert info["Codebase"] == "v4_6_release/"
        assert info["IsCloud"] is False
        unknown = await psa.get("/login/companyinfo/nobody")
        assert (unknown.status_code, unknown.text) == (200, "null")

    @pytest.mark.parametrize("codebase", ["v4_6_release", "v2025_1"])
    async def test_both_codebases_are_served_until_one_moves(self, psa: httpx.AsyncClient, codebase: str) -> None:
        path = f"/{codebase}/apis/3.0/system/info"
        assert (await psa.get(path)).json()["isCloud"] is False
        await psa.post("/_sandbox/codebase", json={"codebase": "v2025_2/"})
        assert (await psa.get(path)).status_code == (200 if codebase == "v4_6_release" else 404)
        info = (await psa.get(f"/login/companyinfo/{credentials.CONNECTWISE_COMPANY_ID}")).json()
        assert (info["Codebase"], info["IsCloud"]) == ("v2025_2/", True)

    @pytest.mark.parametrize("authorization", ["", "Basic bm9ib2R5", "Basic %%%", "Bearer x"])
    async def test_bad_credentials_are_401(self, psa: httpx.AsyncClient, authorization: str) -> None:
        answer = await psa.get(f"{API}/company/companies", headers={"Authorization": authorization})
        assert (answer.status_code, answer.json()["code"]) == (401, "Unauthorized")

    async def test_or_404_as_on_the_cloud(self, settings: Settings) -> None:
        app = build_app(settings.model_copy(update={"auth_failure": 404}))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://psa") as client:
            assert (await client.get(f"{API}/company/companies")).status_code == 404

    async def test_a_missing_client_id_is_403(self, psa: httpx.AsyncClient) -> None:
        answer = await psa.get(f"{API}/company/companies", headers={"clientId": ""})
        assert (answer.status_code, answer.json()["code"]) == (403, "Security")

    @pytest.mark.parametrize(
        "accept",
        ["*/*", "application/json", "application/vnd.connectwise.com+json; version=2025.1, application/json"],
    )
    async def test_any_accept_value_and_a_content_type_on_get(self, psa: httpx.AsyncClient, accept: str) -> None:
        headers = {"Accept": accept, "Content-Type": "application/json"}
        answer = await psa.get(f"{API}/company/companies", headers=headers)
        assert answer.status_code == 200
        assert answer.headers["api-current-version"] == "2025.1"
        assert re.fullmatch(r"[0-9a-f-]{36}", answer.headers["x-cw-request-id"])

    async def test_errors_are_pretty_printed_with_crlf(self, psa: httpx.AsyncClient) -> None:
        answer = await psa.get(f"{API}/finance/unknown")
        assert answer.status_code == 404
        assert answer.text.startswith('{\r\n  "code": "NotFound"')
        assert answer.json()["errors"] is None

    async def test_a_long_url_is_refused(self, psa: httpx.AsyncClient) -> None:
        answer = await psa.get(f"{API}/company/companies", params={"conditions": f'name="{"x" * 2000}"'})
        assert answer.status_code == 414


class TestLists:
    @pytest.mark.parametrize(
        "path",
        """company/companies company/contacts company/companies/250/sites company/companies/statuses system/members
        finance/agreements/types finance/agreements finance/agreements/1001/additions procurement/catalog
        finance/billingCycles finance/billingTerms finance/currencies procurement/subcategories procurement/types
        system/locations system/departments procurement/unitOfMeasures""".split(),
    )
    async def test_every_resource_lists_counts_and_shows_one(self, psa: httpx.AsyncClient, path: str) -> None:
        listed = await records(psa, path)
        assert listed
        assert (await psa.get(f"{API}/{path}/count")).json() == {"count": len(listed)}
        assert (await psa.get(f"{API}/{path}/{listed[0]['id']}")).json() == listed[0]
        assert None not in listed[0].values()

    async def test_references_carry_an_address(self, psa: httpx.AsyncClient) -> None:
        (agreement,) = await records(psa, "finance/agreements", conditions="id=1001")
        assert agreement["company"]["_info"]["company_href"].endswith("/company/companies/250")
        assert agreement["currency"]["currencyCode"] == "EUR"

    async def test_status_is_computed_and_can_be_asked_for(self, psa: httpx.AsyncClient) -> None:
        statuses = {a["agreementStatus"] for a in await records(psa, "finance/agreements")}
        assert statuses == {"Active", "Expired", "Inactive"}
        active = await records(psa, "finance/agreements", conditions='agreementStatus="Active"')
        assert {a["agreementStatus"] for a in active} == {"Active"}

    async def test_unknown_records_are_404(self, psa: httpx.AsyncClient) -> None:
        for path in (
            "finance/agreements/9",
            "finance/agreements/9/additions",
            "finance/agreements/1002/additions/70001",
        ):
            answer = await psa.get(f"{API}/{path}")
            assert (answer.status_code, answer.json()["code"]) == (404, "NotFound")

    async def test_other_verbs_are_405(self, psa: httpx.AsyncClient) -> None:
        assert (await psa.post(f"{API}/company/companies", json={})).status_code == 405
        assert (await psa.put(f"{API}/finance/agreements/1001", json={})).status_code == 405
        assert (await psa.post(f"{API}/finance/agreements/1001", json={})).status_code == 405

    async def test_names_without_case_trailing_slash_and_junk(self, psa: httpx.AsyncClient) -> None:
        params = {"PAGESIZE": "2", "orderby": "id desc", "recordType": "<junk>", "Conditions": "id>=1001"}
        answer = await psa.get(f"{API}/finance/agreements/", params=params)
        ids = [agreement["id"] for agreement in answer.json()]
        assert len(ids) == 2
        assert ids == sorted(ids, reverse=True)

    async def test_order_by_several_keys(self, psa: httpx.AsyncClient) -> None:
        found = await records(psa, "finance/agreements", orderBy="type/name asc, id desc")
        keys = [(agreement["type"]["name"], -agreement["id"]) for agreement in found]
        assert keys == sorted(keys)
        for wrong in ("nothing asc", "id sideways"):
            assert (await psa.get(f"{API}/finance/agreements", params={"orderBy": wrong})).status_code == 400


class TestFields:
    async def test_only_what_is_named(self, psa: httpx.AsyncClient) -> None:
        found = await records(psa, "finance/agreements", fields="id,type/name", conditions="id=1001")
        assert found == [{"id": 1001, "type": {"name": "Cloud Subscriptions"}}]
        one = await psa.get(f"{API}/finance/agreements/1001", params={"fields": "id,_info/lastUpdated"})
        assert set(one.json()) == {"id", "_info"}

    async def test_unknown_names_are_400(self, psa: httpx.AsyncClient) -> None:
        assert (await psa.get(f"{API}/finance/agreements", params={"fields": "id,nothing"})).status_code == 400


class TestPaging:
    async def ask(self, client: httpx.AsyncClient, **params: Any) -> httpx.Response:
        return await client.get(f"{API}/company/companies", params=params)

    async def test_defaults_and_cap(self, psa: httpx.AsyncClient) -> None:
        assert len((await self.ask(psa)).json()) == 25
        everything = await self.ask(psa, pageSize=5000)
        assert len(everything.json()) == 65
        assert "Link" not in everything.headers

    async def test_links_keep_the_filters_and_end_with_the_page(self, psa: httpx.AsyncClient) -> None:
        answer = await self.ask(psa, conditions='name like "*a*"', pageSize=10, page=2)
        found = links(answer)
        assert list(found) == ["first", "prev", "next", "last"]
        assert found["next"].endswith("&page=3")
        assert "conditions=name%20like%20%22%2Aa%2A%22" in found["next"]

    async def test_following_next_reaches_every_record_once(self, psa: httpx.AsyncClient) -> None:
        answer = await self.ask(psa, pageSize=7, orderBy="id asc")
        ids = [company["id"] for company in answer.json()]
        while "next" in links(answer):
            answer = await psa.get(links(answer)["next"])
            ids += [company["id"] for company in answer.json()]
        assert ids == sorted(set(ids))
        assert len(ids) == 65
        assert list(links(answer)) == ["first", "prev"]

    async def test_a_page_past_the_end_is_empty(self, psa: httpx.AsyncClient) -> None:
        answer = await self.ask(psa, page=99)
        assert (answer.status_code, answer.json()) == (200, [])

    async def test_forward_only(self, psa: httpx.AsyncClient) -> None:
        headers = {**PSA_HEADERS, "pagination-type": "forward-only"}
        answer = await psa.get(f"{API}/company/companies", params={"pageSize": 40}, headers=headers)
        ids = [company["id"] for company in answer.json()]
        assert f"pageId={ids[-1]}" in links(answer)["next"]
        answer = await psa.get(links(answer)["next"], headers=headers)
        ids += [company["id"] for company in answer.json()]
        assert len(set(ids)) == 65
        answer = await psa.get(links(answer)["next"], headers=headers)
        assert (answer.json(), answer.headers["Link"]) == ([], "")

    async def test_forward_only_has_no_order(self, psa: httpx.AsyncClient) -> None:
        headers = {**PSA_HEADERS, "pagination-type": "forward-only"}
        answer = await psa.get(f"{API}/company/companies", params={"orderBy": "id asc"}, headers=headers)
        assert answer.status_code == 400
