"""How a partner writes days in descriptions: a closed set, so that no day can be read as another by mistake."""

from datetime import date
from enum import StrEnum
from typing import Final


class DayForm(StrEnum):
    """Ways to write 5 March 2026."""

    ISO = "iso"  # 2026-03-05
    DOTS = "dots"  # 05.03.2026
    DAY_FIRST = "day_first"  # 05/03/2026
    MONTH_FIRST = "month_first"  # 03/05/2026
    WORDS = "words"  # 5 Mar 2026


# Not strftime's %b: it follows the locale of the machine.
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PATTERNS: Final = {
    DayForm.ISO: "{year:04}-{month:02}-{day:02}",
    DayForm.DOTS: "{day:02}.{month:02}.{year:04}",
    DayForm.DAY_FIRST: "{day:02}/{month:02}/{year:04}",
    DayForm.MONTH_FIRST: "{month:02}/{day:02}/{year:04}",
    DayForm.WORDS: "{day} {name} {year:04}",
}


def write_day(day: date | None, form: DayForm) -> str:
    """A day as the partner writes days; empty where there is none."""
    if day is None:
        return ""
    return _PATTERNS[form].format(year=day.year, month=day.month, day=day.day, name=_MONTHS[day.month - 1])


def write_period(first: date | None, last: date | None, form: DayForm) -> str:
    """First and last day, or the only one that is known."""
    days = [write_day(each, form) for each in (first, last) if each is not None]
    return " – ".join(dict.fromkeys(days))
