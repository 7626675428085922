from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

import pytest

from services.contracts.shapes import DayRange
from services.contracts.vocabulary import BillOption
from services.sync.additions.values import wanted_values
from services.sync.receipts import reasons
from services.sync.receipts.schemas import DifferenceKind
from services.sync.receipts.will_bill import Loss
from tests.sync.plans.builders import desire
from tests.sync.receipts.forecasting import END_OF_JUNE, JUNE, PERIOD, agreement, claim, forecast, only, unclaimed

ONCE: dict[str, Any] = {"is_recurring": False, "effective_date": JUNE, "cancelled_date": END_OF_JUNE}
CONTOSO = ("org-1", "EUR")
JULY = "2026-07"


class TestALine:
    def test_that_bills_what_it_charges_is_no_difference(self) -> None:
        found = forecast([claim()])
        assert found.differences == []
        assert found.accounts[CONTOSO].billed == Decimal("50.00")

    def test_that_is_charged_for_a_quarter_bills_in_the_quarter_once(self) -> None:
        quarter: dict[str, Any] = {"bills_from": date(2026, 4, 1), "bills_through": END_OF_JUNE}
        found = forecast([claim(**quarter)], [], agreement(billing_cycle="Quarterly", next_invoice_date=None))
        assert found.accounts[CONTOSO].billed == Decimal("50.00")

    def test_that_begins_inside_a_prorated_period_bills_less(self) -> None:
        found = only(forecast([claim(effective_date=date(2026, 6, 16))], [], agreement(is_prorated=True)))
        assert (found.kind, found.charged, found.expected) == (DifferenceKind.LESS, Decimal("50.00"), Decimal("25.00"))
        assert found.amount == Decimal("-25.00")
        assert found.reason == (
            "M365 Business of Contoso bills only 25.00 EUR while AppXite charges 50.00 EUR: the agreement prorates by "
            "days, and the addition covers only a part of a billing period."
        )

    def test_of_a_year_on_a_monthly_agreement_bills_in_each_month(self) -> None:
        year: dict[str, Any] = {**ONCE, "effective_date": JUNE, "cancelled_date": date(2027, 5, 31)}
        found = only(forecast([claim(**year)]))
        assert (found.kind, found.expected, found.amount) == (
            DifferenceKind.MORE,
            Decimal("600.00"),
            Decimal("550.00"),
        )
        assert "it bills in each of 12 billing periods" in found.reason

    def test_that_lies_outside_the_periods_of_its_charge_bills_nothing(self) -> None:
        found = only(forecast([claim(effective_date=date(2026, 7, 1))]))
        assert (found.kind, found.expected) == (DifferenceKind.LESS, Decimal("0.00"))
        assert "the addition lies outside the billing periods of the charge" in found.reason

    @pytest.mark.parametrize("option", [BillOption.NO_CHARGE, BillOption.DO_NOT_BILL])
    def test_that_is_not_to_be_billed_has_a_column_of_its_own(self, option: BillOption) -> None:
        found = forecast([claim(bill_option=option)])
        account = found.accounts[CONTOSO]
        assert (account.billed, account.not_billable, found.differences) == (Decimal(0), Decimal("50.00"), [])

    def test_from_a_plan_that_names_no_periods_is_looked_for_in_the_month(self) -> None:
        found = forecast([claim(bills_from=None, bills_through=None)])
        assert (found.accounts[CONTOSO].billed, found.differences) == (Decimal("50.00"), [])


class TestWhatCannotBeForecast:
    @pytest.mark.parametrize(
        ("terms", "line", "why"),
        [
            (agreement(billing_cycle="EveryFullMoon"), {}, "(EveryFullMoon) are not known"),
            (agreement(agreement_id="another"), {}, "nobody knows the terms of its agreement"),
            (agreement(), {**ONCE, "cancelled_date": None}, "has no last day"),
        ],
    )
    def test_is_a_difference_over_the_whole_amount(self, terms: Any, line: dict[str, Any], why: str) -> None:
        found = only(forecast([claim(**line)], [], terms))
        assert (found.kind, found.amount) == (DifferenceKind.NOT_FORECAST, Decimal("-50.00"))
        assert why in found.reason
        assert found.next_step == ("Look at agreement Cloud in the PSA, and compare its next invoice with the charge.")

    def test_without_a_charge_is_a_difference_over_a_whole_period(self) -> None:
        found = only(forecast([], [unclaimed()], agreement(billing_cycle="EveryFullMoon")))
        assert (found.kind, found.amount) == (DifferenceKind.NOT_FORECAST, Decimal("30.00"))
        assert "cannot be forecast" in found.reason


