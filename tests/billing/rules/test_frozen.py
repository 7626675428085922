"""What was invoiced is never moved, re-dated or priced anew; a later change goes out as the difference alone."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.rules.book import OrganizationMapping, RateBook
from services.billing.rules.desired import Desire, Names, PlannedLine, assign_roles, desire
from services.billing.rules.identity import one_time_marker, recurring_marker, true_up_marker
from services.billing.rules.line import Line
from services.billing.rules.rate import rate
from services.billing.rules.true_ups import number_true_up
from services.contracts.shapes import DesiredAddition
from services.contracts.vocabulary import BillOption, HoldReason, LineStatus
from tests.billing.builders import (
    a_book,
    a_line,
    a_running_addition,
    a_true_up,
    an_agreement,
    an_invoiced_line,
    some_rules,
)

PARTNER = UUID(int=7)
NAMES = Names(companies={"company-1": "Alpine Ltd"}, products={"product-1": "M365-BP"})
INVOICED: dict[str, Any] = {"next_invoice_date": date(2026, 11, 1)}
MOVED_ON: dict[str, Any] = {"next_invoice_date": date(2026, 12, 1)}
ONE, TEN, HUNDRED = Decimal(1), Decimal("10.00"), Decimal("100.00")
HOLD_LATE = some_rules(when_already_invoiced="hold")
CHANGED = {"unit_price": Decimal("110.00"), "total": Decimal("110.00")}


def october_invoiced(**changes: Any) -> RateBook:
    return a_book(an_agreement(**INVOICED), **changes)


def november_invoiced(**changes: Any) -> RateBook:
    return a_book(an_agreement(**MOVED_ON), **changes)


def desired(*lines: Line, book: RateBook) -> Desire:
    planned = [PlannedLine(UUID(int=place), 3, 0, line, rate(line, book)) for place, line in enumerate(lines, 1)]
    return desire(PARTNER, assign_roles(planned, {0: book}), book, NAMES)


def amounts(found: Desire) -> list[tuple[bool, Decimal]]:
    """Of each addition: whether it is frozen, and what it carries."""
    return [(each.is_frozen, each.amount) for each in found.additions]


def split(found: Desire) -> tuple[DesiredAddition, DesiredAddition]:
    frozen, true_up = found.additions
    return frozen, true_up


def push(line: Line, found: Desire, held: dict[str, Decimal]) -> Line:
    """The line as it is after a push of what was found; `held` is what the PSA has, by marker."""
    for marker in (each.marker for each in found.closings):
        del held[marker]
        line = replace(
            line,
            true_ups=tuple(
                replace(each, is_withdrawn=True) if each.marker == marker else each for each in line.true_ups
            ),
        )
    for each in (each for each in found.additions if each.corrects):
        held[each.marker] = each.amount
        days = {"bills_from": each.bills_from, "bills_through": each.bills_through}
        sent = a_true_up(str(each.amount), number_true_up(line, each.marker), marker=each.marker, **days)
        line = replace(line, true_ups=(*(one for one in line.true_ups if one.number != sent.number), sent))
    return line


class TestQuestion:
    def test_a_line_is_invoiced_when_its_period_lies_before_the_next_invoice_date(self) -> None:
        changed = an_invoiced_line(**CHANGED)
        before = rate(changed, a_book(an_agreement(next_invoice_date=date(2026, 10, 1))))
        after = rate(changed, october_invoiced())
        assert not any("invoiced" in words for words in before.explanation)
        assert any("100.00 USD was invoiced" in words for words in after.explanation)

    def test_an_agreement_that_was_never_invoiced_freezes_nothing(self) -> None:
        assert not desired(an_invoiced_line(), book=a_book(an_agreement(next_invoice_date=None))).additions[0].is_frozen

    def test_a_prorating_agreement_freezes_as_well(self) -> None:
        book = a_book(an_agreement(is_prorated=True, **INVOICED))
        assert amounts(desired(an_invoiced_line(**CHANGED), book=book)) == [(True, HUNDRED), (False, TEN)]

    def test_a_line_of_an_older_build_that_does_not_say_what_was_sent_is_rated_as_before(self) -> None:
        line = an_invoiced_line(sent_amount=None, sent_agreement_id=None, sent_from=None, **CHANGED)
        assert rate(line, october_invoiced(rules=HOLD_LATE)).hold_reasons == (HoldReason.PERIOD_ALREADY_INVOICED,)

    def test_a_line_whose_sending_an_older_build_has_forgotten_is_not_invoiced(self) -> None:
        line = an_invoiced_line(sent_fingerprint=None, sent_marker=None)
        assert rate(line, october_invoiced(rules=HOLD_LATE)).hold_reasons == (HoldReason.PERIOD_ALREADY_INVOICED,)


class TestNothingToCorrect:
    @pytest.mark.parametrize(
        "change",
        [
            {"organization_name": "Alpine AG", "subscription_name": "Microsoft 365", "offer_name": "M365"},
            {"quantity": Decimal(10), "unit_price": Decimal("10.00")},
            {"charge_start": date(2026, 10, 20), "charge_end": date(2026, 12, 31)},
            {"user_start": date(2026, 12, 1), "user_end": date(2026, 12, 31)},
            {"user_agreement_id": "agreement-2"},
            {"charge_type": "CycleFee"},
            {"offer_id": "offer-unmapped"},
        ],
        ids=["name", "quantity", "charge period", "dates of a person", "agreement of a person", "type", "offer"],
    )
    def test_whatever_else_changes_a_line_stays_sent_as_it_was_invoiced(self, change: dict[str, Any]) -> None:
        book = a_book(an_agreement(**INVOICED), an_agreement("agreement-2", company_id="company-2"))
        line = an_invoiced_line(**change)
        rated = rate(line, book)
        assert (rated.status, rated.agreement_id, rated.is_recurring) == (LineStatus.SENT, "agreement-1", False)
        assert (rated.start.value, rated.end.value) == (date(2026, 10, 12), date(2026, 10, 31))
        (addition,) = desired(line, book=book).additions
        assert (addition.marker, addition.is_frozen, addition.amount) == ("TO-SENT", True, HUNDRED)
        assert addition.replaces == ""

    @pytest.mark.parametrize("rule", ["hold", "next_open_period"])
    def test_no_rule_of_dates_moves_it_into_another_period(self, rule: str) -> None:
        book = october_invoiced(
            rules=some_rules(when_already_invoiced=rule, charge_start={"kind": "next_invoice_date"})
        )
        (addition,) = desired(an_invoiced_line(subscription_name="renamed"), book=book).additions
        assert (addition.is_frozen, addition.effective_date, addition.bills_from) == (
            True,
            date(2026, 10, 12),
            date(2026, 10, 1),
        )

    def test_a_mapping_that_was_moved_after_invoicing_moves_nothing(self) -> None:
        elsewhere = OrganizationMapping(is_excluded=False, company_id="company-2", agreement_id="agreement-2")
        moved = an_agreement("agreement-2", company_id="company-2")
        book = a_book(an_agreement(**INVOICED), moved, organizations={"org-1": elsewhere})
        frozen, true_up = split(desired(an_invoiced_line(**CHANGED), book=book))
        assert (frozen.agreement_id, true_up.agreement_id) == ("agreement-1", "agreement-1")
        assert (frozen.company_id, true_up.company_id) == ("company-1", "company-1")

    def test_another_row_of_the_period_does_not_take_an_invoiced_persistent_addition_over(self) -> None:
        marker = recurring_marker(PARTNER, "agreement-1", "sub-1")
        driver = an_invoiced_line(charge_type="CycleFee", sent_recurring=True, sent_marker=marker, sent_end=None)
        later = a_line(row_id="row-2", charge_start=date(2026, 10, 20))
        running = a_running_addition(invoice_id="invoice-1", row_id="row-1", period="2026-10", marker=marker)
        book = october_invoiced(
            running={("agreement-1", "sub-1"): running}, rules=some_rules(when_already_invoiced="next_open_period")
        )
        found = desired(driver, later, book=book)
        assert [(each.row_id, each.is_recurring, each.is_frozen) for each in found.additions] == [
            ("row-1", True, True),
            ("row-2", False, False),
        ]

    def test_a_later_month_does_not_hide_what_was_invoiced(self) -> None:
        marker = recurring_marker(PARTNER, "agreement-1", "sub-1")
        october = an_invoiced_line(charge_type="CycleFee", sent_recurring=True, sent_marker=marker, **CHANGED)
        running = {("agreement-1", "sub-1"): a_running_addition(period="2026-11")}
        assert amounts(desired(october, book=october_invoiced(running=running))) == [(True, HUNDRED), (False, TEN)]

    def test_a_line_of_an_older_build_is_found_by_the_marker_it_must_have(self) -> None:
        (addition,) = desired(an_invoiced_line(sent_marker=None), book=october_invoiced()).additions
        assert addition.marker == one_time_marker(PARTNER, "agreement-1", "invoice-1", "row-1")


class TestTrueUp:
    def test_100_were_invoiced_and_110_are_charged_so_that_10_go_out(self) -> None:
        line, book = an_invoiced_line(**CHANGED), october_invoiced()
        rated = rate(line, book)
        assert rated.status is LineStatus.READY
        assert rated.explanation == (
            "100.00 USD was invoiced; the difference of 10.00 USD goes out as a true-up in the next open period",
        )
        frozen, true_up = split(desired(line, book=book))
        assert (frozen.is_frozen, frozen.quantity, frozen.unit_price, frozen.amount) == (True, ONE, HUNDRED, HUNDRED)
        assert (frozen.bills_from, frozen.bills_through) == (date(2026, 10, 1), date(2026, 10, 31))
        assert (true_up.quantity, true_up.unit_price, true_up.amount, true_up.forecast) == (ONE, TEN, TEN, TEN)
        assert (true_up.effective_date, true_up.cancelled_date) == (date(2026, 11, 1), date(2026, 11, 30))
        assert (true_up.bills_from, true_up.bills_through) == (date(2026, 11, 1), date(2026, 11, 30))
        assert (true_up.corrects, true_up.replaces, true_up.is_recurring) == ("TO-SENT", "", False)
        assert true_up.marker == true_up_marker(PARTNER, "agreement-1", "TO-SENT", "invoice-1", "row-1", 1)
        assert true_up.invoice_description == "Correction of invoice 1001: M365 Alpine - Usage Fee"

    @pytest.mark.parametrize("rule", ["hold", "next_open_period"])
    def test_the_invoiced_amount_is_never_billed_again(self, rule: str) -> None:
        book = october_invoiced(rules=some_rules(when_already_invoiced=rule))
        found = desired(an_invoiced_line(**CHANGED), book=book)
        assert sum(each.amount for each in found.additions if not each.is_frozen) == TEN
        assert sum(each.amount for each in found.additions) == Decimal("110.00")

    def test_a_lower_total_is_credited_by_a_negative_price(self) -> None:
        line = an_invoiced_line(unit_price=Decimal("70.00"), total=Decimal("70.00"))
        _, true_up = split(desired(line, book=october_invoiced()))
        assert (true_up.quantity, true_up.unit_price) == (ONE, Decimal("-30.00"))

    def test_a_vanished_row_is_credited_whole(self) -> None:
        line = an_invoiced_line(is_vanished=True)
        assert rate(line, october_invoiced()).status is LineStatus.READY
        assert amounts(desired(line, book=october_invoiced())) == [(True, HUNDRED), (False, -HUNDRED)]

    def test_a_true_up_that_was_sent_settles_its_line(self) -> None:
        line = an_invoiced_line(true_ups=(a_true_up("10.00"),), **CHANGED)
        assert rate(line, october_invoiced()).status is LineStatus.SENT
        assert amounts(desired(line, book=october_invoiced())) == [(True, HUNDRED), (False, TEN)]

    def test_a_second_correction_changes_the_open_true_up_and_keeps_its_number_and_period(self) -> None:
        marker = true_up_marker(PARTNER, "agreement-1", "TO-SENT", "invoice-1", "row-1", 1)
        line = an_invoiced_line(true_ups=(a_true_up("10.00", marker=marker),), total=Decimal("115.00"))
        frozen, true_up = split(desired(line, book=october_invoiced()))
        assert (frozen.amount, true_up.amount, true_up.marker) == (HUNDRED, Decimal("15.00"), marker)
        assert true_up.effective_date == date(2026, 11, 1)

    def test_a_correction_after_the_first_true_up_was_invoiced_is_a_second_true_up(self) -> None:
        line = an_invoiced_line(true_ups=(a_true_up("10.00"),), total=Decimal("115.00"))
        frozen, true_up = split(desired(line, book=november_invoiced()))
        assert (frozen.amount, true_up.amount) == (Decimal("110.00"), Decimal("5.00"))
        assert true_up.marker == true_up_marker(PARTNER, "agreement-1", "TO-SENT", "invoice-1", "row-1", 2)
        assert (true_up.effective_date, true_up.cancelled_date) == (date(2026, 12, 1), date(2026, 12, 31))

    def test_an_invoiced_true_up_is_part_of_what_was_billed(self) -> None:
        line = an_invoiced_line(true_ups=(a_true_up("10.00"),), **CHANGED)
        assert rate(line, november_invoiced()).status is LineStatus.SENT
        assert amounts(desired(line, book=november_invoiced())) == [(True, Decimal("110.00"))]

    def test_an_open_true_up_is_withdrawn_when_nothing_is_left_to_correct(self) -> None:
        line, book = an_invoiced_line(true_ups=(a_true_up("10.00"),)), october_invoiced()
        rated = rate(line, book)
        assert rated.status is LineStatus.READY
        assert rated.explanation[0].endswith("the true-up of 10.00 USD, which is not invoiced yet, is withdrawn")
        found = desired(line, book=book)
        assert amounts(found) == [(True, HUNDRED)]
        (closing,) = found.closings
        assert (closing.marker, closing.agreement_id, closing.last_billed_day) == (
            "TO-TRUE-UP-1",
            "agreement-1",
            date(2026, 10, 31),
        )

    def test_a_withdrawn_true_up_counts_for_nothing_and_its_number_is_not_used_again(self) -> None:
        withdrawn = a_true_up("10.00", is_withdrawn=True)
        settled = an_invoiced_line(true_ups=(withdrawn,))
        assert rate(settled, october_invoiced()).status is LineStatus.SENT
        assert desired(settled, book=october_invoiced()).closings == []
        _, true_up = split(desired(replace(settled, total=Decimal("120.00")), book=october_invoiced()))
        assert true_up.amount == Decimal("20.00")
        assert true_up.marker == true_up_marker(PARTNER, "agreement-1", "TO-SENT", "invoice-1", "row-1", 2)

    def test_an_invoiced_true_up_is_taken_back_by_another_and_not_withdrawn(self) -> None:
        line = an_invoiced_line(true_ups=(a_true_up("10.00"),))
        found = desired(line, book=november_invoiced())
        assert (amounts(found), found.closings) == ([(True, Decimal("110.00")), (False, -TEN)], [])

    def test_a_true_up_on_a_prorating_agreement_covers_a_whole_period(self) -> None:
        facts = an_agreement(is_prorated=True, billing_start=date(2026, 9, 15), next_invoice_date=date(2026, 11, 1))
        _, true_up = split(desired(an_invoiced_line(**CHANGED), book=a_book(facts)))
        assert (true_up.effective_date, true_up.cancelled_date) == (date(2026, 11, 1), date(2026, 11, 30))

    def test_a_charge_that_is_not_billable_is_corrected_without_money(self) -> None:
        rules = some_rules(by_charge_type={"UsageFee": {"bill_option": "NoCharge"}})
        _, true_up = split(desired(an_invoiced_line(**CHANGED), book=october_invoiced(rules=rules)))
        assert (true_up.bill_option, true_up.forecast) == (BillOption.NO_CHARGE, Decimal(0))

    def test_months_of_a_subscription_have_true_ups_of_their_own(self) -> None:
        markers = {
            true_up_marker(PARTNER, "agreement-1", "TO-SENT", invoice, "row-1", 1)
            for invoice in ("october", "november")
        }
        assert len(markers) == 2

    @given(
        totals=st.lists(st.decimals(min_value=-500, max_value=500, places=2), min_size=1, max_size=6),
        invoiced_after=st.sets(st.integers(min_value=0, max_value=5)),
    )
    def test_whatever_comes_in_whatever_order_the_row_is_billed_to_the_cent(
        self, totals: list[Decimal], invoiced_after: set[int]
    ) -> None:
        """The PSA holds what each plan asks for; what it invoiced, and still will, comes to the last total."""
        line, month, held = an_invoiced_line(), 11, {"TO-SENT": HUNDRED}
        for place, total in enumerate(totals):
            book = a_book(an_agreement(next_invoice_date=date(2026, month, 1)))
            line = replace(line, unit_price=total, quantity=ONE, total=total)
            line = push(line, desired(line, book=book), held)
            assert sum(held.values()) == total
            assert rate(line, book).status is LineStatus.SENT
            month = min(12, month + 1) if place in invoiced_after else month


class TestHeldDifference:
    def test_the_rule_can_hold_a_change_after_invoicing(self) -> None:
        book = october_invoiced(rules=some_rules(when_changed_after_invoicing="hold"))
        line = an_invoiced_line(**CHANGED)
        assert rate(line, book).hold_reasons == (HoldReason.CHANGED_AFTER_INVOICING,)
        found = desired(line, book=book)
        assert amounts(found) == [(True, HUNDRED)]
        assert [(each.amount, each.status, each.reasons) for each in found.unsent] == [
            (TEN, LineStatus.HELD, [HoldReason.CHANGED_AFTER_INVOICING])
        ]

    def test_the_rule_holds_no_line_that_charges_what_was_invoiced(self) -> None:
        book = october_invoiced(rules=some_rules(when_changed_after_invoicing="hold"))
        assert rate(an_invoiced_line(), book).status is LineStatus.SENT

    def test_a_true_up_that_was_sent_stays_while_more_is_held(self) -> None:
        book = october_invoiced(rules=some_rules(when_changed_after_invoicing="hold"))
        found = desired(an_invoiced_line(true_ups=(a_true_up("10.00"),), total=Decimal("115.00")), book=book)
        assert amounts(found) == [(True, HUNDRED), (False, TEN)]
        assert [each.amount for each in found.unsent] == [Decimal("5.00")]

    @pytest.mark.parametrize(
        ("agreement", "reason"),
        [
            ({"status": "Cancelled"}, HoldReason.AGREEMENT_NOT_ACTIVE),
            ({"end_date": date(2026, 10, 31)}, HoldReason.AGREEMENT_NOT_ACTIVE),
            ({"billing_cycle": "EveryFullMoon"}, HoldReason.CHANGED_AFTER_INVOICING),
            ({"billing_cycle": "NotRecurring"}, HoldReason.CHANGED_AFTER_INVOICING),
        ],
    )
    def test_an_agreement_without_an_open_period_holds_the_difference(
        self, agreement: dict[str, Any], reason: HoldReason
    ) -> None:
        book = a_book(an_agreement(**INVOICED, **agreement))
        line = an_invoiced_line(**CHANGED)
        assert rate(line, book).hold_reasons == (reason,)
        found = desired(line, book=book)
        assert (amounts(found), [each.amount for each in found.unsent]) == ([(True, HUNDRED)], [TEN])

    def test_a_product_that_is_not_mapped_holds_the_difference(self) -> None:
        assert rate(an_invoiced_line(**CHANGED), october_invoiced(products={})).hold_reasons == (
            HoldReason.PRODUCT_UNMAPPED,
        )

    def test_a_difference_finer_than_a_cent_is_no_difference_of_the_line(self) -> None:
        found = rate(an_invoiced_line(total=Decimal("100.001")), october_invoiced())
        assert (found.status, found.remainder) == (LineStatus.SENT, Decimal("0.001"))

    @pytest.mark.parametrize("by", ["person", "organization"])
    def test_a_line_that_is_excluded_after_invoicing_gets_no_true_up(self, by: str) -> None:
        excluded = {"org-1": OrganizationMapping(is_excluded=True, company_id="company-1")}
        book = october_invoiced(**({"organizations": excluded} if by == "organization" else {}))
        line = an_invoiced_line(is_excluded=by == "person", **CHANGED)
        found = desired(line, book=book)
        assert found.additions == []
        assert [(each.status, each.sent_marker) for each in found.unsent] == [(LineStatus.EXCLUDED, "TO-SENT")]

    def test_the_open_true_up_of_a_line_that_is_excluded_is_withdrawn(self) -> None:
        line = an_invoiced_line(is_excluded=True, true_ups=(a_true_up("10.00"),), **CHANGED)
        found = desired(line, book=october_invoiced())
        assert [each.marker for each in found.closings] == ["TO-TRUE-UP-1"]


class TestReplaces:
    """A line that is not invoiced goes wherever the rules say, and names what it leaves."""

    def sent_to(self, agreement_id: str, **changes: Any) -> Line:
        values: dict[str, Any] = {
            "sent_fingerprint": "as-sent",
            "sent_marker": recurring_marker(PARTNER, agreement_id, "sub-1"),
            "sent_recurring": True,
            "sent_amount": Decimal("30.00"),
            "sent_agreement_id": agreement_id,
            "sent_from": date(2026, 10, 1),
        }
        return a_line(**values | changes)

    def test_a_line_that_moved_to_another_agreement_names_the_addition_it_leaves(self) -> None:
        (addition,) = desired(self.sent_to("agreement-9"), book=a_book()).additions
        assert addition.marker == recurring_marker(PARTNER, "agreement-1", "sub-1")
        assert addition.replaces == recurring_marker(PARTNER, "agreement-9", "sub-1")

    def test_a_line_that_became_a_one_time_charge_names_the_addition_it_leaves(self) -> None:
        line = self.sent_to("agreement-1", charge_type="UsageFee")
        (addition,) = desired(line, book=a_book()).additions
        assert addition.marker == one_time_marker(PARTNER, "agreement-1", "invoice-1", "row-1")
        assert addition.replaces == line.sent_marker

    def test_an_addition_that_a_later_month_drives_is_not_left_behind(self) -> None:
        marker = recurring_marker(PARTNER, "agreement-9", "sub-1")
        later = a_running_addition(invoice_id="invoice-2", period="2026-11", marker=marker)
        running = {("agreement-9", "sub-1"): later}
        (addition,) = desired(self.sent_to("agreement-9"), book=a_book(running=running)).additions
        assert addition.replaces == ""

    def test_an_addition_that_another_row_of_the_plan_takes_over_is_not_left_behind(self) -> None:
        earlier = self.sent_to("agreement-1")
        later = a_line(row_id="row-2", charge_start=date(2026, 10, 20), charge_end=date(2026, 11, 19))
        found = {each.row_id: each for each in desired(earlier, later, book=a_book()).additions}
        assert (found["row-1"].is_recurring, found["row-2"].is_recurring) == (False, True)
        assert found["row-1"].replaces == ""
