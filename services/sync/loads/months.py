"""Which calendar months can be loaded: this one and the 14 before, all of which AppXite still has whole.

AppXite keeps 15 months to the day, so of the 15th month back it has a part; loading that part would
look as if the rest had vanished.
"""

import calendar
import re
from datetime import date

from services.kit import clock
from services.kit.errors import Unprocessable

MONTHS_BACK = 14
MONTHS_A_YEAR = 12
_PERIOD = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


class PeriodUnknown(Unprocessable):
    """A period is not a calendar month."""

    action = "Write periods as YYYY-MM, such as 2026-11."


class PeriodNotLoadable(Unprocessable):
    """A period lies in the future, or so far back that AppXite no longer has all of it."""

    action = f"Choose this month or one of the {MONTHS_BACK} before it."


def check_periods(periods: list[str], today: date) -> list[str]:
    """The periods, each once, in order. PeriodUnknown or PeriodNotLoadable names the first that will not do."""
    for period in periods:
        if _PERIOD.fullmatch(period) is None:
            raise PeriodUnknown(f"{period!r} is not a month.")
        if not is_loadable(period, today):
            raise PeriodNotLoadable(f"{period} cannot be loaded.")
    return sorted(set(periods))


def is_loadable(period: str, today: date) -> bool:
    return 0 <= _number(clock.month_of(today)) - _number(period) <= MONTHS_BACK


def month_before(period: str) -> str:
    number = _number(period) - 1
    return f"{number // MONTHS_A_YEAR:04d}-{number % MONTHS_A_YEAR + 1:02d}"


def days_of(period: str) -> tuple[date, date]:
    """First and last day."""
    year, month = int(period[:4]), int(period[5:])
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def _number(period: str) -> int:
    return int(period[:4]) * MONTHS_A_YEAR + int(period[5:]) - 1