class TestWhatWasInvoiced:
    def test_counts_with_what_was_invoiced_though_the_addition_is_gone(self) -> None:
        found = forecast([claim(is_frozen=True, amount=Decimal("48.00"))])
        assert (found.accounts[CONTOSO].billed, found.differences) == (Decimal("48.00"), [])

    def test_and_its_true_up_come_to_the_line(self) -> None:
        terms = agreement(next_invoice_date=date(2026, 7, 1))
        july: dict[str, Any] = {"effective_date": date(2026, 7, 1), "cancelled_date": date(2026, 7, 31)}
        frozen = claim("TO-A", is_frozen=True, amount=Decimal("50.00"))
        true_up = claim("TO-T", is_recurring=False, corrects="TO-A", quantity=1, unit_price=Decimal("10.00"), **july)
        found = forecast([frozen, true_up], [], terms)
        assert (found.accounts[CONTOSO].billed, found.differences) == (Decimal("60.00"), [])

    def test_in_advance_is_a_difference_where_the_addition_changed_since(self) -> None:
        before = wanted_values(desire(quantity=Decimal(4)))
        found = only(forecast([claim(before=before)], [], agreement(next_invoice_date=date(2026, 7, 1))))
        assert (found.kind, found.charged, found.expected) == (
            DifferenceKind.ALREADY_INVOICED,
            Decimal("50.00"),
            Decimal("40.00"),
        )
        assert "invoiced 40.00 EUR for M365 Business of Contoso before its addition was changed" in found.reason

    def test_before_a_change_matters_not_where_the_period_is_still_open(self) -> None:
        before = wanted_values(desire(quantity=Decimal(4)))
        assert forecast([claim(before=before)]).differences == []


