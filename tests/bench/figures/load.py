"""A month of 100,000 rows from AppXite to rated lines, beside a bare COPY of the same rows."""

import io

import asyncpg
import psutil

from tests.bench.clocks import timed, watched
from tests.bench.database import ask, line_columns
from tests.bench.months import previous_month
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product

WORKERS = ("sync-worker", "billing-worker")


def measure(product: Product, api: Api) -> list[Figure]:
    numbers = product.process_ids
    with watched({name: psutil.Process(numbers[name]) for name in WORKERS}) as memory, timed() as load:
        run = api.load(previous_month())
    if run["status"] != "succeeded":
        raise SystemExit(f"the load ended as {run['status']}: {run['error']}")
    lines = sum(tally["count"] for tally in run["outcomes"].values())
    copied = ask(product, bare_copy_seconds)
    peak, process = max((peak, name) for name, peak in memory.peaks.items())
    return [
        Figure("load + rules", lines / load.seconds, "lines/s", at_least=10_000, beside=f"{lines:,} lines"),
        Figure(
            "load + rules beside a bare COPY", load.seconds / copied, "times", at_most=5, beside=f"COPY {copied:.2f} s"
        ),
        Figure("memory of a worker while it loads", peak, "MB", at_most=400, beside=process),
    ]


async def bare_copy_seconds(connection: "asyncpg.Connection[asyncpg.Record]") -> float:
    """The stored lines once more, into an empty table of the same columns."""
    rows, columns = io.BytesIO(), await line_columns(connection)
    await connection.copy_from_table("line", schema_name="billing", columns=columns, output=rows)
    rows.seek(0)
    await connection.execute("CREATE TABLE billing.bench_copy (LIKE billing.line INCLUDING GENERATED)")
    with timed() as copy:
        await connection.copy_to_table("bench_copy", schema_name="billing", columns=columns, source=rows)
    await connection.execute("DROP TABLE billing.bench_copy")
    return copy.seconds
