"""Loads happen in the middle of June 2026, the month after the one they load."""

from datetime import UTC, datetime

import pytest

from tests.support.clock import HeldClock


@pytest.fixture(autouse=True)
def midday(clock: HeldClock) -> None:
    clock.set(datetime(2026, 6, 17, 12, tzinfo=UTC))
