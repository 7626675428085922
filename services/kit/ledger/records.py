"""Events as they stand in the ledger, undecoded, for a consumer that copies every event whatever its type.

What such a consumer needs is written beside the event when it is published: the headline, and of a bulk event
a digest and a summary in place of its rows. So it meets no event that it does not understand, and reads no rows.
"""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from uuid import UUID

import orjson
from pydantic import JsonValue, TypeAdapter
from sqlalchemy import Text, bindparam, cast, func, select

from services.contracts.envelope import Actor, Event, Headline
from services.contracts.vocabulary import LogLevel
from services.kit.base.db import ReadSession
from services.kit.ledger.models import EVENTS

_E = EVENTS.c
_HEADLINE: TypeAdapter[Headline | None] = TypeAdapter(Headline | None)


@dataclass(frozen=True, slots=True)
class EventRecord:
    """One event with what its producer wrote beside it."""

    id: UUID
    type: str
    source: str
    partner_id: UUID
    subject: str
    occurred_at: datetime
    correlation_id: str
    causation_id: UUID | None
    actor: Actor
    data: dict[str, JsonValue]
    """The event's content; of a bulk event its `digest` and `summary`."""
    headline: Headline | None


def summarize(event: Event, content: str) -> str | None:
    """What is kept of a bulk event besides its rows, as JSON; None for any other event.

    `digest` is SHA-256, hexadecimal, over the event's JSON byte for byte as the ledger holds it; `summary` has
    single values as they are, and lists as their length.
    """
    if not event.bulk:
        return None
    counts = {name: len(value) for name, value in event if isinstance(value, list)}
    values = event.model_dump(mode="json", exclude=set(counts))
    digest = sha256(content.encode()).hexdigest()
    return orjson.dumps({"digest": digest, "summary": values | counts}).decode()


def headline_json(event: Event) -> str:
    """The event's headline as JSON; `null` where it has none, which an older build's SQL NULL does not say."""
    return _HEADLINE.dump_json(event.headline()).decode()


_FIND_RECORD = select(
    *(column for column in _E if column.name not in {"data", "summary", "headline"}),
    cast(func.coalesce(_E.summary, _E.data), Text).label("data"),
    cast(_E.headline, Text).label("headline"),
).where(_E.id == bindparam("event"))


async def load_record(session: ReadSession, event_id: UUID) -> EventRecord:
    row = (await session.execute(_FIND_RECORD, {"event": event_id})).one()
    data: dict[str, JsonValue] = orjson.loads(row.data)
    known = row.headline is not None
    return EventRecord(
        id=row.id,
        type=row.type,
        source=row.source,
        partner_id=row.partner_id,
        subject=row.subject,
        occurred_at=row.occurred_at,
        correlation_id=row.correlation_id,
        causation_id=row.causation_id,
        actor=Actor(**row.actor),
        data=data,
        headline=_HEADLINE.validate_json(row.headline) if known else _headline_of_older_build(row, data),
    )


def _headline_of_older_build(row: Any, data: dict[str, JsonValue]) -> Headline | None:
    """What the type and an error say of an event that was published before headlines were kept."""
    if "digest" in data:
        return None
    _, subject, happened, *_ = row.type.split(".")
    error = str(data.get("error") or "")
    return Headline(
        level=LogLevel.ERROR if error else LogLevel.INFO, title=f"{subject.capitalize()} {happened}", details=error
    )
