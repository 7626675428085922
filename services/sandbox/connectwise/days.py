"""Days as records hold them: the calendar day in front of whatever time follows."""

from datetime import date

from services.sandbox.seed.references import Record


def day_of(record: Record, name: str, default: date) -> date:
    text = record.get(name)
    return date.fromisoformat(text[:10]) if text else default


def maybe_day(record: Record, name: str) -> date | None:
    text = record.get(name)
    return date.fromisoformat(text[:10]) if text else None
