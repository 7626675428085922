"""The ledger: PostgreSQL remembers what must happen, Redis only rings.

An event and one delivery row per consumer are inserted in the producer's own transaction. A consumer
claims its row and makes its effect in one transaction (`handle_effect`), or works under a lease in many
(`handle_work`). Whatever was not handled is rung again by the sweep (`kit.relay`). So Redis may lose
everything at any moment and nothing is lost or done twice. After MAX_ATTEMPTS failures a delivery
rests with its error until somebody retries it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import func, insert, or_, select, update

from services.contracts.envelope import Actor, Envelope, Fact
from services.contracts.routes import FACTS, ROUTES
from services.kit import tenancy
from services.kit.db import Bell, Circumstances, Database, WriteSession, act_for
from services.kit.ids import new_id
from services.kit.models import DeliveryRow, EventRow

log = structlog.get_logger()

MAX_ATTEMPTS = 12  # with the back-off below: about 35 minutes of a consumer that keeps failing
RING_GRACE = timedelta(seconds=3)  # the bell after commit takes milliseconds; only a lost one waits this long
FIRST_PAUSE = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(minutes=5)

EffectHandler = Callable[[WriteSession, Envelope[Any]], Awaitable[None]]
Handlers = Mapping[type[Fact], EffectHandler]


class UnknownEvent(Exception):
    """An event type this consumer has no handler for: an older process meets newer news."""


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the nth failure: 1 s doubling to five minutes."""
    doublings = min(attempts - 1, 16)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


async def publish(session: WriteSession, fact: Fact, subject: str) -> UUID:
    """Record a fact and its deliveries in the session's transaction; consumers are rung after commit.

    Args:
        subject: what the fact is about, `<noun>/<id>`.
    """
    consumers = ROUTES[type(fact)]
    circumstances = session.circumstances
    event_id = new_id()
    await session.execute(
        insert(EventRow).values(
            id=event_id,
            type=fact.type,
            source=circumstances.source,
            partner_id=circumstances.partner_id,
            subject=subject,
            correlation_id=circumstances.correlation_id,
            causation_id=circumstances.causation_id,
            actor=circumstances.actor.model_dump(),
            data=fact.model_dump(mode="json"),
        )
    )
    due = func.now() + RING_GRACE
    rows = [
        {"event_id": event_id, "consumer": name, "partner_id": circumstances.partner_id, "next_attempt_at": due}
        for name in consumers
    ]
    await session.execute(insert(DeliveryRow).values(rows))
    session.bells.extend(Bell(name, event_id) for name in consumers)
    return event_id


async def handle_effect(database: Database, consumer: str, event_id: UUID, handlers: Handlers) -> bool:
    """Claim a delivery and make its effect in one transaction.

    Returns:
        False when the delivery was handled before, is resting, or its handler failed and will be retried.
    """
    try:
        async with database.relaying() as session:
            envelope = await _claim(session, consumer, event_id)
            if envelope is None:
                return False
            act_for(session, circumstances_of(database.service, envelope))
            await find_handler(handlers, envelope)(session, envelope)
    except Exception as error:  # noqa: BLE001 - any failure is recorded on the delivery and retried from there
        await note_failure(database, consumer, event_id, error)
        return False
    return True


def circumstances_of(service: str, envelope: Envelope[Any]) -> Circumstances:
    """What a service does because of an event, it does in the name of who caused the event."""
    structlog.contextvars.bind_contextvars(correlation_id=envelope.correlation_id, event_type=envelope.type)
    return Circumstances(
        partner_id=envelope.partner_id,
        source=service,
        correlation_id=envelope.correlation_id,
        actor=envelope.actor,
        causation_id=envelope.id,
    )


HandlerT = Callable[..., Awaitable[None]]


def find_handler(handlers: Mapping[type[Fact], HandlerT], envelope: Envelope[Any]) -> HandlerT:
    """The handler of an event's type; UnknownEvent leaves it in the ledger for a newer process."""
    try:
        return handlers[type(envelope.data)]
    except KeyError:
        raise UnknownEvent(f"no handler for {envelope.type}") from None


async def _claim(session: WriteSession, consumer: str, event_id: UUID) -> Envelope[Any] | None:
    # A second worker with the same bell waits here for the first one's commit, then finds nothing.
    claimed = await session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.event_id == event_id,
            DeliveryRow.consumer == consumer,
            DeliveryRow.handled_at.is_(None),
            DeliveryRow.rested_at.is_(None),
        )
        .values(handled_at=func.clock_timestamp(), attempts=DeliveryRow.attempts + 1, last_error=None)
        .returning(DeliveryRow.partner_id)
    )
    partner_id = claimed.scalar_one_or_none()
    if partner_id is None:
        return None
    await tenancy.name_partner(session, partner_id)
    return await load_envelope(session, event_id)


