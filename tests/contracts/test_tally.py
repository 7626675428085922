"""Sums by currency: exact, in any order, never across currencies."""

from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from services.contracts.shapes import Tally

LINES = st.lists(
    st.tuples(st.sampled_from(["EUR", "USD", "JPY"]), st.decimals(-1_000_000, 1_000_000, places=4)), max_size=20
)
NOTHING = Tally(count=0)


class TestTally:
    def test_it_sums_by_currency(self) -> None:
        lines = [("EUR", Decimal("1.10")), ("USD", Decimal(5)), ("EUR", Decimal("-0.10"))]

        assert Tally.of(lines) == Tally(count=3, amounts={"EUR": Decimal("1.00"), "USD": Decimal(5)})

    def test_no_lines_are_nothing(self) -> None:
        assert Tally.of([]) == NOTHING

    def test_many_are_added_by_sum(self) -> None:
        ten_cents = Tally.of([("EUR", Decimal("0.10"))])

        assert sum([ten_cents] * 3, NOTHING) == Tally(count=3, amounts={"EUR": Decimal("0.30")})

    @given(LINES, LINES)
    def test_parts_add_up_to_the_whole(
        self, some: list[tuple[str, Decimal]], others: list[tuple[str, Decimal]]
    ) -> None:
        assert Tally.of(some) + Tally.of(others) == Tally.of(some + others)

    @given(LINES)
    def test_adding_nothing_changes_nothing(self, lines: list[tuple[str, Decimal]]) -> None:
        assert Tally.of(lines) + NOTHING == NOTHING + Tally.of(lines) == Tally.of(lines)
