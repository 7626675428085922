"""Which months the sandbox has lines in."""

from datetime import timedelta

from services.contracts.periods import period_of
from services.kit.base import clock


def previous_month() -> str:
    """The month before the present one, YYYY-MM."""
    return period_of(clock.today().replace(day=1) - timedelta(days=1))
