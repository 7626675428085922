from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.rules.book import OrganizationMapping
from services.billing.rules.persistent import Home
from services.billing.rules.rate import rate
from services.contracts.vocabulary import BillOption, HoldReason, LineStatus
from tests.billing.builders import a_book, a_line, a_running_addition, an_agreement, some_rules


class TestRate:
    def test_a_mapped_line_is_ready_with_everything_it_needs(self) -> None:
        found = rate(a_line(), a_book())
        assert (found.status, found.hold_reasons) == (LineStatus.READY, ())
        assert (found.company_id, found.agreement_id, found.product_id) == ("company-1", "agreement-1", "product-1")
        assert (found.quantity, found.unit_price) == (Decimal(10), Decimal("3.00"))
        assert found.description == "M365 Alpine - Cycle Fee"
        assert (found.bill_option, found.taxable) == (BillOption.BILLABLE, True)

    def test_everything_that_is_missing_is_named_at_once(self) -> None:
        book = a_book(organizations={"org-1": OrganizationMapping(is_excluded=False)}, products={}, agreements=())
        found = rate(a_line(charge_type="RenewalFee", total=Decimal(0), charge_start=None), book)
        assert found.hold_reasons == (
            HoldReason.ORGANIZATION_UNMAPPED,
            HoldReason.PRODUCT_UNMAPPED,
            HoldReason.ZERO_PRICE,
            HoldReason.DATES_MISSING,
            HoldReason.UNKNOWN_CHARGE_TYPE,
        )
        assert found.fingerprint is None

    def test_a_new_organization_is_excluded_until_somebody_approves_it(self) -> None:
        assert rate(a_line(), a_book(organizations={})).status is LineStatus.EXCLUDED

    def test_a_line_excluded_by_a_person_stays_so(self) -> None:
        assert rate(a_line(is_excluded=True), a_book()).status is LineStatus.EXCLUDED

    def test_a_line_of_an_unverified_invoice_is_a_preview(self) -> None:
        assert rate(a_line(is_sendable=False), a_book()).status is LineStatus.PREVIEW

    def test_a_price_of_zero_goes_when_the_rule_allows_it(self) -> None:
        free = a_line(unit_price=Decimal(0), total=Decimal(0))
        assert rate(free, a_book()).hold_reasons == (HoldReason.ZERO_PRICE,)
        assert rate(free, a_book(rules=some_rules(allow_zero_price=True))).status is LineStatus.READY

    def test_a_fraction_of_a_cent_is_rounded_away_and_named(self) -> None:
        found = rate(a_line(total=Decimal("30.001")), a_book())
        assert (found.hold_reasons, found.amount, found.remainder) == ((), Decimal("30.00"), Decimal("0.001"))
        assert "0.001 USD goes into the rounding of its month" in found.explanation[-1]

    def test_a_quantity_that_cannot_be_sent_is_described(self) -> None:
        line = a_line(quantity=Decimal("7.500"), unit_price=Decimal("1.3347"), total=Decimal("10.01"))
        found = rate(line, a_book())
        assert (found.quantity, found.unit_price) == (Decimal(1), Decimal("10.01"))
        assert found.description == "M365 Alpine - Cycle Fee (quantity 7.5)"

    def test_a_single_piece_needs_no_word_about_its_quantity(self) -> None:
        line = a_line(quantity=Decimal(-1), unit_price=Decimal("10.004"), total=Decimal("-10.01"))
        assert rate(line, a_book()).description == "M365 Alpine - Cycle Fee"

    def test_the_template_may_use_every_detail(self) -> None:
        template = "{offer}/{organization}/{invoice_number}/{quantity}/{charge_start}/{charge_end}"
        found = rate(a_line(charge_end=None), a_book(rules=some_rules(description_template=template)))
        assert found.description == "Microsoft 365 Business/Alpine/1001/10/2026-10-12"

    def test_rules_of_a_charge_type_set_its_name_and_billing(self) -> None:
        own = {"display_name": "Licence", "bill_option": "DoNotBill", "taxable": False}
        found = rate(a_line(), a_book(rules=some_rules(by_charge_type={"CycleFee": own})))
        assert found.description == "M365 Alpine - Licence"
        assert (found.bill_option, found.taxable) == (BillOption.DO_NOT_BILL, False)

    def test_an_unknown_charge_type_is_described_in_its_own_words(self) -> None:
        assert rate(a_line(charge_type="Renewal fee"), a_book()).description == "M365 Alpine - Renewal fee"

    def test_a_line_that_vanished_from_its_invoice_is_held(self) -> None:
        assert rate(a_line(is_vanished=True), a_book()).hold_reasons == (HoldReason.VANISHED_FROM_INVOICE,)

    def test_a_failed_push_holds_the_line(self) -> None:
        assert rate(a_line(push_failed=True), a_book()).hold_reasons == (HoldReason.PUSH_FAILED,)

    def test_a_line_that_comes_after_a_later_month_was_sent_bills_once_in_its_own_period(self) -> None:
        running = {("agreement-1", "sub-1"): a_running_addition(period="2026-11")}
        rated = rate(a_line(), a_book(running=running))
        assert (rated.status, rated.is_recurring) == (LineStatus.READY, False)
        assert rated.end.value is not None

    def test_a_sent_line_that_changed_after_a_later_month_took_its_addition_is_superseded(self) -> None:
        running = {("agreement-1", "sub-1"): a_running_addition(period="2026-11")}
        line = a_line(sent_fingerprint="what was sent in its own month", sent_recurring=True)
        assert rate(line, a_book(running=running)).hold_reasons == (HoldReason.SUPERSEDED,)

    def test_a_line_that_was_sent_once_stays_so_when_it_changes(self) -> None:
        running = {("agreement-1", "sub-1"): a_running_addition(period="2026-11")}
        line = a_line(sent_fingerprint="what was sent as a late line", sent_recurring=False)
        for book in (a_book(), a_book(running=running)):
            rated = rate(line, book)
            assert (rated.status, rated.is_recurring) == (LineStatus.READY, False)

    def test_an_ended_addition_keeps_what_it_was_sent_for(self) -> None:
        september = a_running_addition(is_ended=True, last_billed_day=date(2026, 9, 30))
        late = a_line(period="2026-08", sent_fingerprint="sent in August", sent_recurring=True)
        book = a_book(running={("agreement-1", "sub-1"): september})
        assert rate(a_line(), book).start.value == date(2026, 10, 12)
        assert rate(late, book).hold_reasons == (HoldReason.SUPERSEDED,)

    def test_an_agreement_that_ends_before_the_line_starts_takes_nothing(self) -> None:
        book = a_book(an_agreement(end_date=a_line().charge_start), running={})
        assert rate(a_line(), book).status is LineStatus.READY
        later = a_line(charge_start=a_line().charge_end)
        assert rate(later, book).hold_reasons == (HoldReason.AGREEMENT_NOT_ACTIVE,)


