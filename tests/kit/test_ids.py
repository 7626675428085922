from datetime import UTC, date, datetime

from services.contracts.periods import period_of
from services.kit.base.clock import now, today
from services.kit.base.ids import new_id
from tests.support.clock import HeldClock


class TestNewId:
    def test_ids_sort_by_the_time_they_were_made(self) -> None:
        ids = [new_id() for _ in range(10_000)]

        assert ids == sorted(ids)
        assert len(set(ids)) == len(ids)
        assert {each.version for each in ids} == {7}


class TestClock:
    def test_time_is_aware_and_in_utc(self) -> None:
        assert now().tzinfo is UTC

    def test_a_day_belongs_to_its_month(self, clock: HeldClock) -> None:
        clock.set(datetime(2026, 1, 31, 23, 59, tzinfo=UTC))

        assert (today(), period_of(today())) == (date(2026, 1, 31), "2026-01")
