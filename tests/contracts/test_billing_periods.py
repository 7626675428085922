from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.contracts.invoicing.periods import END_OF_TIME, AgreementTerms, BillingPeriod, add_days, add_months
from tests.billing.builders import an_agreement

CYCLES = ["Weekly", "BiWeekly", "Monthly", "BiMonthly", "Quarterly", "SemiAnnual", "Yearly", "NotRecurring"]


def period(day: date, **agreement: Any) -> BillingPeriod:
    found = AgreementTerms(an_agreement(**agreement)).period_of(day)
    assert found is not None
    return found


class TestCalendarYear:
    @pytest.mark.parametrize(
        ("cycle", "first", "last"),
        [
            ("Monthly", date(2026, 5, 1), date(2026, 5, 31)),
            ("BiMonthly", date(2026, 5, 1), date(2026, 6, 30)),
            ("Quarterly", date(2026, 4, 1), date(2026, 6, 30)),
            ("SemiAnnual", date(2026, 1, 1), date(2026, 6, 30)),
            ("Yearly", date(2026, 1, 1), date(2026, 12, 31)),
        ],
    )
    def test_periods_follow_the_calendar(self, cycle: str, first: date, last: date) -> None:
        found = period(date(2026, 5, 20), billing_cycle=cycle, billing_start=date(2024, 3, 15))
        assert (found.start, found.end, found.is_whole) == (first, last, True)

    def test_the_first_period_begins_with_billing_and_is_not_whole(self) -> None:
        found = period(date(2026, 3, 20), billing_start=date(2026, 3, 15))
        assert found == BillingPeriod(date(2026, 3, 15), date(2026, 3, 31), 31)
        assert not found.is_whole


class TestContractYear:
    @pytest.mark.parametrize(
        ("cycle", "first", "last"),
        [
            ("Monthly", date(2026, 5, 15), date(2026, 6, 14)),
            ("Quarterly", date(2026, 3, 15), date(2026, 6, 14)),
            ("Yearly", date(2026, 3, 15), date(2027, 3, 14)),
        ],
    )
    def test_periods_are_counted_from_the_billing_start(self, cycle: str, first: date, last: date) -> None:
        found = period(
            date(2026, 5, 20), billing_cycle=cycle, invoicing_cycle="ContractYear", billing_start=date(2024, 3, 15)
        )
        assert (found.start, found.end) == (first, last)

    def test_a_start_on_the_31st_does_not_wander_through_short_months(self) -> None:
        terms = AgreementTerms(an_agreement(invoicing_cycle="ContractYear", billing_start=date(2026, 1, 31)))
        february, march = terms.period_of(date(2026, 2, 28)), terms.period_of(date(2026, 3, 31))
        assert february is not None
        assert march is not None
        assert (february.start, february.end) == (date(2026, 2, 28), date(2026, 3, 30))
        assert march.start == date(2026, 3, 31)


class TestOtherCycles:
    @pytest.mark.parametrize(("cycle", "days"), [("Weekly", 7), ("BiWeekly", 14)])
    def test_weeks_are_counted_from_the_billing_start(self, cycle: str, days: int) -> None:
        found = period(date(2026, 1, 20), billing_cycle=cycle, billing_start=date(2026, 1, 7))
        assert (found.end - found.start).days + 1 == days == found.full_days
        assert (found.start - date(2026, 1, 7)).days % days == 0

    def test_an_agreement_that_does_not_recur_has_one_endless_period(self) -> None:
        terms = AgreementTerms(an_agreement(billing_cycle="NotRecurring"))
        found = terms.period_of(date(2030, 1, 1))
        assert found is not None
        assert (found.start, found.end) == (date(2026, 1, 1), END_OF_TIME)
        assert terms.period_after(found) is None

    def test_a_cycle_nobody_knows_has_no_periods(self) -> None:
        assert AgreementTerms(an_agreement(billing_cycle="Fortnightly")).period_of(date(2026, 5, 1)) is None

    def test_there_is_no_period_before_billing_starts(self) -> None:
        assert AgreementTerms(an_agreement()).period_of(date(2025, 12, 31)) is None


class TestEveryCycle:
    @given(
        cycle=st.sampled_from(CYCLES),
        invoicing=st.sampled_from(["CalendarYear", "ContractYear"]),
        billing_start=st.dates(date(2015, 1, 1), date(2026, 12, 31)),
        after=st.integers(0, 4000),
    )
    def test_periods_hold_their_day_and_follow_each_other_without_gap(
        self, cycle: str, invoicing: str, billing_start: date, after: int
    ) -> None:
        terms = AgreementTerms(
            an_agreement(billing_cycle=cycle, invoicing_cycle=invoicing, billing_start=billing_start)
        )
        day = billing_start + timedelta(days=after)
        found = terms.period_of(day)
        assert found is not None
        assert found.start <= day <= found.end
        assert terms.period_of(found.start) == terms.period_of(found.end) == found
        following = terms.period_after(found)
        if following is not None:
            assert following.start == found.end + timedelta(days=1)


class TestAddMonths:
    def test_a_month_that_is_too_short_ends_on_its_last_day(self) -> None:
        assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)

    def test_going_back_crosses_the_year(self) -> None:
        assert add_months(date(2026, 1, 15), -2) == date(2025, 11, 15)

    def test_what_never_ends_still_never_ends_a_year_later(self) -> None:
        assert add_months(date(9999, 12, 31), 12) == END_OF_TIME

    def test_before_the_first_day_of_the_calendar_there_is_nothing(self) -> None:
        assert add_months(date.min, -1) == add_days(date.min, -1) == date.min
