"""Reads and appends trail entries. There is nothing here that changes one."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import insert

from services.audit.trail.chain import GENESIS
from services.audit.trail.models import TrailEntryRow, TrailHeadRow
from services.kit.base.db import ReadSession, WriteSession
from services.kit.web.paging import Keyset

NEWEST_FIRST = Keyset(TrailEntryRow.position, newest_first=True)


async def lock_head(session: WriteSession) -> TrailHeadRow:
    """The end of the partner's chain, held until the transaction ends: whoever appends next waits here."""
    query = select(TrailHeadRow).with_for_update()
    head = (await session.execute(query)).scalar_one_or_none()
    if head is None:
        first = {"partner_id": session.circumstances.partner_id, "position": 0, "hash": GENESIS}
        await session.execute(insert(TrailHeadRow).values(first).on_conflict_do_nothing())
        head = (await session.execute(query)).scalar_one()
    return head


@dataclass(frozen=True, slots=True)
class End:
    """Where a partner's chain ends, by its head and by its entries: the same unless somebody meddled."""

    head_position: int
    head_hash: bytes
    last_position: int


async def read_end(session: ReadSession) -> End:
    """In one statement, so that an append at the same moment cannot look like meddling."""
    last = select(func.max(TrailEntryRow.position)).scalar_subquery()
    position = select(TrailHeadRow.position).scalar_subquery()
    digest = select(TrailHeadRow.hash).scalar_subquery()
    head_position, head_hash, last_position = (await session.execute(select(position, digest, last))).one()
    return End(head_position or 0, head_hash or GENESIS, last_position or 0)


async def read_forward(session: ReadSession, after: int, limit: int) -> Sequence[TrailEntryRow]:
    """Entries in the order of the chain."""
    query = select(TrailEntryRow).where(TrailEntryRow.position > after).order_by(TrailEntryRow.position).limit(limit)
    return (await session.execute(query)).scalars().all()


async def read_newest(
    session: ReadSession,
    *,
    fact_type: str | None,
    actor: str | None,
    subject: str | None,
    limit: int,
    cursor: str | None,
) -> Sequence[TrailEntryRow]:
    """Entries from the newest on, of those that match. `actor` is an id or a name."""
    wanted: list[ColumnElement[bool]] = []
    if fact_type:
        wanted.append(TrailEntryRow.type == fact_type)
    if actor:
        wanted.append(or_(TrailEntryRow.actor_id == actor, TrailEntryRow.actor_name == actor))
    if subject:
        wanted.append(TrailEntryRow.subject == subject)
    query = select(TrailEntryRow).where(*wanted)
    return (await session.scalars(NEWEST_FIRST.window(query, limit, cursor))).all()


async def find(session: ReadSession, event_id: UUID) -> TrailEntryRow | None:
    return (await session.execute(select(TrailEntryRow).where(TrailEntryRow.event_id == event_id))).scalar_one_or_none()
