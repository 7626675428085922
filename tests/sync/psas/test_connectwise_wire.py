"""ConnectWise as real tenants may answer: cut pages, odd records, other versions, redirects. No stand-in needed."""

import asyncio
import json
import socket
import ssl
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.contracts.shapes import MirrorRecord
from services.kit.upstream.http import BadUpstreamAnswer, OutcomeUnknown, Refused
from services.kit.upstream.rates import Pace, RateLimiter
from services.kit.upstream.retry import Patience
from services.sync.additions.values import describe_difference
from services.sync.psas.addition import AdditionValues
from services.sync.psas.connectwise import additions, records
from services.sync.psas.connectwise.access import check_access
from services.sync.psas.connectwise.channel import Channel
from services.sync.psas.connectwise.errors import Redirected, VersionUnsupported
from services.sync.psas.connectwise.psa import ConnectWisePsa
from services.sync.psas.connectwise.site import Account
from services.sync.psas.connectwise.traits import describe
from services.sync.settings import UpstreamSettings
from services.sync.unreadable import Unreadable

Answering = Callable[[httpx.Request], httpx.Response]
SITE = "https://cw.example.com"
API = f"{SITE}/v4_6_release/apis/3.0"
ADDITIONS = f"{API}/finance/agreements/7/additions"
INFO = {"Codebase": "v4_6_release/", "VersionCode": "v2024.1", "IsCloud": False, "CompanyID": "Contoso"}


