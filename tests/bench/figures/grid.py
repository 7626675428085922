"""A window of 200 lines out of a million, filtered and sorted: through the gateway, and beside the bare query."""

from uuid import UUID

import asyncpg

from services.billing.lines.repository import read_window
from services.billing.lines.schemas import LineFilter, LineSort
from services.contracts.vocabulary import LineStatus
from services.kit.base.db import Database, system_circumstances
from tests.bench.clocks import percentile, sample, timed
from tests.bench.database import ask, ask_as_service, written_columns
from tests.bench.months import previous_month
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product

MILLION = 1_000_000
WINDOW = 200
TIMES = 40
MILLISECONDS = 1_000


def measure(product: Product, api: Api) -> list[Figure]:
    period = previous_month()
    if not ask(product, count_lines):
        api.load(period)
    lines = ask(product, multiply_lines)
    query = {"period": period, "status": "ready", "sort": "-total", "limit": WINDOW}
    first = api.get("/invoice-lines", **query)
    windows = sample(lambda: api.get("/invoice-lines", **query, cursor=first["next_cursor"]), TIMES)
    partner = UUID(api.get("/me")["partner"]["id"])
    bare = ask(product, lambda connection: bare_window_seconds(connection, partner, period))
    ours = ask_as_service(product, "billing", lambda database: window_seconds(database, partner, period))
    through = f"{lines:,} lines"
    beside = f"bare query {bare * MILLISECONDS:.1f} ms"
    p95 = percentile(windows, 0.95) * MILLISECONDS
    return [
        Figure("grid window of 200 through the gateway, p95", p95, "ms", at_most=50, beside=through),
        Figure("grid window's statement beside the bare query", ours / bare, "times", at_most=2, beside=beside),
    ]


async def count_lines(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    return int(await connection.fetchval("SELECT count(*) FROM billing.line"))


async def multiply_lines(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Copies of the loaded lines, with ids and rows of their own, until there are a million."""
    names = await written_columns(connection, "billing", "line")
    fresh = {"id": "gen_random_uuid()", "row_id": "row_id || '-' || copy"}
    values = ", ".join(fresh.get(name, f'"{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    copies = -(-MILLION // await count_lines(connection)) - 1
    await connection.execute(
        f"INSERT INTO billing.line ({quoted}) SELECT {values} "  # noqa: S608 - names come from the catalogue
        f"FROM billing.line, generate_series(1, {copies}) AS copy"
    )
    await connection.execute("VACUUM ANALYZE billing.line")
    return await count_lines(connection)


async def bare_window_seconds(connection: "asyncpg.Connection[asyncpg.Record]", partner: UUID, period: str) -> float:
    """The window as a database programmer would ask for it, nothing between driver and answer."""
    seconds = []
    for _ in range(TIMES):
        with timed() as watch:
            await connection.fetch(
                "SELECT * FROM billing.line WHERE partner_id = $1 AND period = $2 AND status = 'ready' "
                "ORDER BY total DESC, id DESC LIMIT 200",
                partner,
                period,
            )
        seconds.append(watch.seconds)
    return percentile(seconds, 0.5)


async def window_seconds(database: Database, partner: UUID, period: str) -> float:
    """The same as billing asks: behind the partner's wall, as rows it can work with."""
    wanted = LineFilter(period=period, status=(LineStatus.READY,))
    seconds = []
    async with database.reading(system_circumstances(partner, "billing")) as session:
        for _ in range(TIMES):
            with timed() as watch:
                await read_window(session, wanted, LineSort.TOTAL_DOWN, None, WINDOW)
            seconds.append(watch.seconds)
    return percentile(seconds, 0.5)
