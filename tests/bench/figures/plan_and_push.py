"""A plan for 10,000 lines, its push at 50 ms latency, and a plan right after that has nothing to do."""

from tests.bench.clocks import timed
from tests.bench.months import previous_month
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product

LATENCY = 0.05
IN_FLIGHT = 8
IDEAL = IN_FLIGHT / LATENCY
WRITES = ("create", "update", "cancel", "adopt")


def measure(_product: Product, api: Api) -> list[Figure]:
    period = previous_month()
    api.load(period)
    with timed() as planning:
        plan = api.plan(period)
    writes = sum(plan["summary"][kind] for kind in WRITES)
    api.sandbox("connectwise", "latency", {"seconds": LATENCY})
    with timed() as pushing:
        run = api.apply(plan)
    api.sandbox("connectwise", "latency", {"seconds": 0})
    before = calls(api)
    again = api.plan(period)
    reads = calls(api) - before
    lines = sum(plan["summary"].values()) + plan["unsent"]["count"]
    return [
        Figure("plan, data local", planning.seconds, "s", at_most=5, beside=f"{lines:,} lines"),
        Figure(
            "push at 50 ms latency, 8 in flight, of the ideal 160 writes/s",
            writes / pushing.seconds / IDEAL * 100,
            "%",
            at_least=95,
            beside=f"{writes:,} writes in {pushing.seconds:.1f} s, read-back included; run {run['status']}",
        ),
        Figure("operations of a plan right after", sum(again["summary"][kind] for kind in WRITES), "writes", at_most=0),
        Figure("upstream calls for unchanged lines", reads, "calls", at_most=100, beside="pages read, none per line"),
    ]


def calls(api: Api) -> int:
    return int(api.sandbox("connectwise", "calls")["total"])
