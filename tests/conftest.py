"""Starts the servers of a test run, and lends their fixtures to every room.

Each test has the product's real PostgreSQL and Valkey: see `tests/support/databases.py` (database, database_url,
fresh_database, redis_url), `processes.py` (start_python, own_postgres, own_valkey, free_port), `clock.py` (clock) and
`product.py` (product: all of it, running).
"""

import logging
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from tests.support.backends import RunningBackends
from tests.support.sharing import JOURNEYS, JourneysTogether

pytest_plugins = [
    "tests.support.clock",
    "tests.support.databases",
    "tests.support.measuring",
    "tests.support.processes",
    "tests.support.product",
]

_RUNNING = pytest.StashKey[RunningBackends]()
_TOLD = pytest.StashKey[dict[str, str]]()

# Property tests judge what comes out, never how long this machine took for it, and two runs try the same examples.
# `make test` has no need of luck; `pytest --hypothesis-profile=explore` looks for new examples.
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.register_profile("repeatable", settings.get_profile("explore"), derandomize=True)
settings.load_profile("repeatable")

# structlog's own default draws each traceback with rich, which takes seconds.
PLAIN_LOG: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
]


def _is_xdist_controller(config: pytest.Config) -> bool:
    return not hasattr(config, "workerinput") and bool(config.getoption("numprocesses", default=None))


def pytest_configure(config: pytest.Config) -> None:
    if _is_xdist_controller(config) and not config.getoption("collectonly"):
        config.stash[_RUNNING] = RunningBackends()
        config.stash[_TOLD] = asdict(config.stash[_RUNNING].start())


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell an xdist worker where the servers are."""
    node.workerinput["backends"] = node.config.stash[_TOLD]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> JourneysTogether:
    return JourneysTogether(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "product" in getattr(item, "fixturenames", ()) and not item.nodeid.startswith(JOURNEYS):
            raise pytest.UsageError(f"{item.nodeid} uses `product`: put it into one of {', '.join(JOURNEYS)}")


@pytest.fixture(autouse=True)
def logging_as_found() -> Iterator[None]:
    """An app that a test makes sets up logging for its whole process; the next test must not inherit its level."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    structlog.reset_defaults()
    structlog.configure(processors=PLAIN_LOG)
    yield
    root.handlers[:] = handlers
    root.setLevel(level)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _RUNNING in config.stash:
        config.stash[_RUNNING].stop()
