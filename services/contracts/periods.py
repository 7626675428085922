"""A period: the calendar month of an invoice date, spelled YYYY-MM, with what is counted in months."""

import calendar
from datetime import date
from typing import Annotated

from pydantic import StringConstraints

PATTERN = r"^([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])-(0[1-9]|1[0-2])$"
"""There is no year 0: `date` begins with year 1."""
MONTHS_A_YEAR = 12

Period = Annotated[str, StringConstraints(pattern=PATTERN)]
"""A calendar month, YYYY-MM."""


def period_of(day: date) -> str:
    """The period that a day lies in."""
    return f"{day.year:04d}-{day.month:02d}"


def days_of(period: str) -> tuple[date, date]:
    """First and last day."""
    year, month = int(period[:4]), int(period[5:])
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def month_number(period: str) -> int:
    """Months since year 0: differences of these count months."""
    return int(period[:4]) * MONTHS_A_YEAR + int(period[5:]) - 1


def period_before(period: str) -> str:
    """The month before."""
    number = month_number(period) - 1
    return f"{number // MONTHS_A_YEAR:04d}-{number % MONTHS_A_YEAR + 1:02d}"
