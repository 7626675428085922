"""Arithmetic of calendar months. A month is the date of its first day."""

from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=4096)
def add_months(month: date, count: int) -> date:
    years, index = divmod(month.year * 12 + month.month - 1 + count, 12)
    return date(years, index + 1, 1)


def month_of(day: date) -> date:
    return day.replace(day=1)


@lru_cache(maxsize=4096)
def last_day(month: date) -> date:
    return month.replace(day=monthrange(month.year, month.month)[1])


def months_between(earlier: date, later: date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month


@lru_cache(maxsize=4096)
def midnight(day: date) -> str:
    """A day as both upstreams write it: midnight UTC with `Z`."""
    return f"{day.isoformat()}T00:00:00Z"
