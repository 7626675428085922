"""The only place that reads the system clock, so that tests can hold it still."""

from collections.abc import Callable
from datetime import UTC, date, datetime

Clock = Callable[[], datetime]


def now() -> datetime:
    """This instant, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """The calendar day in UTC."""
    return now().date()
