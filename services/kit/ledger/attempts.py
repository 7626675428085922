"""How often a delivery or a job is tried: a growing pause after each failure, and rest after the last.

What rests is shown to people, who may put it back to work. Deliveries and jobs live in tables of their own
and are tried by the same rules; `TaskTable` says which of the two is meant, and "task" means either.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy import Column, ColumnElement, Select, Table, bindparam, func, select, union_all, update

from services.kit.base.db import Bell, Database, ReadSession, WriteSession
from services.kit.ledger.models import DELIVERIES, EVENTS, JOBS, is_open

log = structlog.get_logger()

MAX_ATTEMPTS = 12  # with the back-off below: about 20 minutes of a consumer that keeps failing
RING_GRACE = timedelta(seconds=3)  # the bell after commit takes milliseconds; only a lost one waits this long
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class TaskTable:
    """One of the two tables whose rows are tried until they are handled."""

    table: Table
    id: "Column[UUID]"


DELIVERY_TASKS = TaskTable(DELIVERIES, DELIVERIES.c.event_id)
JOB_TASKS = TaskTable(JOBS, JOBS.c.id)
TASK_TABLES = (DELIVERY_TASKS, JOB_TASKS)


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the nth failure: 1 s doubling to five minutes."""
    doublings = min(attempts - 1, 16)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def lock_open(tasks: TaskTable, *conditions: ColumnElement[bool]) -> Select[UUID, str]:
    """Select the open task `:task` of consumer `:of` FOR UPDATE SKIP LOCKED.

    So a duplicate ring returns at once instead of waiting for the lock, and takes up no slot.
    """
    return (
        select(tasks.id, tasks.table.c.consumer)
        .where(tasks.id == bindparam("task"), tasks.table.c.consumer == bindparam("of"))
        .where(is_open(tasks.table), *conditions)
        .with_for_update(skip_locked=True)
    )


async def note_failure(
    database: Database,
    tasks: TaskTable,
    consumer: str,
    task_id: UUID,
    error: Exception,
    *conditions: ColumnElement[bool],
) -> None:
    """Keep a failed task with its error: a pause first, rest after MAX_ATTEMPTS.

    Args:
        conditions: what must hold besides; a task for which they do not is somebody else's by now, and stays as it is.
    """
    columns = tasks.table.c
    is_it = (tasks.id == task_id, columns.consumer == consumer, is_open(tasks.table), *conditions)
    async with database.relaying() as session:
        found = await session.execute(select(columns.attempts).where(*is_it).with_for_update())
        failed_before = found.scalar_one_or_none()
        if failed_before is None:
            return
        attempts = failed_before + 1
        rests = attempts >= MAX_ATTEMPTS
        await session.execute(
            update(tasks.table)
            .where(*is_it)
            .values(
                attempts=attempts,
                rings=0,  # bells do arrive: one that is lost later need not wait long for the next
                last_error=f"{type(error).__name__}: {error}"[:2000],
                next_attempt_at=func.now() + pause_after(attempts),
                rested_at=func.now() if rests else None,
                **({"lease_id": None, "leased_until": None} if tasks is JOB_TASKS else {}),
            )
        )
    report = log.error if rests else log.warning
    report("job failed" if tasks is JOB_TASKS else "delivery failed", attempts=attempts, rests=rests, exc_info=error)


async def retry_resting(session: WriteSession, task_id: UUID, consumer: str) -> bool:
    """Put a resting delivery or job of the session's partner back to work; False when there is none that rests."""
    for tasks in TASK_TABLES:
        columns = tasks.table.c
        revived = await session.execute(
            update(tasks.table)
            .where(tasks.id == task_id, columns.consumer == consumer, columns.rested_at.is_not(None))
            .values(rested_at=None, attempts=0, rings=0, next_attempt_at=func.now())
            .returning(tasks.id)
        )
        if revived.scalar_one_or_none() is not None:
            session.bells.append(Bell(consumer, task_id))
            return True
    return False


@dataclass(frozen=True, slots=True)
class Resting:
    """A delivery or job that nobody tries any more. `type` is the event's type, or the job's name."""

    task_id: UUID
    consumer: str
    type: str
    subject: str
    occurred_at: datetime
    rested_at: datetime
    attempts: int
    last_error: str


async def list_resting(session: ReadSession, limit: int = 100) -> list[Resting]:
    """The session's partner's deliveries and jobs that rest with an error, newest first."""
    deliveries, events, jobs = DELIVERIES.c, EVENTS.c, JOBS.c
    either = union_all(
        select(deliveries.event_id, deliveries.consumer, events.type, events.subject, events.occurred_at)
        .add_columns(deliveries.rested_at, deliveries.attempts, func.coalesce(deliveries.last_error, ""))
        .join(EVENTS, events.id == deliveries.event_id)
        .where(deliveries.rested_at.is_not(None)),
        select(jobs.id, jobs.consumer, jobs.name, jobs.subject, jobs.created_at)
        .add_columns(jobs.rested_at, jobs.attempts, func.coalesce(jobs.last_error, ""))
        .where(jobs.rested_at.is_not(None)),
    ).subquery()
    newest_first = select(either).order_by(either.c.rested_at.desc()).limit(limit)
    return [Resting(*row) for row in await session.execute(newest_first)]
