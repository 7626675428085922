"""One bulk edit of 50,000 lines, with its history and rating, beside one bare UPDATE of the same lines."""

from decimal import Decimal
from uuid import UUID

import asyncpg

from tests.bench.clocks import timed
from tests.bench.database import ask
from tests.bench.figures.grid import count_lines
from tests.bench.months import previous_month
from tests.bench.report import Figure
from tests.support.api import Api
from tests.support.product import Product

LINES = 50_000


def measure(product: Product, api: Api) -> list[Figure]:
    period = previous_month()
    if not ask(product, count_lines):
        api.load(period)
    partner = UUID(api.get("/me")["partner"]["id"])
    most = ask(product, lambda connection: find_bound(connection, partner, period))
    scope = {"filter": {"period": period, "total_max": str(most)}}
    change = {"kind": "shift_dates", "days": 1}
    asked = api.post("/bulk-edits", {"scope": scope, "changes": [change], "reason": "bench"})
    preview = api.finish_bulk_edit(asked)
    if preview["status"] != "ready":
        raise SystemExit(f"the preview ended as {preview['status']}: {preview['error']}")
    with timed() as ours:
        applied = api.finish_bulk_edit(api.post(f"/bulk-edits/{asked['id']}/apply", {"reason": "bench"}))
    if applied["status"] != "applied":
        raise SystemExit(f"the bulk edit ended as {applied['status']}: {applied['error']}")
    bare = ask(product, lambda connection: bare_update_seconds(connection, partner, period, most))
    beside = f"UPDATE {bare:.2f} s; {preview['preview']['changed']['count']:,} lines changed, with their history"
    return [Figure("bulk edit beside one bare UPDATE", ours.seconds / bare, "times", at_most=3, beside=beside)]


async def find_bound(connection: "asyncpg.Connection[asyncpg.Record]", partner: UUID, period: str) -> Decimal:
    """The total that so many lines of the month do not exceed."""
    bound: Decimal = await connection.fetchval(
        "SELECT max(total) FROM (SELECT total FROM billing.line WHERE partner_id = $1 AND period = $2 "
        "ORDER BY total LIMIT $3) AS lowest",
        partner,
        period,
        LINES,
    )
    return bound


async def bare_update_seconds(
    connection: "asyncpg.Connection[asyncpg.Record]", partner: UUID, period: str, most: Decimal
) -> float:
    """The same lines as a database programmer would move them, nothing remembered. Taken back at the end."""
    moving = connection.transaction()
    await moving.start()
    with timed() as watch:
        await connection.execute(
            "UPDATE billing.line SET charge_start = charge_start + 1, charge_end = charge_end + 1, "
            "version = version + 1 WHERE partner_id = $1 AND period = $2 AND total <= $3",
            partner,
            period,
            most,
        )
    await moving.rollback()
    return watch.seconds
