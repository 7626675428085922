"""ConnectWise as the stand-in plays it: what goes in comes back, in Decimals, and refusals are types."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from services.contracts.vocabulary import BillOption
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
from services.sync.psas.connectwise.channel import Channel
from services.sync.psas.connectwise.client import ConnectWiseClient
from services.sync.psas.connectwise.conditions import field
from services.sync.psas.connectwise.errors import DateRefused, ReferenceUnknown
from services.sync.psas.connectwise.models import Addition, AdditionDraft, Patch
from services.sync.psas.connectwise.site import Account
from services.sync.psas.connectwise.wire import read_addition
from tests.sync.conftest import CONNECTWISE, FAST, StandIns

ACCOUNT = Account(
    site=CONNECTWISE,
    company_id=credentials.CONNECTWISE_COMPANY_ID,
    public_key=credentials.CONNECTWISE_PUBLIC_KEY,
    private_key=credentials.CONNECTWISE_PRIVATE_KEY,
    client_id=credentials.CONNECTWISE_CLIENT_ID,
)


def open_client(http: httpx.AsyncClient, **changes: Any) -> ConnectWiseClient:
    patience = Patience(tries=3, base=0.001, cap=0.01, asked_to_wait=3)
    account = Account(**{**ACCOUNT.__dict__, **changes})
    return ConnectWiseClient(Channel(http, account, RateLimiter(None, pace=FAST), patience=patience))


@pytest.fixture
def client(stand_ins: StandIns) -> ConnectWiseClient:
    return open_client(stand_ins.http)


@pytest.fixture
async def agreement_id(client: ConnectWiseClient) -> str:
    """An active agreement that was invoiced before and does not prorate."""
    async for page in client.agreements():
        for agreement in page.records:
            if agreement.status == "Active" and agreement.next_invoice_date and not agreement.is_prorated:
                return agreement.agreement_id
    raise AssertionError("the stand-in has no such agreement")


def draft(**changes: Any) -> AdditionDraft:
    values: dict[str, Any] = {
        "product_id": "601",
        "quantity": Decimal(3),
        "unit_price": Decimal("19.90"),
        "bill_option": BillOption.BILLABLE,
        "taxable": True,
        "effective_date": date(2027, 1, 1),
        "cancelled_date": None,
        "serial_number": "TO-ABCDEFGH",
        "invoice_description": "Seats & more",
    }
    return AdditionDraft(**{**values, **changes})


class TestAdditions:
    async def test_a_created_addition_reads_back_as_it_was_meant(
        self, client: ConnectWiseClient, agreement_id: str
    ) -> None:
        made = await client.create_addition(agreement_id, draft(cancelled_date=date(2027, 1, 31)))
        read = await client.addition(agreement_id, made.id)
        assert (read.product_id, read.quantity, read.unit_price) == ("601", Decimal(3), Decimal("19.90"))
        assert (read.effective_date, read.cancelled_date) == (date(2027, 1, 1), date(2027, 1, 31))
        assert (read.bill_option, read.taxable) == (BillOption.BILLABLE, True)
        assert (read.serial_number, read.invoice_description) == ("TO-ABCDEFGH", "Seats & more")
        assert read.last_updated is not None
        assert made.id in {addition.id for addition in await client.additions(agreement_id)}

    async def test_a_patch_sets_values_and_clears_dates(self, client: ConnectWiseClient, agreement_id: str) -> None:
        made = await client.create_addition(agreement_id, draft(cancelled_date=date(2027, 1, 31)))
        patches = [Patch("quantity", Decimal(12)), Patch("unitPrice", Decimal("-0.05")), Patch("cancelledDate", None)]
        changed = await client.patch_addition(agreement_id, made.id, patches)
        assert (changed.quantity, changed.unit_price, changed.cancelled_date) == (Decimal(12), Decimal("-0.05"), None)
        assert changed == await client.addition(agreement_id, made.id)

    async def test_one_unreadable_addition_makes_the_list_unfit(
        self, client: ConnectWiseClient, stand_ins: StandIns, agreement_id: str
    ) -> None:
        await client.create_addition(agreement_id, draft())
        fault = {"kind": FaultKind.CUT_JSON, "path": "*/additions", "every": 1}
        await stand_ins.order(CONNECTWISE, "faults", **fault)
        with pytest.raises(BadUpstreamAnswer):
            await client.additions(agreement_id)


class TestRefusals:
    async def test_a_day_before_the_billing_start_is_a_date_refused(
        self, client: ConnectWiseClient, agreement_id: str
    ) -> None:
        with pytest.raises(DateRefused) as caught:
            await client.create_addition(agreement_id, draft(effective_date=date(2001, 1, 1)))
        assert caught.value.status == 400
        assert "effectiveDate" in str(caught.value)

    async def test_an_unknown_product_is_an_unknown_reference(
        self, client: ConnectWiseClient, agreement_id: str
    ) -> None:
        with pytest.raises(ReferenceUnknown):
            await client.create_addition(agreement_id, draft(product_id="999999"))

    async def test_an_addition_that_is_gone_is_missing(self, client: ConnectWiseClient, agreement_id: str) -> None:
        with pytest.raises(MissingUpstream):
            await client.addition(agreement_id, "999999")

    async def test_a_missing_right_is_named_by_its_type(
        self, client: ConnectWiseClient, stand_ins: StandIns, agreement_id: str
    ) -> None:
        await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.FORBIDDEN, path="*/additions")
        with pytest.raises(RightMissing):
            await client.additions(agreement_id)

    async def test_a_wrong_key_is_refused_whatever_the_cloud_calls_it(self, stand_ins: StandIns) -> None:
        with pytest.raises(Refused):
            await open_client(stand_ins.http, private_key="wrong").probe("/finance/agreements")


class TestLostAnswers:
    @pytest.mark.parametrize("after_commit", [True, False])
    @pytest.mark.parametrize("kind", [FaultKind.SERVER_TIMEOUT, FaultKind.HTML_502])
    async def test_a_create_is_sent_once_and_its_outcome_is_unknown(
        self,
        client: ConnectWiseClient,
        stand_ins: StandIns,
        agreement_id: str,
        kind: FaultKind,
        after_commit: bool,
    ) -> None:
        before = len(await client.additions(agreement_id))
        fault = {"kind": kind, "method": "POST", "after_commit": after_commit}
        await stand_ins.order(CONNECTWISE, "faults", **fault)
        with pytest.raises(OutcomeUnknown):
            await client.create_addition(agreement_id, draft())
        assert len(await client.additions(agreement_id)) == before + int(after_commit)

    async def test_an_answer_that_is_cut_leaves_the_outcome_unknown(
        self, client: ConnectWiseClient, stand_ins: StandIns, agreement_id: str
    ) -> None:
        await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.CUT_JSON, method="POST")
        with pytest.raises(OutcomeUnknown):
            await client.create_addition(agreement_id, draft())

    async def test_reads_and_patches_are_tried_again(
        self, client: ConnectWiseClient, stand_ins: StandIns, agreement_id: str
    ) -> None:
        made = await client.create_addition(agreement_id, draft())
        for method in ("GET", "PATCH"):
            await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.SERVER_TIMEOUT, method=method, count=2)
        changed = await client.patch_addition(agreement_id, made.id, [Patch("quantity", Decimal(4))])
        assert changed == await client.addition(agreement_id, made.id)

    async def test_patience_ends(self, client: ConnectWiseClient, stand_ins: StandIns) -> None:
        await stand_ins.order(CONNECTWISE, "faults", kind=FaultKind.SERVER_TIMEOUT, every=1)
        with pytest.raises(UpstreamFault):
            await client.probe("/finance/agreements")


class TestReading:
    async def test_pages_go_forward_and_miss_nothing(
        self, client: ConnectWiseClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        whole = [item.id async for page in client.catalog_items() for item in page.records]
        monkeypatch.setattr(Channel.pages, "__kwdefaults__", {"conditions": None, "fields": "", "page_size": 7})
        pages = [[item.id for item in page.records] async for page in client.catalog_items()]
        assert [item for page in pages for item in page] == whole
        assert len(pages) > 2
        assert len(set(whole)) == len(whole)

    async def test_agreements_can_be_asked_for_by_company(self, client: ConnectWiseClient) -> None:
        every = [agreement async for page in client.agreements() for agreement in page.records]
        wanted = {every[0].company_id, every[-1].company_id}
        some = [agreement async for page in client.agreements(wanted) for agreement in page.records]
        assert {agreement.agreement_id for agreement in some} == {
            agreement.agreement_id for agreement in every if agreement.company_id in wanted
        }
        assert await client.agreement(every[0].agreement_id) == every[0]

    async def test_billing_cycles_are_told_by_their_option_not_their_name(self, client: ConnectWiseClient) -> None:
        cycles = {agreement.billing_cycle async for page in client.agreements() for agreement in page.records}
        assert cycles <= {"Monthly", "Quarterly", "SemiAnnual", "Yearly", "NotRecurring", "BiMonthly", "Weekly"}

    async def test_the_recycle_bin_is_left_out(self, client: ConnectWiseClient) -> None:
        companies = [company async for page in client.companies() for company in page.records]
        assert companies
        assert all(company.is_active for company in companies)

    async def test_contacts_are_those_of_one_company(self, client: ConnectWiseClient) -> None:
        companies = [company.id async for page in client.companies() for company in page.records]
        contacts = [contact async for page in client.contacts(companies[0]) for contact in page.records]
        assert {contact.company_id for contact in contacts} <= {companies[0]}

    def test_what_is_absent_reads_like_null(self) -> None:
        bare = read_addition({"id": 5})
        assert bare == read_addition(dict.fromkeys(("product", "quantity", "cancelledDate", "_info")) | {"id": 5})
        assert isinstance(bare, Addition)


Recorded = Callable[[httpx.Request], httpx.Response]


class TestSite:
    @pytest.mark.parametrize(
        ("site", "codebase", "base"),
        [
            ("na.myconnectwise.net", "v2025_1/", "https://api-na.myconnectwise.net/v2025_1/apis/3.0"),
            ("https://api-eu.myconnectwise.net/", "v2025_1/", "https://api-eu.myconnectwise.net/v2025_1/apis/3.0"),
            ("https://cw.example.com", "v4_6_release/", "https://cw.example.com/v4_6_release/apis/3.0"),
            ("http://127.0.0.1:8092", "v2025_1/", "http://127.0.0.1:8092/v2025_1/apis/3.0"),
        ],
    )
    async def test_only_the_cloud_gets_the_api_prefix(self, site: str, codebase: str, base: str) -> None:
        asked: list[httpx.Request] = []

        def answer(request: httpx.Request) -> httpx.Response:
            asked.append(request)
            if request.url.path.startswith("/login/companyinfo/"):
                return httpx.Response(200, json={"CompanyName": "X", "Codebase": codebase, "IsCloud": "True"})
            return httpx.Response(200, json=[])

        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as http:
            await open_client(http, site=site).probe("/finance/agreements")
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
            client = open_client(http)
            await client.probe("/finance/agreements")
            assert client.calls == 2

    @pytest.mark.parametrize("answer", [httpx.Response(200, text="null"), httpx.Response(404)])
    async def test_an_unknown_company_is_missing(self, answer: httpx.Response) -> None:
        async with httpx.AsyncClient(transport=httpx.MockTransport(lambda _: answer)) as http:
            with pytest.raises(MissingUpstream, match="knows no company"):
                await open_client(http).probe("/finance/agreements")

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
                await open_client(http).probe("/finance/agreements")


class TestConditions:
    def test_values_are_written_as_the_grammar_wants_them(self) -> None:
        text = (field("name").equals('A "B" \\ C') & field("cancelledFlag").equals(value=False)).text
        assert text == '(name = "A \\"B\\" \\\\ C" and cancelledFlag = False)'
        assert field("effectiveDate").at_least(date(2026, 3, 31)).text == "effectiveDate >= [2026-03-31]"
        assert field("company/id").is_in([3, 2]).text == "company/id in (3,2)"
        assert field("cancelledDate").is_null().text == "cancelledDate = null"
        assert field("quantity").above(Decimal("1E+1")).text == "quantity > 10"

    def test_every_combination_is_in_parentheses(self) -> None:
        one, two, three = (field(name).equals(1) for name in "abc")
        assert ((one | two) & three).text == "((a = 1 or b = 1) and c = 1)"
