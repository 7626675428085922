"""Reads and writes saved views."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update

from services.billing.line_views.models import LineViewRow
from services.kit.base.db import ReadSession, WriteSession


async def list_visible(session: ReadSession, owner_id: str) -> Sequence[LineViewRow]:
    """Those of an owner and those that are shared, by name."""
    query = select(LineViewRow).where(or_(LineViewRow.owner_id == owner_id, LineViewRow.is_shared))
    return (await session.scalars(query.order_by(LineViewRow.name, LineViewRow.id))).all()


async def count_own(session: ReadSession, owner_id: str) -> int:
    query = select(func.count()).select_from(LineViewRow).where(LineViewRow.owner_id == owner_id)
    return (await session.scalars(query)).one()


async def find_by_name(session: ReadSession, owner_id: str, name: str) -> LineViewRow | None:
    query = select(LineViewRow).where(LineViewRow.owner_id == owner_id, LineViewRow.name == name)
    return (await session.scalars(query)).one_or_none()


async def lock(session: WriteSession, view_id: UUID) -> LineViewRow | None:
    """For changing it; whoever wants the same waits."""
    return (await session.scalars(select(LineViewRow).where(LineViewRow.id == view_id).with_for_update())).one_or_none()


async def clear_default(session: WriteSession, owner_id: str, but: UUID) -> None:
    """No other view of an owner is the default."""
    others = (LineViewRow.owner_id == owner_id, LineViewRow.id != but, LineViewRow.is_default)
    await session.execute(update(LineViewRow).where(*others).values(is_default=False))


async def remove(session: WriteSession, view_id: UUID) -> None:
    await session.execute(delete(LineViewRow).where(LineViewRow.id == view_id))
