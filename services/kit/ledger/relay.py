"""The sweep: rings again for whatever was not handled, so that a lost ring only costs time."""

import asyncio

import structlog
from sqlalchemy import Interval, func, select, update

from services.kit.base.db import Bell, Database
from services.kit.ledger.models import DELIVERIES, is_open

log = structlog.get_logger()

BATCH = 200  # keeps the row locks of one sweep under a few milliseconds
FIRST_RING_PAUSE = 3  # seconds
LONGEST_RING_PAUSE = 60

# A common table expression, because a subquery in IN may be run again for each row, and lock more than BATCH.
_DUE = (
    select(DELIVERIES.c.event_id, DELIVERIES.c.consumer)
    .where(is_open(), DELIVERIES.c.next_attempt_at <= func.now())
    .order_by(DELIVERIES.c.next_attempt_at)
    .limit(BATCH)
    .with_for_update(skip_locked=True)
    .cte("due")
)
_PAUSE_SECONDS = func.least(FIRST_RING_PAUSE * func.power(2, func.least(DELIVERIES.c.rings, 10)), LONGEST_RING_PAUSE)
_PAUSE = func.make_interval(0, 0, 0, 0, 0, 0, _PAUSE_SECONDS, type_=Interval)
_RING_DUE = (
    update(DELIVERIES)
    .where(DELIVERIES.c.event_id == _DUE.c.event_id, DELIVERIES.c.consumer == _DUE.c.consumer)
    .values(rings=DELIVERIES.c.rings + 1, next_attempt_at=func.now() + _PAUSE)
    .returning(DELIVERIES.c.event_id, DELIVERIES.c.consumer)
)


async def sweep(database: Database) -> int:
    """Ring the consumers of up to BATCH due deliveries; returns how many were rung.

    SKIP LOCKED lets several relays sweep at once without ringing twice. There is no cursor on purpose:
    a slow transaction may commit a lower id after a cursor has passed it, and its event would be lost.
    Each ring doubles the pause to the next one, or a long backlog would be rung over and over.
    """
    async with database.relaying() as session:
        rung = await session.execute(_RING_DUE)
        session.bells.extend(Bell(consumer, event_id) for event_id, consumer in rung)
        return len(session.bells)


async def sweep_forever(database: Database, pause_seconds: float = 1.0) -> None:
    """Sweep until cancelled; a database that is away is waited for."""
    while True:
        try:
            while await sweep(database) == BATCH:
                pass
        except Exception as error:  # noqa: BLE001 - the sweep is what repairs everything else, so it never ends
            log.warning("sweep failed", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(pause_seconds)
