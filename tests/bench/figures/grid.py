"""A window of 200 lines out of a million, filtered and sorted, beside the bare query."""

import asyncpg

from tests.bench.clocks import percentile, sample, timed
from tests.bench.database import ask, line_columns
from tests.bench.months import previous_month
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product

MILLION = 1_000_000
TIMES = 40
MILLISECONDS = 1_000


def measure(product: Product, api: Api) -> list[Figure]:
    period = previous_month()
    lines = ask(product, multiply_lines)
    query = {"period": period, "status": "ready", "sort": "-total", "limit": 200}
    first = api.get("/invoice-lines", **query)
    windows = sample(lambda: api.get("/invoice-lines", **query, cursor=first["next_cursor"]), TIMES)
    bare = ask(product, lambda connection: bare_window_seconds(connection, period))
    p95 = percentile(windows, 0.95)
    beside = f"{lines:,} lines, bare query {bare * MILLISECONDS:.1f} ms"
    return [
        Figure("grid window of 200 through the gateway, p95", p95 * MILLISECONDS, "ms", at_most=50, beside=beside),
        Figure("grid window beside the bare query", percentile(windows, 0.5) / bare, "times", at_most=3),
    ]


async def multiply_lines(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Copies of the loaded lines, with ids and rows of their own, until there are a million."""
    count: int = await connection.fetchval("SELECT count(*) FROM billing.line")
    names = await line_columns(connection)
    fresh = {"id": "gen_random_uuid()", "row_id": "row_id || '-' || copy"}
    values = ", ".join(fresh.get(name, f'"{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    copies = -(-MILLION // count) - 1
    await connection.execute(
        f"INSERT INTO billing.line ({quoted}) SELECT {values} "  # noqa: S608 - names come from the catalogue
        f"FROM billing.line, generate_series(1, {copies}) AS copy"
    )
    await connection.execute("VACUUM ANALYZE billing.line")
    total: int = await connection.fetchval("SELECT count(*) FROM billing.line")
    return total


async def bare_window_seconds(connection: "asyncpg.Connection[asyncpg.Record]", period: str) -> float:
    partner = await connection.fetchval("SELECT partner_id FROM billing.line LIMIT 1")
    seconds = []
    for _ in range(TIMES):
        with timed() as watch:
            await connection.fetch(
                "SELECT * FROM billing.line WHERE partner_id = $1 AND period = $2 AND status = 'ready' "
                "ORDER BY total DESC, id LIMIT 200",
                partner,
                period,
            )
        seconds.append(watch.seconds)
    return percentile(seconds, 0.5)
