"""AppXite's records are read in either spelling, item by item, and each that is wrong fails alone."""

import json
from collections.abc import AsyncIterator
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.vocabulary import ChargeType
from services.kit.upstream.http import BadUpstreamAnswer
from services.sync.marketplaces.appxite.parsing import read_header, read_organization, read_row, read_subscription
from services.sync.marketplaces.appxite.profiles import REPORTING_CURRENT, REPORTING_LEGACY
from services.sync.marketplaces.appxite.stream import stream_items
from services.sync.unreadable import WrongShape

ROW: dict[str, Any] = {
    "rowId": "5B1C0E3A-0000-4000-8000-000000000001",
    "invoicesId": "5b1c0e3a-0000-4000-8000-00000000000a",
    "invoicesNumber": 1042,
    "subscriptionId": "5b1c0e3a-0000-4000-8000-00000000000b",
    "subscriptionName": "Microsoft 365 Business Premium",
    "vendor Subscription Id": "SUB-77",
    "charge start date": "2026-05-01T00:00:00Z",
    "charge end date": "2026-05-31 00:00:00.0000000",
    "offerId": "5b1c0e3a-0000-4000-8000-00000000000c",
    "offerName": "Business Premium",
    "customerOrgId": "5b1c0e3a-0000-4000-8000-00000000000d",
    "customerOrg": "Contoso",
    "quantity": 12,
    "unitPrice": Decimal("19.82"),
    "totalPrice": Decimal("237.84"),
    "invoiceChargeTypes": "CycleFee",
}
HEADER: dict[str, Any] = {
    "invoicesId": "5b1c0e3a-0000-4000-8000-00000000000a",
    "invoicesNumber": 1042,
    "invoicesDate": "2026-05-03T00:00:00",
    "invoiceCurrency": "eur",
    "totalPriceCheckSum": Decimal("237.84"),
    "invoiceReceiver": "Contoso",
    "status": "Verified",
}


def respelt(record: dict[str, Any]) -> dict[str, Any]:
    """The same record as a newer generation might spell it."""
    return {key.title().replace(" ", ""): value for key, value in record.items()}


