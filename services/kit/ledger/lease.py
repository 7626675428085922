"""Leases on jobs: who may do one now, and how another worker finds out that it may.

A lease names its holder and its end in the job's row. Only an ended lease can be taken over, and
`keep_until_commit` makes a holder that was taken over unable to commit: that is what keeps two workers
from doing one job, not the clock.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, bindparam, case, func, or_, select, update

from services.contracts.envelope import Actor
from services.kit.base.db import WriteSession
from services.kit.ledger.attempts import JOB_TASKS, MAX_ATTEMPTS, lock_open
from services.kit.ledger.jobs import OrderedJob
from services.kit.ledger.models import JOBS

_J = JOBS.c


class LeaseLost(Exception):
    """Another worker has taken this job over; whatever it was doing stops here."""


class WorkerKeptDying(Exception):
    """Every worker that took this job ended without a word, the last one too."""


def _until() -> ColumnElement[Any]:
    return func.clock_timestamp() + bindparam("length", type_=Interval)


_FREE = lock_open(JOB_TASKS, or_(_J.leased_until.is_(None), _J.leased_until < func.clock_timestamp())).cte("free")
_TAKE = (
    update(JOBS)
    .where(_J.id == _FREE.c.id)
    .values(
        lease_id=bindparam("lease"),
        leased_until=_until(),
        next_attempt_at=_until(),
        attempts=_J.attempts + case((_J.lease_id.is_(None), 0), else_=1),  # an ended lease is a worker that died
    )
    .returning(_J.attempts, _J.name, _J.arguments, _J.partner_id, _J.correlation_id, _J.causation_id, _J.actor)
)
_IS_HELD = (_J.lease_id == bindparam("lease"), _J.handled_at.is_(None))
_PROLONG = update(JOBS).where(*_IS_HELD).values(leased_until=_until(), next_attempt_at=_until())
_KEEP = select(_J.id).where(*_IS_HELD).with_for_update(read=True)
_FINISH = (
    update(JOBS)
    .where(*_IS_HELD)
    .values(handled_at=func.clock_timestamp(), leased_until=None, attempts=_J.attempts + 1, last_error=None)
)
_RELEASE = update(JOBS).where(*_IS_HELD).values(lease_id=None, leased_until=None, next_attempt_at=func.now())


async def take(session: WriteSession, consumer: str, job_id: UUID, lease_id: UUID, seconds: float) -> OrderedJob | None:
    """Take a job for `seconds` of work; None when handled, resting, or leased to somebody alive."""
    asked = {"task": job_id, "of": consumer, "lease": lease_id, "length": timedelta(seconds=seconds)}
    taken = (await session.execute(_TAKE, asked)).one_or_none()
    if taken is None:
        return None
    if taken.attempts >= MAX_ATTEMPTS:
        raise WorkerKeptDying(f"{taken.attempts} attempts, and the last worker ended without a word")
    return OrderedJob(
        id=job_id,
        name=taken.name,
        arguments=taken.arguments,
        partner_id=taken.partner_id,
        correlation_id=taken.correlation_id,
        causation_id=taken.causation_id,
        actor=Actor(**taken.actor),
    )


def is_mine(lease_id: UUID) -> ColumnElement[bool]:
    """A job that nobody holds, or only we do: not one that another worker has taken over."""
    return or_(_J.lease_id.is_(None), _J.lease_id == lease_id, _J.leased_until < func.clock_timestamp())


async def prolong(session: WriteSession, lease_id: UUID, seconds: float) -> bool:
    """Keep a lease for `seconds` more; False when it was lost to another worker."""
    return await _touch(session, _PROLONG.returning(_J.id), lease_id, length=timedelta(seconds=seconds))


async def keep_until_commit(session: WriteSession, lease_id: UUID) -> None:
    """Lock our lease row until commit.

    Raises LeaseLost if another worker has taken it; one that tries now waits for our commit.
    """
    if not await _touch(session, _KEEP, lease_id):
        raise LeaseLost


async def finish(session: WriteSession, lease_id: UUID) -> bool:
    """Mark leased work as handled; False when the lease was lost."""
    return await _touch(session, _FINISH.returning(_J.id), lease_id)


async def release(session: WriteSession, lease_id: UUID) -> bool:
    """Hand unfinished work back at once, as a stopping worker does; False when it was not held."""
    return await _touch(session, _RELEASE.returning(_J.id), lease_id)


async def _touch(session: WriteSession, statement: Any, lease_id: UUID, **values: object) -> bool:
    return (await session.execute(statement, {"lease": lease_id, **values})).one_or_none() is not None
