"""Appends facts to the trail, lists them, and proves that nobody altered the record."""

from collections.abc import AsyncIterator
from uuid import UUID

from services.audit.trail import repository
from services.audit.trail.chain import GENESIS, Content, link
from services.audit.trail.models import TrailEntryRow
from services.audit.trail.schemas import TrailEntry, Verification
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.errors import NotFound
from services.kit.ledger.records import EventRecord
from services.kit.web.paging import Page

STRIDE = 1000  # entries held in memory at once while verifying


class TrailEntryNotFound(NotFound):
    """No entry of the trail has this id."""


async def append(session: WriteSession, event: EventRecord) -> None:
    """Chain one event to the partner's trail, in the transaction that handles it."""
    head = await repository.lock_head(session)
    content = Content(
        partner_id=event.partner_id,
        position=head.position + 1,
        event_id=event.id,
        type=event.type,
        source=event.source,
        subject=event.subject,
        occurred_at=event.occurred_at,
        correlation_id=event.correlation_id,
        causation_id=event.causation_id,
        actor_id=event.actor.id,
        actor_name=event.actor.name,
        data=event.data,
    )
    entry = TrailEntryRow(**{name: getattr(content, name) for name in Content.__slots__})
    entry.hash = link(head.hash, content)
    head.position, head.hash = entry.position, entry.hash
    session.add(entry)
    await session.flush()


async def list_entries(
    session: ReadSession,
    *,
    fact_type: str | None,
    actor: str | None,
    subject: str | None,
    limit: int,
    cursor: str | None,
) -> Page[TrailEntry]:
    rows = await repository.read_newest(
        session, fact_type=fact_type, actor=actor, subject=subject, limit=limit, cursor=cursor
    )
    return repository.NEWEST_FIRST.page(rows, limit, TrailEntry.of)


async def get_entry(session: ReadSession, event_id: UUID) -> TrailEntry:
    row = await repository.find(session, event_id)
    if row is None:
        raise TrailEntryNotFound(f"The trail has no entry {event_id}.")
    return TrailEntry.of(row)


async def verify(session: ReadSession) -> Verification:
    """Recompute the partner's whole chain; the first entry that does not fit is named."""
    end = await repository.read_end(session)
    previous, examined = GENESIS, 0
    async for row in _walk(session, end.head_position):
        if row.position != examined + 1:
            break
        if link(previous, _content(row)) != row.hash:
            return Verification.broken(examined, row.position, row.event_id, "was altered")
        previous, examined = row.hash, row.position
    if examined < end.head_position:
        return Verification.broken(examined, examined + 1, None, "is missing")
    if end.last_position != end.head_position or previous != end.head_hash:
        return Verification.broken(examined, end.head_position, None, "is not the end that was recorded")
    return Verification(is_intact=True, examined=examined, head_hash=previous.hex())


async def _walk(session: ReadSession, until: int) -> AsyncIterator[TrailEntryRow]:
    place = 0
    while place < until and (rows := await repository.read_forward(session, place, min(STRIDE, until - place))):
        for row in rows:
            yield row
        place = rows[-1].position
        session.expunge_all()


def _content(row: TrailEntryRow) -> Content:
    return Content(**{name: getattr(row, name) for name in Content.__slots__})
