"""A clock that stands still until a test moves it."""

from datetime import UTC, datetime, timedelta, tzinfo
from typing import Self

import pytest

from services.kit.base import clock as kit_clock

MIDDAY = datetime(2026, 3, 15, 12, 0, tzinfo=UTC)


class HeldClock:
    """Callable like `kit.clock.now`."""

    def __init__(self, instant: datetime = MIDDAY) -> None:
        self.instant = instant

    def __call__(self) -> datetime:
        return self.instant

    def set(self, instant: datetime) -> None:
        self.instant = instant

    def advance(self, by: timedelta) -> None:
        self.instant += by


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HeldClock:
    """Hold the time of all services in this process. PostgreSQL's `now()` goes on as ever."""
    held = HeldClock()

    class HeldDatetime(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            instant = held()
            return cls.fromtimestamp(instant.timestamp(), tz)

    # The class, not the function: whoever imported `now` by name holds still too.
    monkeypatch.setattr(kit_clock, "datetime", HeldDatetime)
    return held
