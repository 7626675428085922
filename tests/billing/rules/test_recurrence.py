from datetime import date

import pytest

from services.billing.rules.rate import rate
from services.billing.rules.recurrence import measure_period
from services.contracts.vocabulary import HoldReason, LineStatus
from tests.billing.builders import a_book, a_line, an_agreement, some_rules

ANNUAL = {"charge_start": date(2026, 10, 12), "charge_end": date(2027, 10, 11)}


class TestRecurrence:
    @pytest.mark.parametrize("charge_type", ["CycleFee", "PurchaseFee"])
    def test_fees_of_a_subscription_share_its_addition(self, charge_type: str) -> None:
        assert rate(a_line(charge_type=charge_type), a_book()).is_recurring

    @pytest.mark.parametrize("charge_type", ["Correction", "UsageFee", "ItemFee", "OneTimeFee", "UserCorrection", "?"])
    def test_every_other_charge_has_an_addition_of_its_own(self, charge_type: str) -> None:
        assert not rate(a_line(charge_type=charge_type), a_book()).is_recurring

    def test_a_line_without_a_subscription_is_always_one_time(self) -> None:
        assert not rate(a_line(subscription_id=""), a_book()).is_recurring

    def test_a_row_of_a_custom_invoice_is_always_one_time(self) -> None:
        found = rate(a_line(is_custom=True), a_book())
        assert not found.is_recurring
        assert any("custom invoice" in words for words in found.explanation)

    def test_a_row_that_does_not_drive_is_one_time(self) -> None:
        found = rate(a_line(drives=False), a_book())
        assert not found.is_recurring
        assert found.end.value == date(2026, 10, 31)

    def test_an_annual_charge_on_a_monthly_agreement_bills_once(self) -> None:
        found = rate(a_line(**ANNUAL), a_book())
        assert not found.is_recurring
        assert any("more than one billing cycle" in words for words in found.explanation)

    def test_an_annual_charge_on_a_monthly_agreement_is_held_by_setting(self) -> None:
        found = rate(a_line(**ANNUAL), a_book(rules=some_rules(when_longer_than_cycle="hold")))
        assert found.is_recurring
        assert found.hold_reasons == (HoldReason.LONGER_THAN_CYCLE,)

    def test_an_annual_charge_on_an_annual_agreement_recurs(self) -> None:
        assert rate(a_line(**ANNUAL), a_book(an_agreement(billing_cycle="Yearly"))).is_recurring

    def test_a_monthly_charge_on_a_quarterly_agreement_bills_once_each_month(self) -> None:
        found = rate(a_line(), a_book(an_agreement(billing_cycle="Quarterly")))
        assert not found.is_recurring
        assert any("less than one billing cycle" in words for words in found.explanation)

    def test_a_prorated_first_month_recurs(self) -> None:
        assert rate(a_line(charge_end=date(2026, 10, 31)), a_book()).is_recurring

    def test_a_long_month_is_no_longer_than_a_cycle(self) -> None:
        line = a_line(charge_start=date(2026, 1, 31), charge_end=date(2026, 2, 28))
        assert rate(line, a_book(an_agreement(next_invoice_date=None))).is_recurring

    @pytest.mark.parametrize("cycle", ["Weekly", "BiWeekly"])
    def test_a_month_on_a_weekly_agreement_bills_once(self, cycle: str) -> None:
        assert not rate(a_line(), a_book(an_agreement(billing_cycle=cycle))).is_recurring

    @pytest.mark.parametrize("open_period", [{"charge_end": None}, {"charge_start": None}])
    def test_a_charge_period_with_an_end_missing_is_taken_for_one_cycle(self, open_period: dict[str, None]) -> None:
        assert rate(a_line(**open_period), a_book()).is_recurring

    @pytest.mark.parametrize("charge_type", ["CycleFee", "UsageFee"])
    @pytest.mark.parametrize(
        ("cycle", "words"), [("Fortnightly", "billing cycle Fortnightly"), ("", "has no billing cycle")]
    )
    def test_a_cycle_nobody_knows_holds_the_line_and_is_named(self, charge_type: str, cycle: str, words: str) -> None:
        found = rate(a_line(charge_type=charge_type), a_book(an_agreement(billing_cycle=cycle)))
        assert found.hold_reasons == (HoldReason.AGREEMENT_CYCLE_UNKNOWN,)
        assert words in found.explanation[0]

    def test_a_chosen_agreement_with_such_a_cycle_holds_the_line_too(self) -> None:
        line = a_line(user_agreement_id="agreement-1")
        found = rate(line, a_book(an_agreement(billing_cycle="Fortnightly")))
        assert found.hold_reasons == (HoldReason.AGREEMENT_CYCLE_UNKNOWN,)

    def test_on_an_agreement_that_does_not_recur_each_month_bills_once(self) -> None:
        book = a_book(an_agreement(billing_cycle="NotRecurring", next_invoice_date=None))
        for line in (a_line(user_agreement_id="agreement-1"), a_line(user_agreement_id="agreement-1", drives=False)):
            found = rate(line, book)
            assert (found.status, found.is_recurring, found.forecast) == (LineStatus.READY, False, line.total)
            assert any("does not recur" in words for words in found.explanation)


class TestMeasurePeriod:
    @pytest.mark.parametrize(
        ("first", "last", "length"),
        [
            (date(2026, 2, 1), date(2026, 2, 28), (1, 0)),
            (date(2026, 10, 12), date(2026, 11, 11), (1, 0)),
            (date(2026, 1, 31), date(2026, 2, 27), (1, 0)),
            (date(2026, 10, 20), date(2026, 10, 31), (0, 12)),
            (date(2026, 10, 12), date(2027, 10, 13), (12, 2)),
            (date(2026, 10, 12), date(2026, 10, 11), (0, 0)),
            (None, date(2026, 10, 11), (0, 0)),
            (date(2026, 10, 12), None, (0, 0)),
        ],
    )
    def test_months_are_of_one_length(self, first: date | None, last: date | None, length: tuple[int, int]) -> None:
        assert measure_period(first, last) == length
