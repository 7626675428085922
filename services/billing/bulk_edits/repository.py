"""Reads and writes bulk edits."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, update

from services.billing.bulk_edits.models import BulkEditRow
from services.billing.bulk_edits.schemas import LineScope
from services.billing.lines.decisions.models import DecisionRow
from services.billing.lines.filtering.repository import conditions_of
from services.billing.lines.models import LINES
from services.billing.matching import is_one_of
from services.kit.base.db import ReadSession, WriteSession
from services.kit.web.paging import Keyset

NEWEST_FIRST = Keyset(BulkEditRow.created_at, BulkEditRow.id, newest_first=True)


async def find(session: ReadSession, bulk_edit_id: UUID) -> BulkEditRow | None:
    query = select(BulkEditRow).where(BulkEditRow.id == bulk_edit_id)
    return (await session.scalars(query)).one_or_none()


async def lock(session: WriteSession, bulk_edit_id: UUID) -> BulkEditRow | None:
    """For changing its status; whoever wants the same waits."""
    query = select(BulkEditRow).where(BulkEditRow.id == bulk_edit_id).with_for_update()
    return (await session.scalars(query)).one_or_none()


async def list_window(session: ReadSession, limit: int, cursor: str | None) -> Sequence[BulkEditRow]:
    """Bulk edits, newest first."""
    return (await session.scalars(NEWEST_FIRST.window(select(BulkEditRow), limit, cursor))).all()


async def note_progress(session: WriteSession, bulk_edit_id: UUID, done: int, total: int) -> None:
    await session.execute(update(BulkEditRow).where(BulkEditRow.id == bulk_edit_id).values(done=done, total=total))


def lines_of(scope: LineScope) -> list[ColumnElement[bool]]:
    """The lines of a scope, as conditions."""
    if scope.filter is not None:
        return conditions_of(scope.filter)
    return [is_one_of(LINES.c.id, scope.line_ids or [])]


async def find_changed_since(session: ReadSession, ids: Collection[UUID], since: datetime) -> dict[UUID, str]:
    """Those of some lines that came or changed after an instant → who decided about it last since, or empty."""
    who = (
        select(func.coalesce(DecisionRow.reverted_by, DecisionRow.actor))
        .where(
            DecisionRow.partner_id == LINES.c.partner_id,
            DecisionRow.line_id == LINES.c.id,
            or_(DecisionRow.decided_at > since, DecisionRow.reverted_at > since),
        )
        .order_by(DecisionRow.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = select(LINES.c.id, func.coalesce(who, "")).where(is_one_of(LINES.c.id, ids), LINES.c.updated_at > since)
    return {row[0]: row[1] for row in await session.execute(query)}