class TestWithoutACharge:
    def test_an_addition_is_a_difference_with_its_cause_and_the_next_step(self) -> None:
        found = only(forecast([], [unclaimed()]))
        assert (found.kind, found.charged, found.expected, found.amount) == (
            DifferenceKind.NO_CHARGE,
            Decimal("0.00"),
            Decimal("30.00"),
            Decimal("30.00"),
        )
        assert found.reason == (
            "Seats of Contoso bills 30.00 EUR in June 2026 although AppXite charges nothing for it: "
            "its line is excluded."
        )
        assert found.next_step == "Decide in the next plan whether it ends or stays."

    def test_one_that_is_kept_says_by_whom_why_and_until_when(self) -> None:
        standing = reasons.kept("Ada", "a trial until summer", date(2026, 8, 31))
        found = only(forecast([], [unclaimed(standing=standing)]))
        assert found.kind is DifferenceKind.NO_CHARGE
        assert "Ada keeps it until 2026-08-31 (a trial until summer)" in found.reason

    def test_one_of_a_preview_is_not_charged_yet(self) -> None:
        found = only(forecast([], [unclaimed(standing=reasons.PREVIEW)]))
        assert found.kind is DifferenceKind.NOT_CHARGED_YET
        assert found.reason == (
            "Seats of Contoso bills 30.00 EUR in June 2026, and AppXite charges nothing for it yet: "
            "its invoice is still a preview."
        )

    def test_two_months_that_nobody_was_charged_for_are_both_counted(self) -> None:
        found = forecast(
            [],
            [unclaimed(charged_through=date(2026, 4, 30))],
            agreement(next_invoice_date=date(2026, 5, 1)),
        )
        assert only(found).expected == Decimal("60.00")

    def test_one_whose_line_went_away_again_pays_for_nothing_any_more(self) -> None:
        lost = unclaimed(charged_from=JUNE, charged_through=END_OF_JUNE, loss=Loss.NEWEST)
        assert only(forecast([], [lost])).expected == Decimal("30.00")

    def test_one_whose_line_went_away_bills_also_in_the_later_periods_of_that_line(self) -> None:
        july = {"charged_from": date(2026, 7, 1), "charged_through": date(2026, 7, 31)}
        assert only(forecast([], [unclaimed(loss=Loss.NEWEST, **july)])).expected == Decimal("30.00")

    def test_one_that_a_later_line_is_charged_for_bills_the_lost_month_only(self) -> None:
        july = {"charged_from": date(2026, 7, 1), "charged_through": date(2026, 7, 31)}
        assert only(forecast([], [unclaimed(loss=Loss.OLDER, **july)])).expected == Decimal("30.00")

    def test_a_one_time_charge_in_a_later_period_that_lost_its_line_is_counted_there(self) -> None:
        july: dict[str, Any] = {"effective_date": date(2026, 7, 1), "cancelled_date": date(2026, 7, 31)}
        lost = unclaimed(is_recurring=False, charged_through=date(2026, 7, 31), loss=Loss.NEWEST, **july)
        assert only(forecast([], [lost])).expected == Decimal("30.00")

    @pytest.mark.parametrize(
        "stands",
        [
            {"charged_through": END_OF_JUNE},
            {"cancelled_date": date(2026, 5, 31)},
            {"bill_option": "DoNotBill"},
            {"cancelled_date": date(2026, 2, 1)},
            {"effective_date": date(2026, 7, 1)},
            {"charged_through": None, "is_recurring": False, "cancelled_date": END_OF_JUNE},
            {"quantity": Decimal(0)},
        ],
        ids=["charged", "ended", "not billable", "ended before it starts", "not begun", "old one-time", "nothing"],
    )
    def test_one_that_bills_nothing_more_is_silent(self, stands: dict[str, Any]) -> None:
        found = forecast([], [unclaimed(**stands)])
        assert (found.differences, found.accounts) == ([], {})

    def test_a_failed_change_leaves_an_addition_that_bills_while_its_charge_is_listed(self) -> None:
        found = only(forecast([claim(holds={"quantity": Decimal(4)}, is_listed=True)]))
        assert (found.kind, found.charged, found.amount) == (DifferenceKind.MORE, Decimal("0.00"), Decimal("40.00"))
        assert "its charge is listed under failures as not sent" in found.reason


class TestALineWhoseBillingPeriodEndsWithinTheMonth:
    """The period from 15 June begins after the charge's own, which ends on 14 June."""

    terms = agreement(
        invoicing_cycle="ContractYear", billing_start=date(2025, 1, 15), next_invoice_date=date(2026, 5, 15)
    )
    line = claim(bills_from=date(2026, 5, 15), bills_through=date(2026, 6, 14))
    bills_on = unclaimed(
        charged_through=date(2026, 6, 14), has_lines=True, standing=reasons.bills_on(is_complete=False)
    )

    def test_bills_the_period_that_begins_after_it_before_its_charge_comes(self) -> None:
        found = forecast([self.line], [self.bills_on], self.terms)
        assert found.accounts[CONTOSO].billed == Decimal("80.00")
        assert (only(found).kind, only(found).amount) == (DifferenceKind.NOT_CHARGED_YET, Decimal("30.00"))
        assert "what the month charges is billed in earlier billing periods" in only(found).reason

    def test_has_one_difference_where_nothing_can_be_forecast(self) -> None:
        found = forecast([self.line], [self.bills_on], agreement(billing_cycle="EveryFullMoon"))
        assert only(found).charged == Decimal("50.00")


