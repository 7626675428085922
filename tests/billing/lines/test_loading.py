from datetime import date
from decimal import Decimal

from services.contracts.events.billing import LinesRated
from services.contracts.shapes import Tally
from services.contracts.vocabulary import HoldReason, LineStatus, MirrorKind
from tests.billing.builders import (
    a_record,
    a_row,
    agreements,
    an_agreement,
    an_invoice,
    both_sides,
    mirror,
    rows_loaded,
)
from tests.billing.conftest import Billing, Client


async def approve(api: Client) -> None:
    await api("POST", "/organizations/accept-suggestions", json={"ids": ["org-1"]})
    await api("POST", "/products/accept-suggestions", json={"ids": ["offer-1"]})


class TestLoad:
    async def test_a_row_becomes_a_line_and_the_load_is_told(self, billing: Billing) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        line = await billing.line()
        assert (line.version, line.rated.status) == (1, LineStatus.EXCLUDED)
        assert line.line.total == Decimal("30.00")
        (rated,) = await billing.told(LinesRated)
        assert rated.outcomes == {"excluded": Tally(count=1, amounts={"USD": Decimal("30.00")})}

    async def test_rows_of_customers_nobody_mirrored_are_kept_excluded(self, billing: Billing, api: Client) -> None:
        await billing.hears(rows_loaded(a_row()))
        organizations = await api.get("/organizations")
        products = await api.get("/products")
        assert [(each["id"], each["state"], each["currency"]) for each in organizations["items"]] == [
            ("org-1", "excluded", "USD")
        ]
        assert [(each["name"], each["state"]) for each in products["items"]] == [("Microsoft 365 Business", "unmapped")]

    async def test_a_mapped_customers_line_is_ready(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        await approve(api)
        await billing.hears(rows_loaded(a_row()))
        line = await billing.line()
        assert (line.rated.status, line.rated.agreement_id, line.rated.product_id) == (
            LineStatus.READY,
            "agreement-1",
            "product-1",
        )

    async def test_loading_again_changes_nothing(self, billing: Billing) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        before = await billing.line()
        await billing.hears(rows_loaded(a_row()))
        assert await billing.line() == before

    async def test_a_changed_row_updates_its_line_and_keeps_what_users_decided(
        self, billing: Billing, api: Client
    ) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        before = await billing.line()
        change = {"version": 1, "charge_start_date": "2026-10-20"}
        await api("PATCH", f"/invoice-lines/{before.id}", json=change)
        await billing.hears(rows_loaded(a_row(total=Decimal("33.00"), unit_price=Decimal("3.30"))))
        after = await billing.line()
        assert (after.id, after.version, after.line.total) == (before.id, 3, Decimal("33.00"))
        assert after.rated.start.value == date(2026, 10, 20)

    async def test_a_vanished_row_is_flagged_and_one_that_returns_is_not(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        await approve(api)
        await billing.hears(rows_loaded(a_row()), rows_loaded(vanished=["row-1", "row-unheard-of"]))
        assert (await billing.line()).rated.hold_reasons == (HoldReason.VANISHED_FROM_INVOICE,)
        await billing.hears(rows_loaded(a_row()))
        assert (await billing.line()).rated.status is LineStatus.READY

    async def test_an_invoice_that_becomes_verified_lets_its_lines_go(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        await approve(api)
        await billing.hears(rows_loaded(a_row(), invoice=an_invoice(is_sendable=False)))
        assert (await billing.line()).rated.status is LineStatus.PREVIEW
        await billing.hears(rows_loaded(a_row()))
        assert (await billing.line()).rated.status is LineStatus.READY

    async def test_the_billing_day_of_the_contract_serves_rules(self, billing: Billing, api: Client) -> None:
        rules = {"charge_start": {"kind": "billing_cycle_day"}}
        await api("PUT", "/billing-rules", json={"version": 0, "rules": rules})
        contract = a_record("c-1", "Contract", parent_id="org-1", attributes={"billing_cycle_day": 9})
        resell = a_record("c-2", "Resell", parent_id="org-1", attributes={"billing_cycle_day": 3, "purpose": "Resell"})
        await billing.hears(*both_sides(), mirror(MirrorKind.CONTRACT, contract, resell), rows_loaded(a_row()))
        assert (await billing.line()).rated.start.value == date(2026, 10, 9)

    async def test_five_hundred_rows_become_five_hundred_lines(self, billing: Billing) -> None:
        await billing.hears(*both_sides(), rows_loaded(*(a_row(f"row-{number:03d}") for number in range(500))))
        lines = await billing.lines()
        assert len({line.id for line in lines}) == 500
        assert {line.line.row_id for line in lines} == {f"row-{number:03d}" for number in range(500)}


class TestFollow:
    """Lines that are not sent follow what they depend on; see test_plan_and_marking for those that are."""

    async def test_an_approved_and_mapped_organization_makes_its_lines_ready(
        self, billing: Billing, api: Client
    ) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        await approve(api)
        await billing.catches_up()
        line = await billing.line()
        assert (line.rated.status, line.version) == (LineStatus.READY, 2)

    async def test_a_changed_agreement_changes_the_lines_of_its_company(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides())
        await approve(api)
        await billing.hears(rows_loaded(a_row()), agreements(an_agreement(status="Cancelled")))
        assert (await billing.line()).rated.hold_reasons == (HoldReason.AGREEMENT_NOT_ACTIVE,)

    async def test_a_changed_agreement_changes_the_lines_it_was_chosen_for(self, billing: Billing, api: Client) -> None:
        elsewhere = an_agreement("agreement-9", company_id="company-9")
        await billing.hears(*both_sides(), agreements(elsewhere))
        await approve(api)
        await billing.hears(rows_loaded(a_row()))
        line = await billing.line()
        await api("PATCH", f"/invoice-lines/{line.id}", json={"version": 1, "agreement_id": "agreement-9"})
        await billing.hears(agreements(an_agreement("agreement-9", company_id="company-9", currency="EUR")))
        assert (await billing.line()).rated.hold_reasons == (HoldReason.CURRENCY_MISMATCH,)

    async def test_an_equal_agreement_touches_no_line(self, billing: Billing) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        before = await billing.line()
        await billing.hears(agreements())
        assert await billing.line() == before

    async def test_a_line_keeps_the_rules_it_was_loaded_with(self, billing: Billing, api: Client) -> None:
        await billing.hears(*both_sides(), rows_loaded(a_row()))
        rules = {"charge_start": {"kind": "first_day_of_month"}}
        await api("PUT", "/billing-rules", json={"version": 0, "rules": rules})
        await approve(api)
        await billing.catches_up()
        assert (await billing.line()).rated.start.value == date(2026, 10, 12)
        await billing.hears(rows_loaded(a_row()))
        assert (await billing.line()).rated.start.value == date(2026, 10, 1)
