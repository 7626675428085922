from datetime import date
from decimal import Decimal

from services.billing.rules.rate import rate
from services.contracts.vocabulary import LineStatus
from tests.billing.builders import a_book, a_line, a_running_addition, an_agreement, some_rules

PRORATING = an_agreement(is_prorated=True)


class TestForecast:
    def test_an_agreement_without_proration_bills_in_full(self) -> None:
        assert rate(a_line(), a_book()).forecast == Decimal("30.00")

    def test_an_agreement_with_proration_bills_by_days_of_each_unit(self) -> None:
        line = a_line(user_start=date(2026, 10, 15))
        found = rate(line, a_book(PRORATING))
        # 3.00 × 17/31 is 1.65 a unit, the 15th counted.
        assert found.forecast == Decimal("16.50")
        assert found.warnings == ("16.50 USD will be billed by the PSA for this; 30.00 was invoiced",)

    def test_a_one_time_charge_across_two_periods_bills_twice(self) -> None:
        line = a_line(charge_type="UsageFee", user_end=date(2026, 11, 11))
        assert rate(line, a_book()).forecast == Decimal("60.00")

    def test_a_one_time_charge_without_end_in_sight_has_no_forecast(self) -> None:
        line = a_line(charge_type="UsageFee", user_end=date(2099, 1, 1))
        found = rate(line, a_book())
        assert found.forecast is None
        assert (found.status, found.warnings) == (
            LineStatus.READY,
            ("what the PSA will bill for this cannot be forecast; look at its dates",),
        )

    def test_a_line_that_stays_behind_needs_no_word_about_its_forecast(self) -> None:
        held = rate(a_line(charge_start=None), a_book())
        assert (held.status, held.forecast, held.warnings) == (LineStatus.HELD, None, ())

    def test_what_is_not_billable_bills_nothing_and_warns_nobody(self) -> None:
        rules = some_rules(by_charge_type={"CycleFee": {"bill_option": "NoCharge"}})
        found = rate(a_line(), a_book(rules=rules))
        assert (found.forecast, found.warnings) == (Decimal(0), ())

    def test_a_running_addition_bills_its_new_values_in_full(self) -> None:
        running = {("agreement-1", "sub-1"): a_running_addition()}
        assert rate(a_line(), a_book(PRORATING, running=running)).forecast == Decimal("30.00")

    def test_a_period_invoiced_with_the_former_values_is_a_warning(self) -> None:
        running = {("agreement-1", "sub-1"): a_running_addition(amount=Decimal("27.00"))}
        found = rate(a_line(), a_book(an_agreement(next_invoice_date=date(2026, 11, 1)), running=running))
        assert found.warnings == ("27.00 USD will be billed by the PSA for this; 30.00 was invoiced",)

    def test_nothing_is_forecast_without_an_agreement_an_amount_or_a_cycle(self) -> None:
        assert rate(a_line(), a_book(agreements=())).forecast is None
        fine = a_line(total=Decimal("30.001"), currency="KWD")  # the PSA keeps two decimals of a price
        assert rate(fine, a_book(an_agreement(currency="KWD"))).forecast is None
        assert rate(a_line(), a_book(an_agreement(billing_cycle="Fortnightly"))).forecast is None
        assert rate(a_line(charge_start=None), a_book()).forecast is None

    def test_a_recurring_charge_that_a_rule_closes_is_forecast_for_its_first_period(self) -> None:
        line = a_line(user_end=date(2026, 10, 31))
        assert rate(line, a_book()).forecast == Decimal("30.00")
