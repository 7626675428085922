"""What an addition held while periods were invoiced that lie behind it."""

from datetime import date
from decimal import Decimal

from services.sync.additions.history import MOST_KEPT, find_held, keep_held
from services.sync.psas.addition import AdditionValues

FEBRUARY, MARCH, APRIL = date(2026, 2, 1), date(2026, 3, 1), date(2026, 4, 1)


def held_at(price: int) -> AdditionValues:
    return AdditionValues(
        product_id="5",
        quantity=Decimal(10),
        unit_price=Decimal(price),
        bill_option="Billable",
        taxable=True,
        effective_date=FEBRUARY,
        cancelled_date=None,
        serial_number="TO-A",
        invoice_description="Seats",
    )


class TestHistory:
    def test_an_invoiced_period_was_billed_with_what_an_update_replaced_since(self) -> None:
        history = keep_held([], held_at(3), MARCH)
        assert find_held(history, FEBRUARY) == held_at(3)
        assert find_held(history, MARCH) is None

    def test_each_period_has_the_values_of_its_own_time(self) -> None:
        history = keep_held(keep_held([], held_at(3), MARCH), held_at(4), APRIL)
        assert [find_held(history, day) for day in (FEBRUARY, MARCH, APRIL)] == [held_at(3), held_at(4), None]

    def test_what_stood_between_two_updates_and_was_never_invoiced_is_forgotten(self) -> None:
        history = keep_held(keep_held([], held_at(3), MARCH), held_at(4), MARCH)
        assert find_held(history, FEBRUARY) == held_at(3)
        assert len(history) == 1

    def test_without_a_next_invoice_date_nothing_is_kept(self) -> None:
        assert keep_held([], held_at(3), None) == []

    def test_a_long_history_loses_its_oldest_values(self) -> None:
        history: list[dict[str, object]] = []
        for month in range(MOST_KEPT + 5):
            history = keep_held(history, held_at(month), date(2026 + month // 12, month % 12 + 1, 1))
        assert len(history) == MOST_KEPT
