"""The grid over a million lines, a hundred thousand a month: a window, totals with facets, a search for a rare word."""

from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg

from services.billing.lines.filters import LineFilter, LineSort
from services.billing.lines.grid.order import read_order
from services.billing.lines.grid.repository import read_window
from services.billing.lines.grid.service import total_lines
from services.contracts.vocabulary import LineStatus
from services.kit.base.db import Database, ReadSession, system_circumstances
from tests.bench.clocks import percentile, sample, timed
from tests.bench.database import ask, ask_as_service, written_columns
from tests.bench.months import previous_month
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product

MILLION = 1_000_000
MONTHS = 15  # as many as people may show
WINDOW = 200
TIMES = 40
MILLISECONDS = 1_000
BY_TOTAL = read_order([LineSort("-total")])
BY_AGREEMENT = read_order([LineSort("agreement")])
RARE = "in-one-line-of-a-million"


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
    ready, month = LineFilter(period=period, status=(LineStatus.READY,)), LineFilter(period=period)

    def milliseconds(question: Callable[[ReadSession], Awaitable[object]]) -> float:
        return ask_as_service(product, "billing", lambda of: seconds_of(of, partner, question)) * MILLISECONDS

    ours = milliseconds(lambda session: read_window(session, ready, BY_TOTAL, None, WINDOW))
    by_name = milliseconds(lambda session: read_window(session, month, BY_AGREEMENT, None, WINDOW))
    totals = milliseconds(lambda session: total_lines(session, ready))
    search = milliseconds(lambda session: read_window(session, LineFilter(search=RARE), BY_TOTAL, None, WINDOW))
    through = f"{lines:,} lines"
    beside = f"bare query {bare * MILLISECONDS:.1f} ms"
    p95 = percentile(windows, 0.95) * MILLISECONDS
    of_month = f"{ask(product, lambda connection: count_lines(connection, period)):,} lines of a month"
    return [
        Figure("grid window of 200 through the gateway, p95", p95, "ms", at_most=50, beside=through),
        Figure(
            "grid window's statement beside the bare query",
            ours / bare / MILLISECONDS,
            "times",
            at_most=2,
            beside=beside,
        ),
        Figure("grid window in the order of agreements", by_name, "ms", at_most=200, beside=of_month),
        Figure("totals and facets", totals, "ms", at_most=150, beside=of_month),
        Figure("search for a word of one line", search, "ms", at_most=150, beside=through),
    ]


async def count_lines(connection: "asyncpg.Connection[asyncpg.Record]", period: str | None = None) -> int:
    query = "SELECT count(*) FROM billing.line WHERE $1::text IS NULL OR period = $1"
    return int(await connection.fetchval(query, period))


async def multiply_lines(connection: "asyncpg.Connection[asyncpg.Record]") -> int:
    """Copies of the loaded lines in the months before, until there are a million; one of them has a name of its own."""
    names = await written_columns(connection, "billing", "line")
    fresh = {
        "id": "gen_random_uuid()",
        "invoice_id": "invoice_id || '-' || copy",
        "period": f"to_char(to_date(period, 'YYYY-MM') - make_interval(months => (copy % {MONTHS})::int), 'YYYY-MM')",
    }
    values = ", ".join(fresh.get(name, f'"{name}"') for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    loaded = await count_lines(connection)
    copies = -(-MILLION // loaded) - 1
    await connection.execute(
        f"INSERT INTO billing.line ({quoted}) SELECT {values} "  # noqa: S608 - names come from the catalogue
        f"FROM billing.line, generate_series(1, {copies}) AS copy"
    )
    await connection.execute(
        "UPDATE billing.line SET subscription_name = $1 WHERE id = (SELECT min(id::text)::uuid FROM billing.line)", RARE
    )
    await connection.execute("VACUUM ANALYZE billing.line")
    await connection.execute("VACUUM ANALYZE billing.line_name")
    return await count_lines(connection)


async def bare_window_seconds(connection: "asyncpg.Connection[asyncpg.Record]", partner: UUID, period: str) -> float:
    """The window as a database programmer would ask for it, nothing between driver and answer."""
    seconds = []
    for _ in range(TIMES):
        with timed() as watch:
            await connection.fetch(
                "SELECT * FROM billing.line WHERE partner_id = $1 AND period = $2 AND status = 'ready' "
                "ORDER BY currency DESC, total DESC, id DESC LIMIT 200",
                partner,
                period,
            )
        seconds.append(watch.seconds)
    return percentile(seconds, 0.5)


async def seconds_of(database: Database, partner: UUID, question: Callable[[ReadSession], Awaitable[object]]) -> float:
    """A question as billing asks it: behind the partner's wall, its answer as rows it can work with."""
    seconds = []
    async with database.reading(system_circumstances(partner, "billing")) as session:
        for _ in range(TIMES):
            with timed() as watch:
                await question(session)
            seconds.append(watch.seconds)
    return percentile(seconds, 0.5)