class TestSent:
    def test_a_line_is_sent_while_the_psa_has_its_values(self) -> None:
        ready = rate(a_line(), a_book())
        assert rate(a_line(sent_fingerprint=ready.fingerprint), a_book()).status is LineStatus.SENT

    @pytest.mark.parametrize(
        "change", [{"total": Decimal("33.00"), "unit_price": Decimal("3.30")}, {"subscription_name": "Renamed"}]
    )
    def test_a_changed_value_makes_it_ready_again(self, change: dict[str, object]) -> None:
        sent = replace(a_line(), sent_fingerprint=rate(a_line(), a_book()).fingerprint)
        assert rate(replace(sent, **change), a_book()).status is LineStatus.READY  # type: ignore[arg-type]

    def test_a_running_addition_keeps_its_start_so_a_new_month_changes_nothing(self) -> None:
        september = a_book(running={("agreement-1", "sub-1"): a_running_addition()})
        taken_over = a_running_addition(
            invoice_id="invoice-1", row_id="row-1", period="2026-10", home=Home(date(2026, 10, 1), date(2026, 10, 31))
        )
        october = a_book(running={("agreement-1", "sub-1"): taken_over})
        november = a_line(row_id="row-2", period="2026-11", charge_start=date(2026, 11, 12), charge_end=None)
        assert rate(a_line(), september).fingerprint == rate(november, october).fingerprint
        moved = replace(november, user_start=november.charge_start)
        assert rate(moved, october).fingerprint != rate(november, october).fingerprint


class TestAlways:
    @given(
        charge_type=st.sampled_from(["CycleFee", "UsageFee", "?"]),
        quantity=st.decimals(-100, 100, places=3),
        price=st.decimals(-100, 100, places=4),
        total=st.decimals(-1000, 1000, places=2),
        is_prorated=st.booleans(),
    )
    def test_rating_again_gives_the_same_answer(
        self,
        charge_type: str,
        quantity: Decimal,
        price: Decimal,
        total: Decimal,
        is_prorated: bool,
    ) -> None:
        line = a_line(charge_type=charge_type, quantity=quantity, unit_price=price, total=total)
        book = a_book(an_agreement(is_prorated=is_prorated))
        found = rate(line, book)
        assert found == rate(line, book) == rate(line, a_book(an_agreement(is_prorated=is_prorated)))
        if found.status is LineStatus.READY:
            sent = rate(replace(line, sent_fingerprint=found.fingerprint), book)
            assert sent == replace(found, status=LineStatus.SENT)
