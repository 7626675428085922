from typing import Any

import pytest

from services.billing.rules.reversed_dates import refuse_reversed_dates
from tests.billing.builders import some_rules

DAY_5 = {"kind": "fixed_day", "day": 5}
DAY_20 = {"kind": "fixed_day", "day": 20}


class TestReversedDates:
    def test_an_end_before_the_start_is_refused_in_words(self) -> None:
        with pytest.raises(
            ValueError, match="the charge would end before it starts: in January from 20 January to 5 J"
        ):
            refuse_reversed_dates(some_rules(charge_start=DAY_20, charge_end=DAY_5))

    def test_the_charge_type_is_named_where_it_is_its_own_rule(self) -> None:
        rules = some_rules(by_charge_type={"UsageFee": {"charge_start": DAY_20, "charge_end": DAY_5}})
        with pytest.raises(
            ValueError, match=r"Usage Fee: .*start by rule: day 20 of the invoice month, end by rule: day 5"
        ):
            refuse_reversed_dates(rules)

    def test_a_rule_of_a_type_is_held_against_the_rule_for_all(self) -> None:
        rules = some_rules(charge_start=DAY_5, charge_end=DAY_20, by_charge_type={"ItemFee": {"charge_end": DAY_20}})
        assert refuse_reversed_dates(rules) == rules
        late = {"kind": "first_day_of_next_month"}
        with pytest.raises(ValueError, match="Item Fee: "):
            refuse_reversed_dates(some_rules(charge_end=DAY_20, by_charge_type={"ItemFee": {"charge_start": late}}))

    def test_one_month_in_which_it_would_is_enough(self) -> None:
        with pytest.raises(ValueError, match="from 30 January to 29 January"):
            refuse_reversed_dates(
                some_rules(charge_start={"kind": "fixed_day", "day": 30}, charge_end={"kind": "fixed_day", "day": 29})
            )

    @pytest.mark.parametrize(
        ("start", "end"),
        [
            (DAY_5, DAY_5),
            (DAY_20, DAY_5 | {"offset_months": 1}),
            (DAY_20, {"kind": "open_ended"}),
            ({"kind": "as_invoiced"}, DAY_5),
            (DAY_20, {"kind": "as_invoiced"}),
            ({"kind": "first_day_of_month"}, {"kind": "last_day_of_month"}),
            ({"kind": "billing_cycle_day"}, DAY_5),
            (None, DAY_5),
        ],
    )
    def test_what_may_be_right_is_accepted(self, start: dict[str, Any] | None, end: dict[str, Any]) -> None:
        rules = some_rules(charge_start=start, charge_end=end)
        assert refuse_reversed_dates(rules) == rules
