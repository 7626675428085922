"""Two additions with one marker are twins while both may still bill, also where they carry an end."""

from datetime import date

import pytest

from services.sync.additions.state import AgreementState
from services.sync.additions.twins import find_twins
from services.sync.psas.addition import Addition
from tests.sync.plans.builders import MARCH, held

APRIL_1, MARCH_31 = date(2026, 4, 1), date(2026, 3, 31)


def twins(*additions: Addition, next_invoice: date | None = APRIL_1) -> list[str]:
    state = AgreementState(list(additions), next_invoice=next_invoice)
    return [each.id for each in find_twins(state, ["TO-A"]).get("TO-A", [])]


class TestTwinsWithAnEnd:
    @pytest.mark.parametrize("next_invoice", [MARCH, MARCH_31, None])
    def test_two_that_end_in_a_period_to_come_bill_it_twice(self, next_invoice: date | None) -> None:
        """Each bills 50.00 in March."""
        both = held("70", cancelled_date=MARCH_31), held("71", cancelled_date=MARCH_31)
        assert twins(*both, next_invoice=next_invoice) == ["70", "71"]

    def test_one_that_is_open_and_one_that_ends_later_are_twins(self) -> None:
        assert twins(held("70"), held("71", cancelled_date=date(2026, 6, 30))) == ["70", "71"]

    def test_an_end_in_the_past_is_history(self) -> None:
        assert twins(held("70", cancelled_date=MARCH_31), held("71", cancelled_date=MARCH_31)) == []
        assert twins(held("70", cancelled_date=MARCH_31), held("71")) == []

    def test_one_that_was_made_to_bill_never_is_none(self) -> None:
        stopped = held("71", effective_date=APRIL_1, cancelled_date=APRIL_1, bill_option="DoNotBill")
        assert twins(held("70"), stopped) == []
        assert twins(held("70"), stopped, next_invoice=None) == []


class TestCarriers:
    def test_of_those_that_have_ended_the_newest_counts(self) -> None:
        ended = [held("70", cancelled_date=MARCH_31), held("71", cancelled_date=MARCH_31)]
        found = AgreementState(ended, next_invoice=APRIL_1).carriers_of("TO-A")
        assert [each.id for each in found] == ["71"]
