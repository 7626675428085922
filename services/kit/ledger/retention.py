"""Old rows go at night: each table's retention in days, in batches, each batch in a short transaction of its own.

A worker purges the tables that its service registers. Several workers of a service may begin at once: an
advisory lock per table lets one of them do it. What is deleted is decided by age and state alone, so that a
night that was missed, or a purge that broke off, is made up for by the next one.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import ColumnElement, and_, bindparam, delete, func, select, text
from sqlalchemy.orm import DeclarativeBase

from services.kit.base import clock
from services.kit.base.db import Database, WriteSession, system_circumstances
from services.kit.ledger.models import JobRow
from services.kit.ledger.partners import list_partners

log = structlog.get_logger()

BATCH = 5_000  # rows; some 100 ms, in which their locks are held
AT_NIGHT = time_of_day(2, 30)  # UTC, after the nightly runs of midnight
AFTER_START = timedelta(minutes=10)  # for an installation that is never up at night
PAUSE_SECONDS = 0.1  # between two batches, so that the work of the day goes before

PurgeBatch = Callable[[WriteSession, datetime, int], Awaitable[int]]
"""Deletes at most so many rows older than an instant; returns how many."""


@dataclass(frozen=True, slots=True)
class Retention:
    """How long the rows of one table are kept.

    Args:
        table: its name, for the log and the lock.
        is_walled: whether only the session's partner is seen, so that each partner gets a transaction of its own.
    """

    table: str
    days: int
    purge: PurgeBatch
    is_walled: bool = True


def retentions_of_bus(events_days: int, idempotency_days: int) -> list[Retention]:
    """Events with their deliveries and jobs, once they are handled; and answers kept under idempotency keys."""
    return [
        Retention("bus.event", events_days, _call("bus.purge_events"), is_walled=False),
        Retention("bus.job", events_days, _purge_jobs, is_walled=False),
        Retention("bus.idempotency", idempotency_days, _call("bus.purge_idempotency"), is_walled=False),
    ]


async def _purge_jobs(session: WriteSession, before: datetime, batch: int) -> int:
    return await delete_batch(session, JobRow, batch, JobRow.handled_at < before)


def _call(function: str) -> PurgeBatch:
    """Functions of the database do it: no service may delete an event by a statement of its own (migration 0013)."""
    statement = text(f"SELECT {function}(:before, :batch)")

    async def purge(session: WriteSession, before: datetime, batch: int) -> int:
        return int((await session.execute(statement, {"before": before, "batch": batch})).scalar_one())

    return purge


async def delete_batch(
    session: WriteSession, model: type[DeclarativeBase], batch: int, *conditions: ColumnElement[bool]
) -> int:
    """Delete at most `batch` rows that fulfil the conditions, except those that somebody holds locked."""
    table = model.__table__
    keys = list(table.primary_key)
    chosen = select(*keys).where(*conditions).limit(batch).with_for_update(skip_locked=True, of=model).cte("chosen")
    gone = delete(model).where(and_(*(key == chosen.c[key.name] for key in keys))).returning(keys[0])
    return len((await session.execute(gone, execution_options={"synchronize_session": False})).all())


async def purge_nightly(database: Database, retentions: Sequence[Retention]) -> None:
    """Purge some minutes from now, and then each night, until cancelled."""
    await asyncio.sleep(AFTER_START.total_seconds())
    while True:
        await purge_all(database, retentions)
        await asyncio.sleep(seconds_until_night(clock.now()))


def seconds_until_night(now: datetime) -> float:
    """From `now` to the next AT_NIGHT."""
    tonight = datetime.combine(now.date(), AT_NIGHT, now.tzinfo)
    return ((tonight if tonight > now else tonight + timedelta(days=1)) - now).total_seconds()


async def purge_all(database: Database, retentions: Sequence[Retention]) -> None:
    """Purge table after table; a failure is logged, and the next night tries again."""
    for each in retentions:
        try:
            await _purge_table(database, each)
        except Exception:
            log.exception("old rows could not be purged", table=each.table)


async def _purge_table(database: Database, retention: Retention) -> None:
    before = clock.now() - timedelta(days=retention.days)
    started = time.perf_counter()
    partners = await list_partners(database) if retention.is_walled else [None]
    rows = 0
    for partner_id in partners:
        rows += await _purge_for(database, retention, before, partner_id)
    seconds = round(time.perf_counter() - started, 2)
    log.info("old rows purged", table=retention.table, rows=rows, older_than_days=retention.days, seconds=seconds)


async def _purge_for(database: Database, retention: Retention, before: datetime, partner_id: UUID | None) -> int:
    rows = 0
    while True:
        deleted = await _purge_batch(database, retention, before, partner_id)
        rows += deleted
        if deleted < BATCH:
            return rows
        await asyncio.sleep(PAUSE_SECONDS)


_TRY_LOCK = select(func.pg_try_advisory_xact_lock(func.hashtextextended(bindparam("name"), 0)))


async def _purge_batch(database: Database, retention: Retention, before: datetime, partner_id: UUID | None) -> int:
    """One transaction; 0 rows where another worker is at this table."""
    opened: Any = (
        database.relaying()
        if partner_id is None
        else database.writing(system_circumstances(partner_id, database.service))
    )
    async with opened as session:
        if not (await session.scalars(_TRY_LOCK, {"name": f"tieout.retention.{retention.table}"})).one():
            return 0
        return await retention.purge(session, before, BATCH)
