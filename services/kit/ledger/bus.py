"""The ledger: PostgreSQL remembers what must happen, Redis only rings.

An event and one delivery row per consumer are inserted in the producer's own transaction. A consumer
claims its row and makes its effect in one transaction (`handle_effect`); work that takes longer is a job
(`kit.ledger.jobs`). Whatever was not handled is rung again by the sweep (`kit.ledger.relay`). So Redis may lose
everything at any moment and nothing is lost or done twice. After MAX_ATTEMPTS failures a delivery
rests with its error until somebody retries it (`kit.ledger.attempts`).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import JSON, Text, bindparam, cast, func, insert, select, update

from services.contracts.envelope import Actor, Envelope, Event
from services.contracts.routes import EVENT_TYPES, ROUTES
from services.kit.base import tenancy
from services.kit.base.db import Bell, Circumstances, Database, ReadSession, WriteSession, act_for
from services.kit.base.deadline import within
from services.kit.base.ids import new_id
from services.kit.base.log import own_log_context
from services.kit.ledger.attempts import DELIVERY_TASKS, RING_GRACE, lock_open, note_failure
from services.kit.ledger.models import DELIVERIES, EVENTS
from services.kit.ledger.records import EventRecord, headline_json, load_record, summarize

log = structlog.get_logger()

EffectHandler = Callable[[WriteSession, Envelope[Any]], Awaitable[None]]
Handlers = Mapping[type[Event], EffectHandler]
Recorder = Callable[[WriteSession, EventRecord], Awaitable[None]]
"""An effect for every event of a consumer, whatever its type."""

_D = DELIVERIES.c
_E = EVENTS.c
# Pydantic itself writes and reads events as JSON text: half the time of going through dictionaries.
_INSERT_EVENTS = insert(EVENTS).values(
    data=cast(bindparam("content", type_=Text), JSON),
    summary=cast(bindparam("summary_json", type_=Text), JSON),
    headline=cast(bindparam("headline_json", type_=Text), JSON),
)


class UnknownEvent(Exception):
    """An event type this consumer has no handler for: an older process meets an event of a newer one."""


async def publish(session: WriteSession, fact: Event, subject: str) -> UUID:
    """Record a fact and its deliveries in the session's transaction; consumers are rung after commit.

    Args:
        subject: what the fact is about, `<noun>/<id>`.
    """
    return (await publish_all(session, [(fact, subject)]))[0]


async def publish_all(session: WriteSession, facts: Sequence[tuple[Event, str]]) -> list[UUID]:
    """Record facts with their subjects as `publish` does: two statements, however many they are."""
    circumstances = session.circumstances
    due = func.now() + RING_GRACE
    events: list[dict[str, Any]] = []
    deliveries: list[dict[str, Any]] = []
    for fact, subject in facts:
        event = _describe(fact, subject, circumstances)
        events.append(event)
        deliveries.extend(
            {"event_id": event["id"], "consumer": name, "partner_id": circumstances.partner_id}
            for name in ROUTES[type(fact)]
        )
    if events:
        await session.execute(_INSERT_EVENTS, events)
        await session.execute(insert(DELIVERIES).values(next_attempt_at=due), deliveries)
    session.bells.extend(Bell(each["consumer"], each["event_id"]) for each in deliveries)
    return [event["id"] for event in events]


def _describe(fact: Event, subject: str, circumstances: Circumstances) -> dict[str, Any]:
    content = fact.model_dump_json()
    return {
        "id": new_id(),
        "type": fact.type,
        "source": circumstances.source,
        "partner_id": circumstances.partner_id,
        "subject": subject,
        "correlation_id": circumstances.correlation_id,
        "causation_id": circumstances.causation_id,
        "actor": circumstances.actor.model_dump(),
        "content": content,
        "summary_json": summarize(fact, content),
        "headline_json": headline_json(fact),
    }


async def handle_effect(
    database: Database,
    consumer: str,
    event_id: UUID,
    handlers: Handlers | Recorder,
    *,
    seconds: float | None = None,
) -> bool:
    """Claim a delivery and make its effect in one transaction.

    Args:
        handlers: by event type, or one for all events, which gets them undecoded.
        seconds: how long it may take; after that it counts as failed.

    Returns:
        False when the delivery was handled before, is in other hands or resting, or failed and will be retried.
    """
    with own_log_context(consumer=consumer, event_id=str(event_id)):
        try:
            async with within(seconds), database.relaying() as session:
                if not await _claim(session, consumer, event_id):
                    return False
                if isinstance(handlers, Mapping):
                    envelope = await load_envelope(session, event_id)
                    act_for(session, circumstances_of(database.service, envelope))
                    await find_handler(handlers, envelope)(session, envelope)
                else:
                    record = await load_record(session, event_id)
                    act_for(session, circumstances_of(database.service, record))
                    await handlers(session, record)
        except Exception as error:  # noqa: BLE001 - any failure is recorded on the delivery and retried from there
            await note_failure(database, DELIVERY_TASKS, consumer, event_id, error)
            return False
        return True


def circumstances_of(service: str, envelope: Envelope[Any] | EventRecord) -> Circumstances:
    """What a service does because of an event, it does in the name of who caused the event."""
    structlog.contextvars.bind_contextvars(
        correlation_id=envelope.correlation_id, event_type=envelope.type, partner=str(envelope.partner_id)
    )
    return Circumstances(
        partner_id=envelope.partner_id,
        source=service,
        correlation_id=envelope.correlation_id,
        actor=envelope.actor,
        causation_id=envelope.id,
    )


HandlerT = Callable[..., Awaitable[None]]


def find_handler(handlers: Mapping[type[Event], HandlerT], envelope: Envelope[Any]) -> HandlerT:
    """The handler of an event's type; UnknownEvent leaves it in the ledger for a newer process."""
    try:
        return handlers[EVENT_TYPES[envelope.type]]
    except KeyError:
        raise UnknownEvent(f"no handler for {envelope.type}") from None


_OPEN = lock_open(DELIVERY_TASKS).cte("open")
_CLAIM = (
    update(DELIVERIES)
    .where(_D.event_id == _OPEN.c.event_id, _D.consumer == _OPEN.c.consumer)
    .values(handled_at=func.clock_timestamp(), attempts=_D.attempts + 1, last_error=None)
    .returning(_D.partner_id)
)
_FIND_EVENT = select(
    *(column for column in _E if column.name not in {"data", "summary", "headline"}),
    cast(_E.data, Text).label("content"),
).where(_E.id == bindparam("event"))


async def _claim(session: WriteSession, consumer: str, event_id: UUID) -> bool:
    """Mark a delivery as handled in this transaction, and bind it to the event's partner; False when it is not open."""
    claimed = await session.execute(_CLAIM, {"task": event_id, "of": consumer})
    partner_id = claimed.scalar_one_or_none()
    if partner_id is None:
        return False
    await tenancy.name_partner(session, partner_id)
    return True


async def load_envelope(session: ReadSession, event_id: UUID) -> Envelope[Any]:
    """An event as a typed envelope; UnknownEvent for a type this build does not know."""
    row = (await session.execute(_FIND_EVENT, {"event": event_id})).one()
    fact_type = EVENT_TYPES.get(row.type)
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
        data=fact_type.model_validate_json(row.content),
    )
