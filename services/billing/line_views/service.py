"""Keeps views of the grid: a person's own, which they alone change, and those they share."""

from uuid import UUID

from services.billing.line_views import repository
from services.billing.line_views.errors import (
    LineViewIsOfAnother,
    LineViewIsStale,
    LineViewNameTaken,
    LineViewNotFound,
    TooManyLineViews,
)
from services.billing.line_views.models import LineViewRow
from services.billing.line_views.schemas import (
    LineViewChange,
    LineViewIn,
    LineViewOut,
    LineViews,
    Sharing,
    ViewContent,
)
from services.contracts.events.billing import LineViewChanged
from services.contracts.shapes import FieldChange
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.base.ids import new_id
from services.kit.ledger.bus import publish

MOST_VIEWS = 100  # of one owner


async def list_views(session: ReadSession) -> LineViews:
    """One's own views and those that are shared, by name."""
    me = session.circumstances.actor.id
    return LineViews(items=[describe(row, me) for row in await repository.list_visible(session, me)])


async def create(session: WriteSession, wanted: LineViewIn) -> LineViewOut:
    """Keep a new view of one's own."""
    me = session.circumstances.actor
    if await repository.count_own(session, me.id) >= MOST_VIEWS:
        raise TooManyLineViews(f"You have {MOST_VIEWS} views, which is the most.")
    await _require_free_name(session, wanted.name, None)
    row = LineViewRow(
        partner_id=session.circumstances.partner_id,
        id=new_id(),
        owner_id=me.id,
        owner=me.name,
        is_shared=False,
        version=1,
        created_at=clock.now(),
    )
    session.add(row)
    return await _keep(session, row, wanted, [])


async def change(session: WriteSession, view_id: UUID, wanted: LineViewChange) -> LineViewOut:
    """Put another content, name or default in the place of a view's own."""
    row = await _lock_own(session, view_id)
    _require_version(session, row, wanted.version)
    await _require_free_name(session, wanted.name, row.id)
    before = {"name": row.name, "is_default": row.is_default, **row.content}
    row.version += 1
    changes = _compare(before, {"name": wanted.name, "is_default": wanted.is_default, **_spell(wanted.content)})
    return await _keep(session, row, wanted, changes)


async def share(session: WriteSession, view_id: UUID, wanted: Sharing) -> LineViewOut:
    """Show a view to everybody, or to its owner only. Who works with lines may take back what others share."""
    row = await _lock_visible(session, view_id)
    _require_version(session, row, wanted.version)
    if row.is_shared is not wanted.is_shared:
        row.is_shared, row.version, row.updated_at = wanted.is_shared, row.version + 1, clock.now()
        before = not wanted.is_shared
        await _publish(session, row, [FieldChange(field="is_shared", before=before, after=wanted.is_shared)])
    return describe(row, session.circumstances.actor.id)


async def remove(session: WriteSession, view_id: UUID) -> None:
    """Forget a view of one's own."""
    row = await _lock_own(session, view_id)
    await _publish(session, row, [FieldChange(field="name", before=row.name, after=None)], is_removed=True)
    await repository.remove(session, row.id)


async def _keep(session: WriteSession, row: LineViewRow, wanted: LineViewIn, changes: list[FieldChange]) -> LineViewOut:
    row.name, row.content = wanted.name, _spell(wanted.content)
    row.is_default, row.updated_at = wanted.is_default, clock.now()
    if row.is_default:
        await repository.clear_default(session, row.owner_id, row.id)
    await session.flush()
    await _publish(session, row, changes or [FieldChange(field="name", before=None, after=row.name)])
    return describe(row, session.circumstances.actor.id)


async def _lock_visible(session: WriteSession, view_id: UUID) -> LineViewRow:
    row = await repository.lock(session, view_id)
    if row is None or not (row.is_shared or row.owner_id == session.circumstances.actor.id):
        raise LineViewNotFound(f"There is no view {view_id}.")
    return row


async def _lock_own(session: WriteSession, view_id: UUID) -> LineViewRow:
    row = await _lock_visible(session, view_id)
    if row.owner_id != session.circumstances.actor.id:
        raise LineViewIsOfAnother(f"The view '{row.name}' is {row.owner}'s.")
    return row


def _require_version(session: WriteSession, row: LineViewRow, version: int) -> None:
    if row.version != version:
        current = describe(row, session.circumstances.actor.id).model_dump(mode="json")
        raise LineViewIsStale(f"The view is at version {row.version}, not {version}.", current=current)


async def _require_free_name(session: WriteSession, name: str, own: UUID | None) -> None:
    known = await repository.find_by_name(session, session.circumstances.actor.id, name)
    if known is not None and known.id != own:
        raise LineViewNameTaken(f"You have a view '{name}' already.")


def _spell(content: ViewContent) -> dict[str, object]:
    return content.model_dump(mode="json", exclude_defaults=True)


def _compare(before: dict[str, object], after: dict[str, object]) -> list[FieldChange]:
    names = sorted(before.keys() | after.keys())
    return [
        FieldChange(field=name, before=before.get(name), after=after.get(name))  # type: ignore[arg-type] # JSON
        for name in names
        if before.get(name) != after.get(name)
    ]


async def _publish(
    session: WriteSession, row: LineViewRow, changes: list[FieldChange], *, is_removed: bool = False
) -> None:
    fact = LineViewChanged(
        view_id=row.id, name=row.name, is_shared=row.is_shared, is_removed=is_removed, changes=changes
    )
    await publish(session, fact, subject=f"line-view/{row.id}")


def describe(row: LineViewRow, me: str) -> LineViewOut:
    is_own = row.owner_id == me
    return LineViewOut(
        id=row.id,
        name=row.name,
        content=ViewContent.model_validate(row.content),
        owner=row.owner,
        is_own=is_own,
        is_shared=row.is_shared,
        is_default=row.is_default and is_own,
        version=row.version,
        updated_at=row.updated_at,
    )
