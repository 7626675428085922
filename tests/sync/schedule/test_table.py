from datetime import UTC, datetime, time

import pytest

from services.contracts.vocabulary import RunKind
from services.sync.schedule.table import SCHEDULE, Entry


class TestTheClock:
    @pytest.mark.parametrize(
        ("now", "due"),
        [
            ("2026-06-17T22:59:59", "2026-06-16T23:00"),
            ("2026-06-17T23:00:00", "2026-06-17T23:00"),
            ("2026-06-18T00:30:00", "2026-06-17T23:00"),
        ],
    )
    def test_an_entry_was_due_last_today_or_yesterday(self, now: str, due: str) -> None:
        entry = Entry("x", "X", at=time(23, 0), kind=RunKind.EXAMINATION)
        instant = datetime.fromisoformat(now).replace(tzinfo=UTC)
        assert entry.last_due(instant) == datetime.fromisoformat(due).replace(tzinfo=UTC)

    def test_no_two_entries_share_a_name(self) -> None:
        """Their nights would be the same row, and one of them would never begin."""
        assert len({entry.name for entry in SCHEDULE}) == len(SCHEDULE)