class TestRow:
    def test_what_only_descriptions_say_is_read_where_a_row_has_it(self) -> None:
        described = {**ROW, "vendorOrg": "Microsoft", "contractNumber": "IC-7", "poNumber": 4500}
        facts = read_row(described, "raw").facts
        assert (facts.vendor, facts.contract_number, facts.purchase_order) == ("Microsoft", "IC-7", "4500")
        facts = read_row(ROW, "raw").facts
        assert (facts.vendor, facts.contract_number, facts.purchase_order) == ("", "", "")

    def test_a_row_is_read_field_by_field(self) -> None:
        facts = read_row(ROW, "raw").facts
        assert facts.row_id == "5b1c0e3a-0000-4000-8000-000000000001"
        assert (facts.quantity, facts.unit_price, facts.total) == (Decimal(12), Decimal("19.82"), Decimal("237.84"))
        assert (facts.charge_start, facts.charge_end) == (date(2026, 5, 1), date(2026, 5, 31))
        assert facts.charge_type == ChargeType.CYCLE_FEE
        assert (facts.organization_name, facts.offer_name) == ("Contoso", "Business Premium")
        assert not facts.is_custom

    def test_case_and_spaces_of_keys_do_not_matter(self) -> None:
        assert read_row(respelt(ROW), "raw") == read_row(ROW, "raw")

    def test_newer_key_names_are_known_too(self) -> None:
        renamed = {key: value for key, value in ROW.items() if "charge start" not in key}
        renamed |= {"ChargeStartDateUtc": "2026-05-01T00:00:00Z", "ChargeType": renamed.pop("invoiceChargeTypes")}
        assert read_row(renamed, "raw") == read_row(ROW, "raw")

    @pytest.mark.parametrize("key", ["rowId", "customerOrgId", "quantity", "unitPrice", "totalPrice"])
    @pytest.mark.parametrize("how", ["null", "absent"])
    def test_what_money_depends_on_must_be_there(self, key: str, how: str) -> None:
        broken = {**ROW, key: None} if how == "null" else {name: value for name, value in ROW.items() if name != key}
        with pytest.raises(WrongShape, match="is missing"):
            read_row(broken, "raw")

    @pytest.mark.parametrize(
        ("key", "value"),
        [("totalPrice", "twelve"), ("totalPrice", True), ("totalPrice", "NaN"), ("quantity", []), ("customerOrg", {})],
    )
    def test_a_value_of_the_wrong_kind_is_no_value(self, key: str, value: Any) -> None:
        with pytest.raises(WrongShape):
            read_row({**ROW, key: value}, "raw")

    @pytest.mark.parametrize("value", ["not a date", "31.05.2026", "2026-13-01"])
    def test_a_date_is_not_guessed(self, value: str) -> None:
        with pytest.raises(WrongShape, match="is no date"):
            read_row({**ROW, "charge end date": value}, "raw")

    @pytest.mark.parametrize("value", [None, "", "0001-01-01T00:00:00"])
    def test_a_date_that_was_never_set_is_none(self, value: str | None) -> None:
        assert read_row({**ROW, "charge end date": value}, "raw").facts.charge_end is None

    def test_an_unknown_charge_type_is_kept_as_it_came(self) -> None:
        assert read_row({**ROW, "invoiceChargeTypes": "RenewalFee"}, "raw").facts.charge_type == "RenewalFee"

    @pytest.mark.parametrize(
        "says",
        [
            {"invoiceChargeTypes": "User Correction"},
            {"subscriptionName": "Default Subscription"},
            {"InvoiceSource": "Custom"},
            {"InvoiceSourceId": 4},
            {"CustomChargeDetails": "Goodwill"},
            {"CustomChargeDetails": {"comment": "Goodwill", "attachments": []}},
            {"customChargeDetails": [{"comment": "Goodwill"}]},
        ],
    )
    def test_a_row_of_a_custom_invoice_is_custom_also_as_a_cycle_fee_of_a_subscription(
        self, says: dict[str, Any]
    ) -> None:
        assert read_row({**ROW, **says}, "raw").facts.is_custom

    @pytest.mark.parametrize("details", [None, "", " ", {}, [], {"comment": None, "attachments": []}])
    def test_details_that_say_nothing_make_no_custom_charge(self, details: object) -> None:
        ordinary = {**ROW, "InvoiceSource": "Recurring", "CustomChargeDetails": details}
        assert not read_row(ordinary, "raw").facts.is_custom

    @given(st.dictionaries(st.sampled_from(list(ROW)), st.none() | st.booleans() | st.text() | st.integers()))
    def test_nothing_worse_than_a_wrong_shape_comes_of_any_row(self, changes: dict[str, Any]) -> None:
        try:
            read_row({**ROW, **changes}, "raw")
        except ValueError:
            return  # pydantic's refusals and ours


