"""The only place of the sandbox that asks what time it is."""

import time
from datetime import UTC, date, datetime


def now() -> datetime:
    return datetime.now(UTC)


def today(pinned: date | None) -> date:
    """The pinned day, else the current UTC day."""
    return pinned or now().date()


def stamp() -> str:
    """Now as ConnectWise writes instants: whole seconds and `Z`."""
    return now().strftime("%Y-%m-%dT%H:%M:%SZ")


def ticks() -> float:
    """Seconds on a clock that never goes back, for ages and rates."""
    return time.monotonic()
