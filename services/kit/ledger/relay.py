"""The sweep: rings again for whatever was not handled, so that a lost ring only costs time."""

import asyncio
from typing import Any

import structlog
from sqlalchemy import Interval, func, select, update

from services.kit.base.db import Bell, Database
from services.kit.ledger.attempts import TASK_TABLES, TaskTable
from services.kit.ledger.models import is_open

log = structlog.get_logger()

BATCH = 200  # of each table; keeps the row locks of one sweep under a few milliseconds
FIRST_RING_PAUSE = 3  # seconds
LONGEST_RING_PAUSE = 60


def _ring_due(tasks: TaskTable) -> Any:
    """The statement that notes a ring for up to BATCH due rows, and says for which."""
    table, columns = tasks.table, tasks.table.c
    # A common table expression, because a subquery in IN may be run again for each row, and lock more than BATCH.
    due = (
        select(tasks.id, columns.consumer)
        .where(is_open(table), columns.next_attempt_at <= func.now())
        .order_by(columns.next_attempt_at)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    seconds = func.least(FIRST_RING_PAUSE * func.power(2, func.least(columns.rings, 10)), LONGEST_RING_PAUSE)
    pause = func.make_interval(0, 0, 0, 0, 0, 0, seconds, type_=Interval)
    return (
        update(table)
        .where(tasks.id == due.c[tasks.id.name], columns.consumer == due.c.consumer)
        .values(rings=columns.rings + 1, next_attempt_at=func.now() + pause)
        .returning(tasks.id, columns.consumer)
    )


_RING_DUE = [_ring_due(tasks) for tasks in TASK_TABLES]


async def sweep(database: Database) -> int:
    """Ring the consumers of up to BATCH due deliveries and as many jobs; returns how many were rung.

    SKIP LOCKED lets several relays sweep at once without ringing twice. There is no cursor on purpose:
    a slow transaction may commit a lower id after a cursor has passed it, and its event would be lost.
    Each ring doubles the pause to the next one, or a long backlog would be rung over and over.
    """
    async with database.relaying() as session:
        for statement in _RING_DUE:
            rung = await session.execute(statement)
            session.bells.extend(Bell(consumer, task_id) for task_id, consumer in rung)
        return len(session.bells)


async def sweep_forever(database: Database, pause_seconds: float = 1.0) -> None:
    """Sweep until cancelled; a database that is away is waited for."""
    while True:
        try:
            while await sweep(database) >= BATCH:
                pass
        except Exception as error:  # noqa: BLE001 - the sweep is what repairs everything else, so it never ends
            log.warning("sweep failed", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(pause_seconds)
