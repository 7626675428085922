"""Two things that must be exact: the time, and money."""

import ast
import re

from tests.architecture.source import Source, sources

CLOCK = "services/kit/base/clock.py"
TELLS_TIME = ("datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time", "time.time_ns")
DURATION = re.compile("second|retry_after|timeout|delay|pause|interval|wait|deadline|per_minute|burst", re.IGNORECASE)
MONEY_ROOMS = ("services/contracts", "services/sync", "services/billing")
NO_AMOUNTS_IN = ("services/billing/mapping/suggestions.py",)  # scores how alike two names are


def _tells_time(name: str) -> bool:
    return any(name == call or name.endswith(f".{call}") for call in TELLS_TIME)


class TestTime:
    def test_only_the_clock_tells_the_time(self) -> None:
        """A test that cannot hold the clock still fails on the last day of a month, when invoices matter most.

        `datetime.now()` without a zone has moved charges into the wrong month on servers outside UTC. The
        sandbox has a clock of its own, because its month is part of its data.
        """
        told = [
            source.at(call)
            for source in sources("services")
            if not source.is_in(CLOCK, "services/sandbox/clock.py")
            for call, name in source.calls()
            if _tells_time(name)
        ]
        assert not told, f"ask {CLOCK} (time.monotonic is fine for durations)"


class TestMoney:
    def test_no_float_comes_near_an_amount(self) -> None:
        """0.1 + 0.2 is not 0.3: a float loses the cent that the tie-out then misses.

        In rooms where money passes, neither the name `float` nor a number with a fraction may be written, except
        on a line that speaks of a duration, and in the files that are named above with the reason.
        """
        rooms = [source for folder in MONEY_ROOMS for source in sources(folder) if not source.is_in(*NO_AMOUNTS_IN)]
        floats = [finding for source in rooms for finding in _floats(source)]
        assert not floats, "use Decimal"


def _floats(source: Source) -> list[str]:
    """`isinstance(x, float)` refuses floats, which is the opposite of using them."""
    lines = source.text.splitlines()
    return [
        f"{source.at(node)} {lines[node.lineno - 1].strip()}"
        for node in ast.walk(source.tree)
        if (isinstance(node, ast.Name) and node.id == "float")
        or (isinstance(node, ast.Constant) and isinstance(node.value, float))
        if not DURATION.search(lines[node.lineno - 1]) and "isinstance(" not in lines[node.lineno - 1]
    ]
