"""Leases on deliveries: who may do a long job now, and how another worker finds out that it may.

A lease names its holder and its end in the delivery row. Only an ended lease can be taken over, and
`keep_until_commit` makes a holder that was taken over unable to commit: that is what keeps two workers
from doing one job, not the clock.
"""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Interval, bindparam, case, func, or_, select, update

from services.contracts.envelope import Envelope
from services.kit.base import tenancy
from services.kit.base.db import WriteSession
from services.kit.ledger.bus import MAX_ATTEMPTS, find_open, load_envelope
from services.kit.ledger.models import DELIVERIES

_D = DELIVERIES.c


class LeaseLost(Exception):
    """Another worker has taken this job over; whatever it was doing stops here."""


class WorkerKeptDying(Exception):
    """Every worker that took this job ended without a word, the last one too."""


def _until() -> ColumnElement[Any]:
    return func.clock_timestamp() + bindparam("length", type_=Interval)


_FREE = find_open(or_(_D.leased_until.is_(None), _D.leased_until < func.clock_timestamp())).cte("free")
_TAKE = (
    update(DELIVERIES)
    .where(_D.event_id == _FREE.c.event_id, _D.consumer == _FREE.c.consumer)
    .values(
        lease_id=bindparam("lease"),
        leased_until=_until(),
        next_attempt_at=_until(),
        attempts=_D.attempts + case((_D.lease_id.is_(None), 0), else_=1),  # an ended lease is a worker that died
    )
    .returning(_D.partner_id, _D.attempts)
)
_IS_HELD = (_D.lease_id == bindparam("lease"), _D.handled_at.is_(None))
_PROLONG = update(DELIVERIES).where(*_IS_HELD).values(leased_until=_until(), next_attempt_at=_until())
_KEEP = select(_D.event_id).where(*_IS_HELD).with_for_update(read=True)
_FINISH = (
    update(DELIVERIES)
    .where(*_IS_HELD)
    .values(handled_at=func.clock_timestamp(), leased_until=None, attempts=_D.attempts + 1, last_error=None)
)
_RELEASE = update(DELIVERIES).where(*_IS_HELD).values(lease_id=None, leased_until=None, next_attempt_at=func.now())


async def take(
    session: WriteSession, consumer: str, event_id: UUID, lease_id: UUID, seconds: float
) -> Envelope[Any] | None:
    """Take a delivery for `seconds` of work; None when handled, resting, or leased to somebody alive."""
    place = {"event": event_id, "of": consumer, "lease": lease_id, "length": timedelta(seconds=seconds)}
    taken = (await session.execute(_TAKE, place)).one_or_none()
    if taken is None:
        return None
    if taken.attempts >= MAX_ATTEMPTS:
        raise WorkerKeptDying(f"{taken.attempts} attempts, and the last worker ended without a word")
    await tenancy.name_partner(session, taken.partner_id)
    return await load_envelope(session, event_id)


async def prolong(session: WriteSession, lease_id: UUID, seconds: float) -> bool:
    """Keep a lease for `seconds` more; False when it was lost to another worker."""
    return await _touch(session, _PROLONG.returning(_D.event_id), lease_id, length=timedelta(seconds=seconds))


async def keep_until_commit(session: WriteSession, lease_id: UUID) -> None:
    """Hold a lease until the transaction ends, or raise LeaseLost: a takeover waits for the commit, or wins."""
    if not await _touch(session, _KEEP, lease_id):
        raise LeaseLost


async def finish(session: WriteSession, lease_id: UUID) -> bool:
    """Mark leased work as handled; False when the lease was lost."""
    return await _touch(session, _FINISH.returning(_D.event_id), lease_id)


async def release(session: WriteSession, lease_id: UUID) -> bool:
    """Hand unfinished work back at once, as a stopping worker does; False when it was not held."""
    return await _touch(session, _RELEASE.returning(_D.event_id), lease_id)


async def _touch(session: WriteSession, statement: Any, lease_id: UUID, **values: object) -> bool:
    return (await session.execute(statement, {"lease": lease_id, **values})).one_or_none() is not None
