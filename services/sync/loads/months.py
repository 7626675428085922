"""Which calendar months can be loaded: this one and the 14 before, all of which AppXite still has whole.

AppXite keeps 15 months to the day, so of the 15th month back it has a part; loading that part would
look as if the rest had vanished.
"""

import re
from datetime import date

from services.contracts.periods import PATTERN, month_number, period_of
from services.kit.base.errors import Unprocessable

MONTHS_BACK = 14


class PeriodUnknown(Unprocessable):
    """A period is not a calendar month."""

    action = "Write periods as YYYY-MM, such as 2026-11."


class PeriodNotLoadable(Unprocessable):
    """A period lies in the future, or so far back that AppXite no longer has all of it."""

    action = f"Choose this month or one of the {MONTHS_BACK} before it."


def check_periods(periods: list[str], today: date) -> list[str]:
    """The periods, each once, in order. PeriodUnknown or PeriodNotLoadable names the first that will not do."""
    for period in periods:
        if re.fullmatch(PATTERN, period) is None:
            raise PeriodUnknown(f"{period!r} is not a month.")
        if not is_loadable(period, today):
            raise PeriodNotLoadable(f"{period} cannot be loaded.")
    return sorted(set(periods))


def is_loadable(period: str, today: date) -> bool:
    return 0 <= month_number(period_of(today)) - month_number(period) <= MONTHS_BACK
