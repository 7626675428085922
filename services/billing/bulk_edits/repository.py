"""Reads and writes bulk edits."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from pydantic import JsonValue
from sqlalchemy import ColumnElement, delete, func, insert, or_, select, update

from services.billing.bulk_edits.models import BulkEditFileRow, BulkEditRow, BulkEditValuesRow, RefusedCellRow
from services.billing.bulk_edits.schemas import LineScope
from services.billing.line_files.refusals import RefusedCell
from services.billing.lines.decisions.models import DecisionRow
from services.billing.lines.filtering.repository import conditions_of
from services.billing.lines.models import LINES
from services.billing.matching import is_one_of
from services.kit.base.db import ReadSession, WriteSession
from services.kit.web.paging import Keyset

Wanted = tuple[UUID, int, dict[str, JsonValue]]
"""Line, version, and field → value."""

BY_NUMBER = Keyset(RefusedCellRow.number)
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


def lines_of(scope: LineScope, bulk_edit_id: UUID) -> list[ColumnElement[bool]]:
    """The lines of a bulk edit's scope, as conditions."""
    if scope.of_values:
        named = select(BulkEditValuesRow.line_id).where(BulkEditValuesRow.bulk_edit_id == bulk_edit_id)
        return [LINES.c.id.in_(named)]
    if scope.filter is not None:
        return conditions_of(scope.filter)
    return [is_one_of(LINES.c.id, scope.line_ids or [])]


async def add_values(session: WriteSession, bulk_edit_id: UUID, values: Iterable[Wanted]) -> None:
    """Keep what a bulk edit wants of some lines."""
    partner_id = session.circumstances.partner_id
    rows = [
        {"partner_id": partner_id, "bulk_edit_id": bulk_edit_id, "line_id": line, "version": version, "changes": each}
        for line, version, each in values
    ]
    if rows:
        await session.execute(insert(BulkEditValuesRow), rows)


async def find_values(session: ReadSession, bulk_edit_id: UUID, ids: Collection[UUID]) -> list[Wanted]:
    """What a bulk edit wants of some of its lines."""
    table = BulkEditValuesRow
    query = select(table.line_id, table.version, table.changes).where(
        table.bulk_edit_id == bulk_edit_id, is_one_of(table.line_id, ids)
    )
    return [(line, version, changes) for line, version, changes in await session.execute(query)]


async def find_existing_lines(session: ReadSession, ids: Collection[UUID]) -> set[UUID]:
    return set((await session.scalars(select(LINES.c.id).where(is_one_of(LINES.c.id, ids)))).all())


async def find_file(session: ReadSession, bulk_edit_id: UUID) -> bytes | None:
    """The file as it was sent; None once it was read."""
    query = select(BulkEditFileRow.content).where(BulkEditFileRow.bulk_edit_id == bulk_edit_id)
    return (await session.scalars(query)).one_or_none()


async def forget_file(session: WriteSession, bulk_edit_id: UUID) -> None:
    await session.execute(delete(BulkEditFileRow).where(BulkEditFileRow.bulk_edit_id == bulk_edit_id))


async def forget_reading(session: WriteSession, bulk_edit_id: UUID) -> None:
    """Forget what was found in a file, so that it can be read from its beginning."""
    for table in (BulkEditValuesRow, RefusedCellRow):
        await session.execute(delete(table).where(table.bulk_edit_id == bulk_edit_id))


async def add_refused(session: WriteSession, bulk_edit_id: UUID, refused: Sequence[RefusedCell], first: int) -> None:
    """Keep refused cells, numbered from `first` on."""
    key = {"partner_id": session.circumstances.partner_id, "bulk_edit_id": bulk_edit_id}
    rows = [key | asdict(each) | {"number": number} for number, each in enumerate(refused, first)]
    if rows:
        await session.execute(insert(RefusedCellRow), rows)


async def list_refused(
    session: ReadSession, bulk_edit_id: UUID, limit: int, cursor: str | None
) -> Sequence[RefusedCellRow]:
    """Refused cells in the order of the file."""
    query = select(RefusedCellRow).where(RefusedCellRow.bulk_edit_id == bulk_edit_id)
    return (await session.scalars(BY_NUMBER.window(query, limit, cursor))).all()


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
