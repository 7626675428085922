"""Of one addition, the differences of one receipt add up, and those of a newer receipt take their place."""

from decimal import Decimal

from tests.lives.judging import sums_of
from tests.lives.outcome import Listed


def listed(time: int, amount: str, month: str = "2026-02") -> Listed:
    return Listed(time, month, "no_charge", "1", "70", "Seats", Decimal(amount))


def test_two_differences_of_one_receipt_are_about_two_billing_periods_and_add_up() -> None:
    found = sums_of([listed(1, "-592"), listed(1, "962")])
    assert found == {Decimal(0), Decimal(-592), Decimal(962), Decimal(370)}


def test_a_newer_receipt_of_the_month_takes_the_place_of_the_older_one() -> None:
    assert sums_of([listed(1, "30"), listed(2, "50")]) == {Decimal(0), Decimal(30), Decimal(50)}


def test_differences_of_two_months_add_up() -> None:
    assert Decimal(80) in sums_of([listed(1, "30"), listed(2, "50", month="2026-03")])
