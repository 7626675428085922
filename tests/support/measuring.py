"""Keeps coverage out of tests that prove whole journeys, lives and faults.

Measuring doubles the processor time of what it measures, and the floor is about what the tests of each room reach:
they reach what these reach, and more.
"""

import os
from collections.abc import Iterator

import coverage
import pytest

UNMEASURED = ("tests/deploy/", "tests/faults/", "tests/journey/", "tests/lives/")
FOR_CHILDREN = "COVERAGE_PROCESS_CONFIG"
"""By this variable coverage.py begins to measure in a process that a test starts."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    measuring = coverage.Coverage.current()
    if measuring is None or not item.nodeid.startswith(UNMEASURED):
        return (yield)
    config = os.environ.pop(FOR_CHILDREN, None)
    measuring.stop()
    try:
        return (yield)
    finally:
        measuring.start()
        if config is not None:
            os.environ[FOR_CHILDREN] = config
