"""Which months the sandbox has lines in."""

from datetime import timedelta

from services.kit import clock


def previous_month() -> str:
    """The month before the present one, YYYY-MM."""
    return clock.month_of(clock.today().replace(day=1) - timedelta(days=1))
