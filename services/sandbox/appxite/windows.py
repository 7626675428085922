"""Days from query texts. The old server took several forms; all of them are taken here."""

import re
from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from services.sandbox.appxite.errors import ReportingError

_FORMS = re.compile(r"^(\d{4}-\d{2}-\d{2})(?:[T ]\d{2}:\d{2}:\d{2}(?:\.\d{1,7})?Z?)?$")


class Window(NamedTuple):
    first: date
    last: date


def read_window(query: Mapping[str, str], first_name: str, last_name: str) -> Window:
    """Both days, which must be given. Raises ReportingError 400."""
    window = Window(_read_day(query, first_name), _read_day(query, last_name))
    if window.first > window.last:
        raise ReportingError(400, f"{first_name} is after {last_name}.")
    return window


def _read_day(query: Mapping[str, str], name: str) -> date:
    text = query.get(name)
    if not text:
        raise ReportingError(400, f"The parameter {name} is required.")
    match = _FORMS.match(text)
    try:
        return date.fromisoformat(match[1] if match else "")
    except ValueError:
        raise ReportingError(400, f"The parameter {name} is not a date.") from None
