from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.sync.plans.ground import MOST_SENTENCES, describe_moves, fingerprint, remember, shorten
from tests.sync.plans.builders import held


class TestFingerprint:
    def test_it_does_not_depend_on_the_order_of_reading(self) -> None:
        assert fingerprint([held("1"), held("2")]) == fingerprint([held("2"), held("1")])

    def test_it_does_not_depend_on_how_numbers_are_spelt(self) -> None:
        assert fingerprint([held(quantity=Decimal(100))]) == fingerprint([held(quantity=Decimal("100.00"))])

    @pytest.mark.parametrize(
        "change",
        [
            {"quantity": Decimal(6)},
            {"unit_price": Decimal("10.01")},
            {"product_id": "602"},
            {"bill_option": "DoNotBill"},
            {"taxable": False},
            {"effective_date": date(2026, 3, 2)},
            {"cancelled_date": date(2026, 3, 31)},
            {"serial_number": ""},
            {"invoice_description": "other"},
        ],
    )
    def test_every_field_that_a_plan_looks_at_changes_it(self, change: dict[str, Any]) -> None:
        assert fingerprint([held(**change)]) != fingerprint([held()])

    def test_an_addition_more_or_less_changes_it(self) -> None:
        assert len({fingerprint([]), fingerprint([held("1")]), fingerprint([held("1"), held("2")])}) == 3


class TestWhatMoved:
    def test_it_names_what_is_new_gone_and_changed(self) -> None:
        then = remember([held("1"), held("2")])
        assert describe_moves("Cloud", then, [held("2", quantity=Decimal(7)), held("3")]) == [
            "Cloud: addition 1 is gone.",
            "Cloud: addition 2 changed, quantity 5 → 7.",
            "Cloud: addition 3 is new.",
        ]

    def test_nothing_moved_on_equal_ground(self) -> None:
        assert describe_moves("Cloud", remember([held()]), [held(quantity=Decimal("5.00"))]) == []

    def test_a_long_list_is_counted(self) -> None:
        told = shorten([str(number) for number in range(50)])
        assert (len(told), told[-1]) == (MOST_SENTENCES, "… and 31 more.")
        assert shorten(["one"]) == ["one"]
