"""Saved views of the grid over HTTP."""

from uuid import UUID

from fastapi import APIRouter, status

from services.billing.line_views import service
from services.billing.line_views.errors import (
    LineViewIsOfAnother,
    LineViewIsStale,
    LineViewNameTaken,
    LineViewNotFound,
    TooManyLineViews,
)
from services.billing.line_views.schemas import LineViewChange, LineViewIn, LineViewOut, LineViews, Sharing
from services.kit.base.errors import problems
from services.kit.web.app import OncePerKey, Reading, Writing
from services.kit.web.idempotency import IdempotencyKeyReused

router = APIRouter(prefix="/api/v1/line-views", tags=["line-views"])


@router.get("")
async def list_line_views(session: Reading) -> LineViews:
    """One's own views of the grid and those that are shared, by name."""
    return await service.list_views(session)


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses=problems(LineViewNameTaken, TooManyLineViews, IdempotencyKeyReused),
)
async def create_line_view(session: Writing, once: OncePerKey, wanted: LineViewIn) -> LineViewOut:
    """Keep a view of one's own."""
    return await once(session, LineViewOut, lambda: service.create(session, wanted))


@router.put(
    "/{view_id}",
    responses=problems(LineViewNotFound, LineViewIsOfAnother, LineViewIsStale, LineViewNameTaken, IdempotencyKeyReused),
)
async def change_line_view(session: Writing, once: OncePerKey, view_id: UUID, wanted: LineViewChange) -> LineViewOut:
    """Change a view of one's own."""
    return await once(session, LineViewOut, lambda: service.change(session, view_id, wanted))


@router.put("/{view_id}/sharing", responses=problems(LineViewNotFound, LineViewIsStale, IdempotencyKeyReused))
async def share_line_view(session: Writing, once: OncePerKey, view_id: UUID, wanted: Sharing) -> LineViewOut:
    """Show a view to everybody, or to its owner only."""
    return await once(session, LineViewOut, lambda: service.share(session, view_id, wanted))


@router.delete(
    "/{view_id}",
    status_code=status.HTTP_204_NO_CONTENT,
    responses=problems(LineViewNotFound, LineViewIsOfAnother),
)
async def delete_line_view(session: Writing, view_id: UUID) -> None:
    """Forget a view of one's own."""
    await service.remove(session, view_id)