async def load_envelope(session: WriteSession, event_id: UUID) -> Envelope[Any]:
    """An event as a typed envelope; UnknownEvent for a type this build does not know."""
    row = (await session.execute(select(EventRow).where(EventRow.id == event_id))).scalar_one()
    fact_type = FACTS.get(row.type)
    if fact_type is None:
        raise UnknownEvent(f"this build does not know events of type {row.type}")
    return Envelope(
        id=row.id,
        type=row.type,
        source=row.source,
        partner_id=row.partner_id,
        subject=row.subject,
        sequence=row.sequence,
        occurred_at=row.occurred_at,
        correlation_id=row.correlation_id,
        causation_id=row.causation_id,
        actor=Actor(**row.actor),
        data=fact_type.model_validate(row.data),
    )


async def note_failure(database: Database, consumer: str, event_id: UUID, error: BaseException) -> None:
    """Keep a failed delivery with its error: back-off first, rest after MAX_ATTEMPTS."""
    log.warning("delivery failed", consumer=consumer, event_id=str(event_id), exc_info=error)
    async with database.relaying() as session:
        query = select(DeliveryRow).where(
            DeliveryRow.event_id == event_id, DeliveryRow.consumer == consumer, DeliveryRow.handled_at.is_(None)
        )
        row = (await session.execute(query.with_for_update())).scalar_one_or_none()
        if row is None:
            return
        row.attempts += 1
        row.last_error = f"{type(error).__name__}: {error}"[:2000]
        row.lease_id, row.leased_until = None, None
        row.next_attempt_at = func.now() + pause_after(row.attempts)
        if row.attempts >= MAX_ATTEMPTS:
            row.rested_at = func.now()


async def retry_resting(session: WriteSession, event_id: UUID, consumer: str) -> bool:
    """Put a resting delivery of the session's partner back to work; False when it does not rest."""
    revived = await session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.event_id == event_id, DeliveryRow.consumer == consumer, DeliveryRow.rested_at.is_not(None))
        .values(rested_at=None, attempts=0, rings=0, next_attempt_at=func.now())
        .returning(DeliveryRow.event_id)
    )
    if revived.scalar_one_or_none() is None:
        return False
    session.bells.append(Bell(consumer, event_id))
    return True


async def lease(
    session: WriteSession, consumer: str, event_id: UUID, lease_id: UUID, seconds: int
) -> Envelope[Any] | None:
    """Take a delivery for `seconds` of work; None when handled, resting, or leased to somebody alive."""
    until = func.clock_timestamp() + timedelta(seconds=seconds)
    claimed = await session.execute(
        update(DeliveryRow)
        .where(
            DeliveryRow.event_id == event_id,
            DeliveryRow.consumer == consumer,
            DeliveryRow.handled_at.is_(None),
            DeliveryRow.rested_at.is_(None),
            or_(DeliveryRow.leased_until.is_(None), DeliveryRow.leased_until < func.clock_timestamp()),
        )
        .values(lease_id=lease_id, leased_until=until, next_attempt_at=until)
        .returning(DeliveryRow.partner_id)
    )
    partner_id = claimed.scalar_one_or_none()
    if partner_id is None:
        return None
    await tenancy.name_partner(session, partner_id)
    return await load_envelope(session, event_id)


async def prolong(session: WriteSession, lease_id: UUID, seconds: int) -> bool:
    """Keep a lease for `seconds` more; False when it was lost to another worker."""
    until = func.clock_timestamp() + timedelta(seconds=seconds)
    kept = await session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.lease_id == lease_id, DeliveryRow.handled_at.is_(None))
        .values(leased_until=until, next_attempt_at=until)
        .returning(DeliveryRow.event_id)
    )
    return kept.scalar_one_or_none() is not None


async def finish_lease(session: WriteSession, lease_id: UUID) -> None:
    """Mark leased work as handled."""
    await session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.lease_id == lease_id, DeliveryRow.handled_at.is_(None))
        .values(
            handled_at=func.clock_timestamp(), leased_until=None, attempts=DeliveryRow.attempts + 1, last_error=None
        )
    )


async def release_lease(session: WriteSession, lease_id: UUID) -> None:
    """Hand unfinished work back at once, as a stopping worker does."""
    await session.execute(
        update(DeliveryRow)
        .where(DeliveryRow.lease_id == lease_id, DeliveryRow.handled_at.is_(None))
        .values(lease_id=None, leased_until=None, next_attempt_at=func.now())
    )
