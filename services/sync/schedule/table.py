"""What is done on the clock, as data: what it is called, when it falls due, and which kind of run it begins."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from services.contracts.vocabulary import RunKind


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that is done every day.

    Args:
        name: of its rows in the database; never changes.
        title: for people, as a sentence begins.
        at: time of day, UTC.
    """

    name: str
    title: str
    at: time
    kind: RunKind

    def last_due(self, now: datetime) -> datetime:
        """The latest instant, not after `now`, at which it fell due."""
        today = datetime.combine(now.astimezone(UTC).date(), self.at, UTC)
        return today if today <= now else today - timedelta(days=1)


SCHEDULE: tuple[Entry, ...] = (
    Entry("duplicates", "The nightly check for duplicates", at=time(0, 0), kind=RunKind.EXAMINATION),
)
"""Entries that fall due at the same time begin in this order; their runs go on side by side."""
