"""A plan for 10,000 lines, its push at 50 ms latency, a plan right after that has nothing to do, and a plain script."""

import asyncio
import time
from dataclasses import dataclass
from typing import Any

import httpx

from tests.bench.clocks import timed
from tests.bench.figures.plain_script import AGREEMENT, addition, seconds_per_line
from tests.bench.months import previous_month
from tests.bench.report import Figure
from tests.sandbox.conftest import API, PSA_HEADERS
from tests.support.api import Api
from tests.support.product import Product

LATENCY = 0.05
IN_FLIGHT = 8
BARE_WRITES = 800
LOOK_EVERY = 0.25
WRITES = ("create", "update", "cancel", "adopt")


@dataclass(frozen=True)
class Writing:
    """From the first write to the last; what comes before and after reads."""

    writes: int
    seconds: float
    status: str

    @property
    def per_second(self) -> float:
        return self.writes / self.seconds


def measure(product: Product, api: Api) -> list[Figure]:
    period = previous_month()
    api.load(period)
    with timed() as planning:
        plan = api.plan(period)
    api.sandbox("connectwise", "latency", {"seconds": LATENCY})
    push = watch_push(api, plan)
    api.sandbox("connectwise", "latency", {"seconds": 0})
    before = count(api, "total")
    again = api.plan(period)
    reads = count(api, "total") - before
    api.sandbox("connectwise", "latency", {"seconds": LATENCY})
    bare = asyncio.run(bare_writes_per_second(f"{product.installation.address('connectwise')}{API}"))
    script = seconds_per_line(product)
    lines = sum(plan["summary"].values()) + plan["unsent"]["count"]
    beside = f"{push.per_second:.0f} of {bare:.0f} writes/s; {push.writes:,} writes, run {push.status}"
    return [
        Figure("plan, data local", planning.seconds, "s", at_most=5, beside=f"{lines:,} lines"),
        Figure(
            "push at 50 ms latency, 8 in flight, of 8 bare connections",
            push.per_second / bare * 100,
            "%",
            at_least=97,
            beside=beside,
        ),
        Figure("operations of a plan right after", sum(again["summary"][kind] for kind in WRITES), "writes", at_most=0),
        Figure("upstream calls for unchanged lines", reads, "calls", at_most=100, beside="pages read, none per line"),
        *beside_a_script(script, push, sum(plan["summary"].values()), reads),
    ]


def beside_a_script(seconds_a_line: float, push: Writing, lines: int, reads: int) -> list[Figure]:
    """A script looks every line up, also in a month where nothing has changed."""
    of_script, of_push = seconds_a_line * push.writes, push.seconds
    return [
        Figure(
            "time of a plain script, of a first push",
            of_script / of_push,
            "times",
            at_least=10,
            beside=f"{of_script:.0f} s, by its first lines, and {of_push:.0f} s",
        ),
        Figure(
            "calls of a plain script, of a second push",
            lines / max(reads, 1),
            "times",
            at_least=50,
            beside=f"{lines:,} and {reads}",
        ),
    ]


def count(api: Api, name: str) -> int:
    return int(api.sandbox("connectwise", "calls")[name])


def watch_push(api: Api, plan: dict[str, Any]) -> Writing:
    """Apply a plan, and look at ConnectWise while it is written."""
    writes, before = sum(plan["summary"][kind] for kind in WRITES), count(api, "writes")
    run = api.post(f"/plans/{plan['id']}/apply")
    began = _wait_for(api, before + 1)
    ended = _wait_for(api, before + writes)
    return Writing(writes, ended - began, api.finish_run(run)["status"])


def _wait_for(api: Api, writes: int) -> float:
    deadline = time.perf_counter() + 300
    while count(api, "writes") < writes:
        if time.perf_counter() > deadline:
            raise SystemExit(f"ConnectWise never had {writes} writes")
        time.sleep(LOOK_EVERY)
    return time.perf_counter()


async def bare_writes_per_second(api: str) -> float:
    """The same kind of write from as many connections, with nothing to map, pace, journal or prove."""
    body = addition("")
    async with httpx.AsyncClient(headers=PSA_HEADERS, trust_env=False) as client:

        async def write() -> None:
            for _ in range(BARE_WRITES // IN_FLIGHT):
                answer = await client.post(f"{api}/finance/agreements/{AGREEMENT}/additions", json=body)
                answer.raise_for_status()

        with timed() as writing:
            await asyncio.gather(*(write() for _ in range(IN_FLIGHT)))
        return BARE_WRITES / writing.seconds
