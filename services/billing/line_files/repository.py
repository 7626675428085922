"""Reads lines for files: all that match, through a cursor of the database, and some by id."""

from collections.abc import AsyncIterator, Collection
from uuid import UUID

from sqlalchemy import func, select

from services.billing.lines.filtering.repository import quick_conditions_of
from services.billing.lines.filters import LineFilter
from services.billing.lines.grid.order import Order
from services.billing.lines.grid.repository import LineValues, by_name, select_in_order, select_shown
from services.billing.lines.models import LINES
from services.billing.matching import is_one_of
from services.kit.base.db import ReadSession

BATCH = 2_000  # lines in memory at a time


async def stream_lines(session: ReadSession, wanted: LineFilter, order: Order) -> AsyncIterator[list[LineValues]]:
    """Lines that match, in order, batch by batch: one statement, which sees one state of them."""
    found = await session.stream(await select_in_order(session, wanted, order), execution_options={"yield_per": BATCH})
    names = list(found.keys())
    async for part in found.partitions(BATCH):
        yield [dict(zip(names, row, strict=True)) for row in part]


async def find_shown(session: ReadSession, ids: Collection[UUID]) -> dict[UUID, LineValues]:
    """Lines by id, as a window of the grid reads them; unknown ones are absent."""
    found = await session.execute(select_shown().where(is_one_of(LINES.c.id, ids)))
    return {row["id"]: row for row in by_name(found)}


async def count_by_currency(session: ReadSession, wanted: LineFilter) -> dict[str, int]:
    """Currency → lines that match."""
    query = select(LINES.c.currency, func.count()).where(*await quick_conditions_of(session, wanted))
    return {row[0]: row[1] for row in await session.execute(query.group_by(LINES.c.currency))}
