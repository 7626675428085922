"""ConnectWise behind the port, as the stand-in plays it: what goes in comes back, and refusals are types."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.contracts.shapes import AgreementFacts, MirrorRecord
from services.kit.upstream.http import (
    BadUpstreamAnswer,
    MissingUpstream,
    OutcomeUnknown,
    Refused,
    RightMissing,
    UpstreamFault,
)
from services.kit.upstream.rates import RateLimiter
from services.kit.upstream.retry import Patience
from services.sandbox import credentials
from services.sandbox.faults import FaultKind
from services.sync.psas.addition import AdditionValues
from services.sync.psas.connectwise.additions import read_addition
from services.sync.psas.connectwise.channel import Channel
from services.sync.psas.connectwise.conditions import field
from services.sync.psas.connectwise.errors import DateRefused, ReferenceUnknown
from services.sync.psas.connectwise.psa import ConnectWisePsa
from services.sync.psas.connectwise.site import Account
from services.sync.psas.connectwise.traits import describe
from services.sync.settings import UpstreamSettings
from services.sync.unreadable import Unreadable
from tests.sync.conftest import CONNECTWISE, FAST, StandIns

ACCOUNT = Account(
    site=CONNECTWISE,
    company_id=credentials.CONNECTWISE_COMPANY_ID,
    public_key=credentials.CONNECTWISE_PUBLIC_KEY,
    private_key=credentials.CONNECTWISE_PRIVATE_KEY,
    client_id=credentials.CONNECTWISE_CLIENT_ID,
)


def open_channel(http: httpx.AsyncClient, **changes: Any) -> Channel:
    patience = Patience(tries=3, base=0.001, cap=0.01, asked_to_wait=3)
    account = Account(**{**ACCOUNT.__dict__, **changes})
    return Channel(http, account, RateLimiter(None, pace=FAST), patience=patience)


def open_psa(http: httpx.AsyncClient, **changes: Any) -> ConnectWisePsa:
    return ConnectWisePsa(open_channel(http, **changes), describe(UpstreamSettings()), timedelta(0))


@pytest.fixture
def psa(stand_ins: StandIns) -> ConnectWisePsa:
    return open_psa(stand_ins.http)


async def records_of(listed: AsyncIterator[MirrorRecord | Unreadable]) -> list[MirrorRecord]:
    return [record async for record in listed if isinstance(record, MirrorRecord)]


async def agreements_of(psa: ConnectWisePsa) -> list[AgreementFacts]:
    return [record.agreement for record in await records_of(psa.agreements()) if record.agreement]


@pytest.fixture
async def agreement_id(psa: ConnectWisePsa) -> str:
    """An active agreement that was invoiced before and does not prorate."""
    return next(
        agreement.agreement_id
        for agreement in await agreements_of(psa)
        if agreement.status == "Active" and agreement.next_invoice_date and not agreement.is_prorated
    )


def values(**changes: Any) -> AdditionValues:
    wanted: dict[str, Any] = {
        "product_id": "601",
        "quantity": Decimal(3),
        "unit_price": Decimal("19.90"),
        "bill_option": "Billable",
        "taxable": True,
        "effective_date": date(2027, 1, 1),
        "cancelled_date": None,
        "serial_number": "TO-ABCDEFGH",
        "invoice_description": "Seats & more",
    }
    return AdditionValues(**{**wanted, **changes})


class TestAdditions:
    async def test_a_created_addition_reads_back_as_it_was_meant(self, psa: ConnectWisePsa, agreement_id: str) -> None:
        wanted = values(cancelled_date=date(2027, 1, 31))
        made = await psa.create_addition(agreement_id, wanted)
        read = await psa.read_addition(agreement_id, made.id)
        assert (read.agreement_id, read.values, read.marker) == (agreement_id, wanted, "TO-ABCDEFGH")
        assert read in (await psa.list_additions(agreement_id)).additions

    async def test_a_change_sets_values_and_clears_dates(self, psa: ConnectWisePsa, agreement_id: str) -> None:
        before = values(cancelled_date=date(2027, 1, 31))
        made = await psa.create_addition(agreement_id, before)
        after = values(quantity=Decimal(12), unit_price=Decimal("-0.05"))
        changed = await psa.update_addition(agreement_id, made.id, before, after)
        assert changed.values == after
        assert changed == await psa.read_addition(agreement_id, made.id)

    async def test_texts_read_back_as_the_port_says_they_are_held(self, psa: ConnectWisePsa, agreement_id: str) -> None:
        wanted = values(invoice_description="  Seats\r\nand\tmore ")
        made = await psa.create_addition(agreement_id, wanted)
        assert made.values == psa.as_held(wanted)
        assert made.values.invoice_description == "Seats and    more"

    async def test_a_list_that_breaks_off_is_no_list(
        self, psa: ConnectWisePsa, stand_ins: StandIns, agreement_id: str
    ) -> None:
        await psa.create_addition(agreement_id, values())
        fault = {"kind": FaultKind.CUT_JSON, "path": "*/additions", "every": 1}
        await stand_ins.order(CONNECTWISE, "faults", **fault)
        with pytest.raises(BadUpstreamAnswer):
            await psa.list_additions(agreement_id)

    async def test_an_id_that_connectwise_cannot_have_is_missing(self, psa: ConnectWisePsa) -> None:
        with pytest.raises(MissingUpstream):
            await psa.list_additions("A-1")


class TestRefusals:
    async def test_a_day_before_the_billing_start_is_a_date_refused(
        self, psa: ConnectWisePsa, agreement_id: str
    ) -> None:
        with pytest.raises(DateRefused) as caught:
            await psa.create_addition(agreement_id, values(effective_date=date(2001, 1, 1)))
        assert caught.value.status == 400
        assert "effectiveDate" in str(caught.value)

    async def test_an_unknown_product_is_an_unknown_reference(self, psa: ConnectWisePsa, agreement_id: str) -> None:
        with pytest.raises(ReferenceUnknown):
            await psa.create_addition(agreement_id, values(product_id="999999"))

    async def test_an_addition_that_is_gone_is_missing(self, psa: ConnectWisePsa, agreement_id: str) -> None:
        with pytest.raises(MissingUpstream):
            await psa.read_addition(agreement_id, "999999")

    async def test_a_missing_right_is_named_by_its_type(
        self, psa: ConnectWisePsa, stand_ins: StandIns, agreement_id: str
    ) -> None:
        await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.FORBIDDEN, path="*/additions")
        with pytest.raises(RightMissing):
            await psa.list_additions(agreement_id)

    async def test_a_wrong_key_is_refused_whatever_the_cloud_calls_it(self, stand_ins: StandIns) -> None:
        with pytest.raises(Refused):
            await open_channel(stand_ins.http, private_key="wrong").get("/finance/agreements")


class TestLostAnswers:
    @pytest.mark.parametrize("after_commit", [True, False])
    @pytest.mark.parametrize("kind", [FaultKind.SERVER_TIMEOUT, FaultKind.HTML_502])
    async def test_a_create_is_sent_once_and_its_outcome_is_unknown(
        self,
        psa: ConnectWisePsa,
        stand_ins: StandIns,
        agreement_id: str,
        kind: FaultKind,
        after_commit: bool,
    ) -> None:
        before = len((await psa.list_additions(agreement_id)).additions)
        fault = {"kind": kind, "method": "POST", "after_commit": after_commit}
        await stand_ins.order(CONNECTWISE, "faults", **fault)
        with pytest.raises(OutcomeUnknown):
            await psa.create_addition(agreement_id, values())
        assert len((await psa.list_additions(agreement_id)).additions) == before + int(after_commit)

    async def test_an_answer_that_is_cut_leaves_the_outcome_unknown(
        self, psa: ConnectWisePsa, stand_ins: StandIns, agreement_id: str
    ) -> None:
        await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.CUT_JSON, method="POST")
        with pytest.raises(OutcomeUnknown):
            await psa.create_addition(agreement_id, values())

    async def test_reads_and_patches_are_tried_again(
        self, psa: ConnectWisePsa, stand_ins: StandIns, agreement_id: str
    ) -> None:
        made = await psa.create_addition(agreement_id, values())
        for method in ("GET", "PATCH"):
            await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.SERVER_TIMEOUT, method=method, count=2)
        changed = await psa.update_addition(agreement_id, made.id, values(), values(quantity=Decimal(4)))
        assert changed == await psa.read_addition(agreement_id, made.id)

    async def test_patience_ends(self, psa: ConnectWisePsa, stand_ins: StandIns) -> None:
        await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.SERVER_TIMEOUT, every=1)
        with pytest.raises(UpstreamFault):
            await records_of(psa.companies())


class TestReading:
    async def test_pages_go_forward_and_miss_nothing(
        self, psa: ConnectWisePsa, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = [item.external_id for item in await records_of(psa.catalog_items())]
        monkeypatch.setattr(Channel.pages, "__kwdefaults__", {"conditions": None, "page_size": 7})
        calls = psa.calls
        assert [item.external_id for item in await records_of(psa.catalog_items())] == whole
        assert psa.calls - calls > 2
        assert len(set(whole)) == len(whole)

    async def test_billing_cycles_are_told_by_their_option_not_their_name(self, psa: ConnectWisePsa) -> None:
        known = {*psa.traits.cycle_months, *psa.traits.cycle_weeks, *psa.traits.non_recurring_cycles}
        assert {agreement.billing_cycle.lower() for agreement in await agreements_of(psa)} <= known

    async def test_the_recycle_bin_is_left_out(self, psa: ConnectWisePsa) -> None:
        companies = await records_of(psa.companies())
        assert companies
        assert all(company.is_active for company in companies)

    def test_what_is_absent_reads_like_null(self) -> None:
        nulls = dict.fromkeys(("product", "quantity", "cancelledDate", "_info"))
        assert read_addition({"id": 5}, "1") == read_addition({**nulls, "id": 5}, "1")


Recorded = Callable[[httpx.Request], httpx.Response]


class TestSite:
    @pytest.mark.parametrize(
        ("site", "codebase", "base"),
        [
            ("na.myconnectwise.net", "v2025_1/", "https://api-na.myconnectwise.net/v2025_1/apis/3.0"),
            ("https://api-eu.myconnectwise.net/", "v2025_1/", "https://api-eu.myconnectwise.net/v2025_1/apis/3.0"),
            ("eu.myconnectwise.net", "v4_6_release/", "https://api-eu.myconnectwise.net/v4_6_release/apis/3.0"),
            ("https://cw.example.com", "v4_6_release/", "https://cw.example.com/v4_6_release/apis/3.0"),
            ("http://127.0.0.1:8092", "v2025_1/", "http://127.0.0.1:8092/v2025_1/apis/3.0"),
        ],
    )
    async def test_only_the_cloud_gets_the_api_prefix(self, site: str, codebase: str, base: str) -> None:
        asked: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            if request.url.path.startswith("/login/companyinfo/"):
                return httpx.Response(
                    200, json={"CompanyName": "X", "Codebase": codebase, "IsCloud": "myconnectwise" in site}
                )
            return httpx.Response(200, json=[])

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            await open_channel(http, site=site).get("/finance/agreements", {"pageSize": "1"})
        assert str(asked[-1].url) == f"{base}/finance/agreements?pageSize=1"
        assert asked[-1].headers["clientId"] == credentials.CONNECTWISE_CLIENT_ID
        assert asked[-1].headers["Accept"] == "application/vnd.connectwise.com+json; version=2025.1"
        assert asked[-1].headers["Authorization"].startswith("Basic ")

    async def test_a_moved_codebase_is_found_again_once(self) -> None:
        codebases = iter(["v2024_1/", "v2025_1/", "v2025_1/"])

        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.startswith("/login/companyinfo/"):
                return httpx.Response(200, json={"Codebase": next(codebases)})
            gone = {"code": "NotFound", "message": "Not found"}
            return httpx.Response(200, json=[]) if "v2025_1" in request.url.path else httpx.Response(404, json=gone)

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            channel = open_channel(http)
            await channel.get("/finance/agreements")
            assert channel.calls == 2

    @pytest.mark.parametrize("is_known", [True, False])
    async def test_calls_that_were_in_flight_together_all_find_it(self, is_known: bool) -> None:
        codebase, arrived = "v2024_1/", asyncio.Barrier(2)

        async def answer(request: httpx.Request) -> httpx.Response:
            nonlocal codebase
            if request.url.path.startswith("/login/companyinfo/"):
                return httpx.Response(200, json={"Codebase": codebase})
            if "v2025_1" in request.url.path:
                return httpx.Response(200, json=[])
            await arrived.wait()
            codebase = "v2025_1/"
            if request.url.path.endswith("/types"):
                await asyncio.sleep(0.05)  # its sibling has found the new address by then
            return httpx.Response(404, json={"code": "NotFound", "message": "Not found"})

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            channel = open_channel(http)
            if is_known:
                await channel.site()
            paths = ("/finance/agreements", "/finance/agreements/types")
            assert await asyncio.gather(*(channel.get(path) for path in paths)) == [[], []]

    @pytest.mark.parametrize("answer", [httpx.Response(200, text="null"), httpx.Response(404)])
    async def test_an_unknown_company_is_missing(self, answer: httpx.Response) -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
            with pytest.raises(MissingUpstream, match="knows no company"):
                await open_channel(http).get("/finance/agreements")

    def test_secrets_do_not_show_in_a_repr(self) -> None:
        assert credentials.CONNECTWISE_PRIVATE_KEY not in repr(ACCOUNT)


class TestServerErrors:
    @pytest.mark.parametrize(
        ("status", "body", "kind"),
        [
            (500, '{"code": "ConnectWiseApi", "message": "A timeout has occured. Please try again."}', UpstreamFault),
            (500, '{"code": "ConnectWiseApi", "message": "Error converting value {} to type"}', Refused),
            (503, "<html>busy</html>", UpstreamFault),
            (400, '{"code": "InvalidObject", "message": "x", "errors": [{"field": "effectiveDate"}]}', DateRefused),
        ],
    )
    async def test_status_then_code_then_field_tell_what_happened(
        self, status: int, body: str, kind: type[Exception]
    ) -> None:
        def answer(request: httpx.Request) -> httpx.Response:
            if request.url.path.startswith("/login/"):
                return httpx.Response(200, json={"Codebase": "v4_6_release/"})
            return httpx.Response(status, text=body)

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            with pytest.raises(kind):
                await open_channel(http).get("/finance/agreements")


class TestConditions:
    def test_values_are_written_as_the_grammar_wants_them(self) -> None:
        text = (field("name").equals('A "B" \\ C') & field("cancelledFlag").equals(value=False)).text
        assert text == '(name = "A \\"B\\" \\\\ C" and cancelledFlag = False)'
        assert field("effectiveDate").equals(date(2026, 3, 31)).text == "effectiveDate = [2026-03-31]"
        assert field("cancelledDate").equals(None).text == "cancelledDate = null"
        assert field("quantity").equals(Decimal("1E+1")).text == "quantity = 10"

    def test_every_combination_is_in_parentheses(self) -> None:
        one, two, three = (field(name).equals(1) for name in "abc")
        assert ((one | two) & three).text == "((a = 1 or b = 1) and c = 1)"
