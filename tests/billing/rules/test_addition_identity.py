from datetime import date
from decimal import Decimal
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.billing.rules.identity import Candidate, choose_driver, one_time_marker, recurring_marker

PARTNER = UUID(int=1)
IDS = st.text(max_size=12)
IDENTITIES = st.one_of(
    st.tuples(st.just("recurring"), st.uuids(), IDS, IDS), st.tuples(st.just("one-time"), st.uuids(), IDS, IDS, IDS)
)


def mark(identity: tuple) -> str:  # type: ignore[type-arg]
    kind, *parts = identity
    return recurring_marker(*parts) if kind == "recurring" else one_time_marker(*parts)


class TestMarker:
    @given(st.lists(IDENTITIES, unique=True, min_size=2, max_size=8))
    def test_different_identities_never_share_a_marker(self, identities: list[tuple]) -> None:  # type: ignore[type-arg]
        assert len({mark(identity) for identity in identities}) == len(identities)

    @given(IDENTITIES)
    def test_a_marker_fits_a_serial_number_and_is_plain(self, identity: tuple) -> None:  # type: ignore[type-arg]
        marker = mark(identity)
        assert marker.startswith("TO-")
        assert len(marker) <= 50
        assert marker.isascii()
        assert marker == mark(identity)

    def test_moving_a_letter_between_parts_makes_another_identity(self) -> None:
        assert recurring_marker(PARTNER, "1", "23") != recurring_marker(PARTNER, "12", "3")

    def test_a_marker_never_changes_its_spelling(self) -> None:
        # Every addition ever written is found again by this text.
        assert recurring_marker(PARTNER, "agreement", "subscription") == "TO-HTEQ6XQ5AGE6UIDUTAOZQXPOD6TTFI3W"
        assert one_time_marker(PARTNER, "agreement", "invoice", "row") == "TO-QA7MZY2ITXIPIRV3IRBCKALZU3S2OLDH"


def a_candidate(key: str, **changes: Any) -> Candidate[str]:
    """A whole month from 1 October at 30."""
    values: dict[str, Any] = {
        "whole_months": 1,
        "days": 0,
        "amount": Decimal(30),
        "start": date(2026, 10, 1),
        "invoice_id": "invoice-1",
        "row_id": "row-1",
    }
    return Candidate(key, **values | changes)


class TestChooseDriver:
    RANKED = (
        a_candidate("longest", whole_months=2, amount=Decimal(1)),
        a_candidate("longer by a day", days=1, amount=Decimal(2)),
        a_candidate("largest", amount=Decimal(36)),
        a_candidate("latest", start=date(2026, 10, 12), invoice_id="invoice-0", row_id="row-0"),
        a_candidate("of the second invoice", invoice_id="invoice-2", row_id="row-0"),
        a_candidate("second row", row_id="row-2"),
        a_candidate("plain"),
        a_candidate("a credit", amount=Decimal(-100), start=date(2026, 10, 20)),
        a_candidate("what is left of a month", whole_months=0, days=20, amount=Decimal(99), start=date(2026, 10, 20)),
    )

    @pytest.mark.parametrize("rank", range(len(RANKED) - 1))
    def test_length_then_amount_then_start_then_row_decide_whatever_the_order(self, rank: int) -> None:
        assert {choose_driver(pair) for pair in permutations(self.RANKED[rank : rank + 2])} == {self.RANKED[rank].key}
        assert choose_driver(self.RANKED) == choose_driver(reversed(self.RANKED)) == "longest"
