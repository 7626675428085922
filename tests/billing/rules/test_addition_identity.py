from datetime import date
from itertools import permutations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from services.billing.rules.identity import choose_driver, one_time_marker, recurring_marker

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


class TestChooseDriver:
    ROWS = (
        ("early", date(2026, 10, 1), "invoice-9", "row-9"),
        ("late", date(2026, 10, 12), "invoice-1", "row-1"),
        ("late too", date(2026, 10, 12), "invoice-1", "row-2"),
    )

    def test_the_latest_charge_start_drives_and_ties_are_settled_whatever_the_order(self) -> None:
        assert {choose_driver(rows) for rows in permutations(self.ROWS)} == {"late too"}
