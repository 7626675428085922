"""A month of 100,000 rows from AppXite to rated lines, beside a bare COPY of what it leaves behind."""

import io

import asyncpg
import httpx
import psutil

from services.sandbox import credentials
from tests.bench.clocks import timed, watched
from tests.bench.database import ask, written_columns
from tests.bench.months import previous_month
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product

WORKERS = ("sync-worker", "billing-worker")
LEFT_BEHIND = (("sync", "invoice_row"), ("billing", "line"))


def measure(product: Product, api: Api) -> list[Figure]:
    list_invoices(product)
    numbers = product.process_ids
    with watched({name: psutil.Process(numbers[name]) for name in WORKERS}) as memory, timed() as load:
        run = api.load(previous_month())
    if run["status"] != "succeeded":
        raise SystemExit(f"the load ended as {run['status']}: {run['error']}")
    lines = sum(tally["count"] for tally in run["outcomes"].values())
    copied = ask(product, bare_copy_seconds)
    peak, process = max((peak, name) for name, peak in memory.peaks.items())
    beside = f"COPY {copied:.2f} s: raw rows and lines, indexed as they are"
    return [
        Figure("load + rules", lines / load.seconds, "lines/s", at_least=10_000, beside=f"{lines:,} lines"),
        Figure("load + rules beside a bare COPY", load.seconds / copied, "times", at_most=3, beside=beside),
        Figure("memory of a worker while it loads", peak, "MB", at_most=400, beside=process),
    ]


def list_invoices(product: Product) -> None:
    """Ask the stand-in for the month once, so that it has added up its checksums as the real one has."""
    base = f"{product.installation.address('appxite')}/api/v1/reporting/requesters/{credentials.APPXITE_REQUESTER_ID}"
    month = previous_month()
    window = {"invoiceDateFrom": f"{month}-01", "invoiceDateTill": f"{month}-28"}
    answer = httpx.get(f"{base}/invoice-headers", params={"sasKey": credentials.APPXITE_KEY, **window}, timeout=60)
    answer.raise_for_status()


async def bare_copy_seconds(connection: "asyncpg.Connection[asyncpg.Record]") -> float:
    """The stored rows and lines once more, into empty tables with the same columns and indexes."""
    return sum([await _copy_seconds(connection, schema, table) for schema, table in LEFT_BEHIND])


async def _copy_seconds(connection: "asyncpg.Connection[asyncpg.Record]", schema: str, table: str) -> float:
    rows, columns = io.BytesIO(), await written_columns(connection, schema, table)
    await connection.copy_from_table(table, schema_name=schema, columns=columns, output=rows)
    rows.seek(0)
    await connection.execute(
        f"CREATE TABLE {schema}.bench_copy (LIKE {schema}.{table} INCLUDING GENERATED INCLUDING INDEXES)"
    )
    with timed() as copy:
        await connection.copy_to_table("bench_copy", schema_name=schema, columns=columns, source=rows)
    await connection.execute(f"DROP TABLE {schema}.bench_copy")
    return copy.seconds