class TestHeader:
    def test_a_header_is_read_and_its_currency_upper_cased(self) -> None:
        header = read_header(HEADER, "raw", profile=REPORTING_CURRENT, is_preview=False)
        assert (header.facts.currency, header.facts.period, header.checksum) == ("EUR", "2026-05", Decimal("237.84"))
        assert header.facts.is_sendable

    @pytest.mark.parametrize("status", ["New", "New Corrected", "NewCorrected", "Draft", "Something Else"])
    def test_before_verified_nothing_is_sendable(self, status: str) -> None:
        header = read_header({**HEADER, "status": status}, "raw", profile=REPORTING_CURRENT, is_preview=False)
        assert (header.facts.is_sendable, header.is_preview) == (False, True)

    @pytest.mark.parametrize("status", ["Verified", "issued", "Paid", "Payment Card Error", "CardPaymentError"])
    def test_from_verified_on_it_is(self, status: str) -> None:
        header = read_header({**HEADER, "status": status}, "raw", profile=REPORTING_CURRENT, is_preview=False)
        assert header.facts.is_sendable

    def test_the_older_api_has_no_status_and_serves_verified_invoices(self) -> None:
        bare = {key: value for key, value in HEADER.items() if key != "status"}
        assert read_header(bare, "raw", profile=REPORTING_LEGACY, is_preview=False).facts.is_sendable

    @pytest.mark.parametrize("key", ["invoicesId", "invoicesDate", "invoiceCurrency"])
    def test_identity_date_and_currency_must_be_there(self, key: str) -> None:
        with pytest.raises(WrongShape):
            read_header({**HEADER, key: None}, "raw", profile=REPORTING_CURRENT, is_preview=False)

    def test_an_invoice_of_another_provider_names_it(self) -> None:
        def read(**changes: Any) -> str:
            header = {**HEADER, "invoiceProviderId": "A0-Distributor", "invoiceProvider": "Distributor", **changes}
            own = "B1-Partner"
            return read_header(
                header, "raw", profile=REPORTING_CURRENT, is_preview=False, own_organization=own
            ).issued_by

        assert read() == "Distributor"
        assert read(invoiceProvider=None) == "a0-distributor"
        assert read(invoiceProviderId="b1-partner") == ""
        assert read(invoiceProviderId=None) == ""


class TestMirrors:
    @pytest.mark.parametrize(
        ("status", "is_active"),
        [("Active", True), ("Suspended", True), ("Expired", False), ("Cancelled", False), ("Canceled", False)],
    )
    def test_which_words_end_a_subscription(self, status: str, is_active: bool) -> None:
        assert read_subscription({"subscriptionId": "s1", "status": status}).is_active is is_active

    def test_a_blocked_organization_is_not_active(self) -> None:
        record = read_organization({"id": "A1", "fullName": "Contoso", "currencyCode": "eur", "status": "Blocked"})
        assert (record.external_id, record.name, record.currency, record.is_active) == ("a1", "Contoso", "EUR", False)

    def test_a_subscription_knows_its_organization(self) -> None:
        record = read_subscription({"subscriptionId": "s1", "customerOrgId": "O1", "quantity": Decimal("2.50")})
        assert (record.parent_id, record.attributes["quantity"]) == ("o1", "2.50")


async def items_of(body: bytes, size: int) -> list[tuple[Any, str]]:
    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(body), size):
            yield body[start : start + size]

    return [found async for found in stream_items(chunks(), "GET somewhere")]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


class TestStream:
    @given(st.lists(json_values, max_size=6), st.integers(1, 40), st.sampled_from([None, 2]))
    async def test_any_array_in_any_pieces_is_read_item_by_item(
        self, values: list[Any], size: int, indent: int | None
    ) -> None:
        body = json.dumps(values, indent=indent, ensure_ascii=False).encode()
        found = await items_of(body, size)
        assert [item for item, _ in found] == values
        assert [json.loads(raw) for _, raw in found] == values

    async def test_amounts_keep_their_digits(self) -> None:
        (found,) = await items_of(b'[{"total": 10.10}]', 5)
        assert str(found[0]["total"]) == "10.10"

    @pytest.mark.parametrize(
        "body", [b"", b"null", b"{}", b"<html>no</html>", b'[{"a": 1}', b'[{"a": 1},', b'[{"a": 1} {"b"', b'[{"a"']
    )
    async def test_what_is_no_whole_array_is_refused(self, body: bytes) -> None:
        with pytest.raises(BadUpstreamAnswer):
            await items_of(body, 1000)

    async def test_items_before_the_break_are_handed_on(self) -> None:
        async def chunks() -> AsyncIterator[bytes]:
            yield b'[{"a": 1}, {"a": 2'

        seen = []

        async def read() -> None:
            async for item, _ in stream_items(chunks(), ""):
                seen.append(item)

        with pytest.raises(BadUpstreamAnswer, match="breaks off") as caught:
            await read()
        assert seen == [{"a": 1}]
        assert caught.value.raw == '{"a": 2'