class Tenant:
    """A ConnectWise whose API answers as a test says, and that remembers what it was asked."""

    def __init__(self, answering: Answering, info: dict[str, Any] | None = None) -> None:
        self.asked: list[httpx.Request] = []
        self._answering = answering
        self._info = info or INFO
        http = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))
        account = Account(SITE, "Contoso", "public", "private", "client")
        pace = RateLimiter(None, pace=Pace(per_minute=600_000, burst=10_000))
        self.channel = Channel(http, account, pace, patience=Patience(tries=2, base=0.001))
        self.psa = ConnectWisePsa(self.channel, describe(UpstreamSettings()), timedelta(0))

    def _answer(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/login/"):
            return httpx.Response(200, json=self._info)
        self.asked.append(request)
        return self._answering(request)

    async def ids(self) -> list[str]:
        return [each.id for each in (await self.psa.list_additions("7")).additions]


def addition(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "id": number,
        "agreementId": 7,
        "product": {"id": 601},
        "quantity": 2,
        "unitPrice": 1.5,
        "billCustomer": "Billable",
        "taxableFlag": False,
        "effectiveDate": "2026-06-01T00:00:00Z",
        "serialNumber": f"TO-{number}",
        "invoiceDescription": "Seats",
        **changes,
    }


def values(**changes: Any) -> AdditionValues:
    held: dict[str, Any] = {
        "product_id": "601",
        "quantity": Decimal(2),
        "unit_price": Decimal("1.5"),
        "bill_option": "Billable",
        "taxable": False,
        "effective_date": date(2026, 6, 1),
        "cancelled_date": None,
        "serial_number": "TO-1",
        "invoice_description": "Seats",
    }
    return AdditionValues(**{**held, **changes})


class TestPaging:
    """50 additions on a server that cuts every page to 20, whatever is asked for."""

    COUNT, CUT = 50, 20

    def page_after(self, request: httpx.Request) -> list[dict[str, Any]]:
        last = int(request.url.params["pageId"])
        return [addition(number) for number in range(last + 1, self.COUNT + 1)][: self.CUT]

    async def test_a_short_page_is_not_the_last_one(self) -> None:
        tenant = Tenant(lambda request: httpx.Response(200, json=self.page_after(request)))
        assert await tenant.ids() == [str(number) for number in range(1, self.COUNT + 1)]
        assert [request.url.params["pageId"] for request in tenant.asked] == ["0", "20", "40", "50"]

    async def test_an_empty_link_ends_the_list_without_another_call(self) -> None:
        tenant = Tenant(lambda _: httpx.Response(200, json=[addition(1)], headers={"Link": ""}))
        assert await tenant.ids() == ["1"]
        assert len(tenant.asked) == 1

    async def test_a_link_is_followed_where_it_leads(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            page = int(request.url.params.get("page", 1))
            records = [addition(number) for number in range(1, self.COUNT + 1)][(page - 1) * self.CUT : page * self.CUT]
            following = f'<{ADDITIONS}?pageSize=20&page={page + 1}>; rel="next", ' if page < 3 else ""
            return httpx.Response(200, json=records, headers={"Link": f'{following}<{ADDITIONS}?page=3>; rel="last"'})

        tenant = Tenant(answer)
        assert len(await tenant.ids()) == self.COUNT
        assert len(tenant.asked) == 3

    @pytest.mark.parametrize(
        "target",
        ["https://elsewhere.example/x?pageId=1", f"{API}/system/info?pageId=1", "http://cw.example.com/?pageId=1"],
    )
    async def test_a_link_to_another_place_is_never_followed(self, target: str) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json=self.page_after(request), headers={"Link": f'<{target}>; rel="next"'})

        tenant = Tenant(answer)
        assert len(await tenant.ids()) == self.COUNT
        assert {f"{request.url.copy_with(query=None)}" for request in tenant.asked} == {ADDITIONS}

    @pytest.mark.parametrize("headers", [{}, {"Link": f'<{ADDITIONS}?page=1>; rel="next"'}])
    async def test_pages_that_go_in_a_circle_are_no_list(self, headers: dict[str, str]) -> None:
        tenant = Tenant(lambda _: httpx.Response(200, json=[addition(1)], headers=headers))
        with pytest.raises(BadUpstreamAnswer, match="does not go forward"):
            await tenant.ids()

    async def test_filters_stay_on_every_page(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            if "page" in request.url.params:
                return httpx.Response(200, json=[])
            link = f'<{API}/company/companies?page=2>; rel="next"'
            return httpx.Response(200, json=[{"id": 1, "name": "Contoso"}], headers={"Link": link})

        tenant = Tenant(answer)
        assert [record async for record in tenant.psa.companies()]
        assert {request.url.params["conditions"] for request in tenant.asked} == {"deletedFlag = False"}


class TestOddRecords:
    async def test_an_odd_addition_stands_beside_the_others(self) -> None:
        odd = addition(2, unitPrice="1,50")
        tenant = Tenant(lambda _: httpx.Response(200, json=[addition(1), odd, addition(3)], headers={"Link": ""}))
        found = await tenant.psa.list_additions("7")
        assert [each.id for each in found.additions] == ["1", "3"]
        (unreadable,) = found.unreadable
        assert "unitPrice is not a number" in unreadable.reason
        assert json.loads(unreadable.raw)["id"] == 2

    @pytest.mark.parametrize(
        "spelling",
        [
            {"quantity": "2", "unitPrice": "1.50", "id": "1", "agreementId": "7"},
            {"effectiveDate": "2026-06-01"},
            {"effectiveDate": "2026-06-01T04:00:00Z"},
            {"cancelledDate": "0001-01-01T00:00:00Z"},
            {"_info": {"lastUpdated": "yesterday"}},
        ],
    )
    async def test_spellings_that_cost_nothing_are_read(self, spelling: dict[str, Any]) -> None:
        tenant = Tenant(lambda _: httpx.Response(200, json=addition(1, **spelling)))
        assert (await tenant.psa.read_addition("7", "1")).values == values()

    async def test_an_agreement_with_an_odd_next_invoice_date_takes_no_additions_and_says_so(self) -> None:
        agreement = {"id": 7, "name": "Managed", "startDate": "2026-01-01", "agreementStatus": "Active"}

        def answer(request: httpx.Request) -> httpx.Response:
            is_list = request.url.path.endswith("/agreements")
            found = [{**agreement, "nextInvoiceDate": "1st of July"}] if is_list else []
            return httpx.Response(200, json=found, headers={"Link": ""})

        record, note = [each async for each in Tenant(answer).psa.agreements()]
        assert isinstance(record, MirrorRecord)
        assert record.agreement is not None
        assert (record.is_active, record.agreement.status) == (False, "Unreadable")
        assert isinstance(note, Unreadable)
        assert "Managed takes no additions: nextInvoiceDate is not a date: '1st of Jul" in note.reason


class TestWrites:
    @pytest.mark.parametrize("status", [500, 502, 302])
    async def test_a_create_whose_answer_proves_nothing_is_unknown_and_sent_once(self, status: int) -> None:
        body = {"code": "ConnectWiseApi", "message": "Object reference not set to an instance of an object."}
        tenant = Tenant(lambda _: httpx.Response(status, json=body))
        with pytest.raises(OutcomeUnknown):
            await tenant.psa.create_addition("7", values())
        assert len(tenant.asked) == 1

    async def test_a_change_sends_the_fields_that_differ(self) -> None:
        tenant = Tenant(lambda _: httpx.Response(200, json=addition(1, quantity=5)))
        await tenant.psa.update_addition("7", "1", values(), values(quantity=Decimal(5)))
        (patch,) = tenant.asked
        assert json.loads(patch.content) == [{"op": "replace", "path": "quantity", "value": 5}]

    async def test_a_date_is_cleared_by_removing_it(self) -> None:
        tenant = Tenant(lambda _: httpx.Response(200, json=addition(1)))
        await tenant.psa.update_addition("7", "1", values(cancelled_date=date(2026, 6, 30)), values())
        assert json.loads(tenant.asked[0].content) == [{"op": "remove", "path": "cancelledDate"}]

    async def test_a_tenant_that_reprices_on_a_change_of_product_ends_at_our_price(self) -> None:
        stored = addition(1)

        def answer(request: httpx.Request) -> httpx.Response:
            if request.method == "PATCH":
                changes = {each["path"]: each["value"] for each in json.loads(request.content)}
                stored.update(changes)
                if "product" in changes:
                    stored.update(unitPrice=99, serialNumber="")  # the catalog's, after everything else
            return httpx.Response(200, json=stored)

        tenant = Tenant(answer)
        after = values(product_id="602")
        held = await tenant.psa.update_addition("7", "1", values(), after)
        assert held.values == after
        first = {each["path"] for each in json.loads(tenant.asked[0].content)}
        assert {"product", "quantity", "unitPrice", "serialNumber", "invoiceDescription", "effectiveDate"} <= first
        assert [request.method for request in tenant.asked] == ["PATCH", "GET", "PATCH"]


class TestVersions:
    @staticmethod
    def speaking(*versions: str) -> Answering:
        def answer(request: httpx.Request) -> httpx.Response:
            version = request.headers["Accept"].rpartition("version=")[2]
            if version in versions:
                return httpx.Response(200, json=[], headers={"Link": ""})
            text = f"The HTTP resource that matches the request URI 'x' does not support the API version '{version}'."
            return httpx.Response(400, json={"code": "ConnectWiseApi", "message": text})

        return answer

    async def test_an_older_server_is_asked_in_its_own_version(self) -> None:
        tenant = Tenant(self.speaking("2024.1"))
        assert await tenant.ids() == []
        assert await tenant.ids() == []
        asked = [request.headers["Accept"].rpartition("version=")[2] for request in tenant.asked]
        assert asked == ["2025.1", "2024.1", "2024.1"]

    async def test_calls_that_were_in_flight_together_are_all_asked_in_it(self) -> None:
        tenant = Tenant(self.speaking("2024.1"))
        assert await asyncio.gather(*(tenant.ids() for _ in range(3))) == [[], [], []]

    async def test_a_version_that_is_not_supported_is_said_in_words(self) -> None:
        with pytest.raises(VersionUnsupported, match=r"does not support version 2025\.1 of its API"):
            await Tenant(self.speaking("2023.1"), {**INFO, "VersionCode": "v2025.1"}).ids()


class TestPlaces:
    @pytest.mark.parametrize("status", [301, 302, 307, 308])
    async def test_a_redirect_is_an_error_that_names_the_place(self, status: int) -> None:
        tenant = Tenant(lambda _: httpx.Response(status, headers={"Location": "https://new.example.com/x"}))
        with pytest.raises(Redirected, match=r"redirect .* to new\.example\.com"):
            await tenant.ids()
        assert len(tenant.asked) == 1

    @pytest.mark.parametrize(
        ("named", "host"),
        [
            ("api.example.com", "api.example.com"),
            ("https://api.example.com/", "api.example.com"),
            ("evil.test", "cw.example.com"),
        ],
    )
    async def test_the_host_that_the_site_names_is_used_within_its_own_domain(self, named: str, host: str) -> None:
        tenant = Tenant(lambda _: httpx.Response(200, json=[], headers={"Link": ""}), {**INFO, "SiteUrl": named})
        await tenant.ids()
        assert tenant.asked[0].url.host == host


class TestAccess:
    @staticmethod
    async def trouble(answering: Answering, info: dict[str, Any] | None = None) -> dict[str, str]:
        tried = await Tenant(answering, info).psa.check_access()
        return {each.name: each.trouble for each in tried if each.trouble}

    async def test_a_wrong_client_id_is_told_from_missing_rights(self) -> None:
        body = {"code": "Security", "message": "You do not have security permission to perform this action."}
        trouble = await self.trouble(lambda _: httpx.Response(403, json=body))
        assert list(trouble) == ["Sign in"]
        assert "client id is wrong" in trouble["Sign in"]

    async def test_a_wrong_key_is_told_from_a_company_id_in_other_letters(self) -> None:
        def refuse(_request: httpx.Request) -> httpx.Response:
            return httpx.Response(401, json={"code": "Unauthorized", "message": "Incorrect public/private key"})

        assert "keys are wrong" in (await self.trouble(refuse))["Sign in"]
        other = await self.trouble(refuse, {**INFO, "CompanyID": "CONTOSO"})
        assert "writes the company id 'CONTOSO', not 'Contoso'" in other["Sign in"]

    @pytest.mark.parametrize(
        ("cause", "words"),
        [
            (ssl.SSLCertVerificationError("self-signed certificate"), "certificate of cw.example.com is not trusted"),
            (socket.gaierror("Name or service not known"), "no server named cw.example.com"),
        ],
    )
    async def test_a_site_that_cannot_be_reached_is_said_to_be_why(self, cause: Exception, words: str) -> None:
        def fail(_request: httpx.Request) -> httpx.Response:
            raise httpx.ConnectError("no connection") from cause

        assert words in (await self.trouble(fail))["Sign in"]

    async def test_a_company_that_the_site_does_not_know_is_said_to_be_wrong(self) -> None:
        http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, text="null")))
        account = Account(SITE, "Contoso", "public", "private", "client")
        channel = Channel(http, account, RateLimiter(None), patience=Patience(tries=1))
        (only,) = await check_access(channel)
        assert "company id is wrong: the site knows no company 'Contoso'" in only.trouble

    async def test_a_list_that_is_not_there_is_not_granted(self) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.endswith("/procurement/catalog"):
                return httpx.Response(404, json={"code": "NotFound", "message": "Resource not found"})
            if request.method != "GET":
                return httpx.Response(400, json={"code": "InvalidObject", "message": "addition object is invalid"})
            is_info = request.url.path.endswith("/system/info")
            return httpx.Response(200, json={"version": "v2024.1"} if is_info else [])

        assert await self.trouble(answer) == {"Procurement > Product Catalog: Inquire": "Resource not found"}

    async def test_an_empty_answer_is_not_granted(self) -> None:
        assert "Sign in" in await self.trouble(lambda _: httpx.Response(200))

    @pytest.mark.parametrize("status", [400, 404, 409])
    async def test_reads_that_are_refused_are_errors_of_their_own(self, status: int) -> None:
        tenant = Tenant(lambda _: httpx.Response(status, json={"code": "X", "message": "no"}))
        with pytest.raises(Refused, match="no"):
            await tenant.ids()