class TestInvoicedBeyondTheCharge:
    """ConnectWise has invoiced periods that no line is charged for: only a credit takes that back."""

    through_june = agreement(next_invoice_date=date(2026, 7, 1))

    def test_what_the_month_has_billed_already_is_a_difference(self) -> None:
        standing = reasons.ended(END_OF_JUNE, "the PSA")
        found = only(forecast([], [unclaimed(standing=standing, cancelled_date=END_OF_JUNE)], self.through_june))
        assert (found.kind, found.charged, found.amount) == (
            DifferenceKind.ALREADY_INVOICED,
            Decimal("0.00"),
            Decimal("30.00"),
        )
        assert found.reason == (
            "the PSA has billed 30.00 EUR for Seats of Contoso in June 2026 although AppXite charges nothing for it: "
            "it was ended, and it bills through 2026-06-30."
        )
        assert found.next_step == "Credit it in the PSA, or load the month again where its charge is still to come."

    def test_where_the_charge_is_still_to_come_the_next_step_is_to_load_it(self) -> None:
        standing = reasons.not_charged_yet("The month has not charged it yet.")
        found = only(forecast([], [unclaimed(standing=standing)], self.through_june))
        assert (found.kind, found.amount) == (DifferenceKind.ALREADY_INVOICED, Decimal("30.00"))
        assert found.reason.endswith("AppXite charges nothing for it yet: the month has not charged it yet.")
        assert found.next_step == "Load the month again when its invoices come."

    def test_what_an_earlier_month_has_billed_is_not_listed_again(self) -> None:
        found = only(forecast([], [unclaimed(charged_through=date(2026, 4, 30))], self.through_june))
        assert found.amount == Decimal("30.00")
        assert forecast([], [unclaimed(cancelled_date=END_OF_JUNE)], self.through_june, period=JULY).differences == []

    def test_what_a_month_without_a_receipt_has_billed_is_listed_by_the_next_one(self) -> None:
        of_april = unclaimed(charged_through=date(2026, 4, 30))
        found = only(forecast([], [of_april], self.through_june, unlisted_from=date(2026, 5, 1)))
        assert found.amount == Decimal("60.00")

    def test_what_is_still_to_be_billed_stands_beside_it(self) -> None:
        weeks = agreement(billing_cycle="Weekly", billing_start=JUNE, next_invoice_date=date(2026, 6, 8))
        found = forecast([], [unclaimed()], weeks)
        assert [(each.kind, each.amount) for each in found.differences] == [
            (DifferenceKind.NO_CHARGE, Decimal("120.00")),
            (DifferenceKind.ALREADY_INVOICED, Decimal("30.00")),
        ]

    def test_a_quarter_is_spoken_of_in_each_of_its_months(self) -> None:
        quarter = agreement(billing_cycle="Quarterly", next_invoice_date=date(2026, 7, 1))
        of_march = unclaimed(charged_through=date(2026, 3, 31))
        for month in ("2026-04", "2026-05", PERIOD):
            assert only(forecast([], [of_march], quarter, period=month)).amount == Decimal("30.00")

    def test_one_of_an_older_build_may_have_been_charged_for_it(self) -> None:
        assert forecast([], [unclaimed(charged_through=None)], self.through_june).differences == []


class TestCurrencies:
    @pytest.mark.parametrize(
        ("currency", "price", "expected"),
        [("JPY", "1001", "501"), ("EUR", "10.01", "5.01"), ("KWD", "10.001", "5.001")],
    )
    def test_half_a_month_rounds_to_what_the_currency_has(self, currency: str, price: str, expected: str) -> None:
        half: dict[str, Any] = {
            "effective_date": date(2026, 6, 16),
            "quantity": Decimal(1),
            "unit_price": Decimal(price),
        }
        line = claim(currency=currency, amount=Decimal(price), **half)
        found = only(forecast([line], [], agreement(is_prorated=True, currency=currency)))
        assert str(found.expected) == expected


class TestWrittenOff:
    """June was closed without an invoice: what was sent for it bills nothing."""

    closed: ClassVar[dict[str, Any]] = {
        "next_invoice_date": date(2026, 7, 1),
        "invoiced": [],
        "unbilled": [DayRange(first=JUNE, last=END_OF_JUNE)],
    }

    def test_what_was_invoiced_by_the_date_alone_bills_nothing(self) -> None:
        found = only(forecast([claim(is_frozen=True)], (), agreement(**self.closed)))
        assert (found.kind, found.charged, found.expected) == (DifferenceKind.WRITTEN_OFF, Decimal(50), Decimal(0))
        assert "written off" in found.reason

    def test_an_addition_that_is_as_it_should_be_bills_nothing_there_either(self) -> None:
        found = only(forecast([claim()], (), agreement(**self.closed)))
        assert (found.kind, found.amount) == (DifferenceKind.WRITTEN_OFF, Decimal(-50))

    def test_an_addition_without_a_charge_has_billed_nothing_there(self) -> None:
        assert forecast((), [unclaimed()], agreement(**self.closed)).differences == []