class TestUnitCost:
    """The tenth value of an addition: only a rule makes it one of ours."""

    def test_no_rule_leaves_it_to_the_catalog(self) -> None:
        assert "unitCost" not in additions.write_addition(values())
        assert additions.write_changes(values(), values(quantity=Decimal(3))) == [
            {"op": "replace", "path": "quantity", "value": Decimal(3)}
        ]

    def test_a_rule_writes_it_and_finds_it_again(self) -> None:
        wanted = values(unit_cost=Decimal("1.10"))
        assert additions.write_addition(wanted)["unitCost"] == Decimal("1.10")
        held = additions.read_addition(addition(1, unitPrice=Decimal("1.5"), unitCost=Decimal("1.10")), "7")
        assert held.seen_as(wanted) == wanted
        assert held.values == values()

    def test_another_cost_is_compared_only_where_a_rule_asks(self) -> None:
        held = additions.read_addition(addition(1, unitPrice=Decimal("1.5"), unitCost=Decimal("0.90")), "7")
        assert describe_difference(held.seen_as(values()), values()) == []
        wanted = values(unit_cost=Decimal("1.10"))
        assert describe_difference(held.seen_as(wanted), wanted) == ["unit cost 0.90 → 1.10"]
        assert additions.write_changes(held.seen_as(wanted), wanted) == [
            {"op": "replace", "path": "unitCost", "value": Decimal("1.10")}
        ]

    def test_a_rule_that_is_taken_back_is_no_difference(self) -> None:
        assert describe_difference(values(unit_cost=Decimal("1.10")), values()) == []

    def test_the_catalog_says_price_and_cost(self) -> None:
        item = {"id": 5, "description": "Seat", "price": Decimal("3.00"), "cost": Decimal("2.00")}
        attributes = records.read_catalog_item(item).attributes
        assert (attributes["price"], attributes["cost"]) == ("3.00", "2.00")
