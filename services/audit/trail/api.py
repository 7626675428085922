"""The audit trail, read and verified."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.audit.trail import service
from services.audit.trail.schemas import TrailEntry, Verification
from services.kit.base.errors import problems
from services.kit.web.app import Reading
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page

router = APIRouter(prefix="/api/v1/audit-trail", tags=["audit-trail"])


@router.get("", responses=problems(BadCursor))
async def list_trail_entries(
    session: Reading,
    fact_type: Annotated[str | None, Query(alias="type", max_length=120, description="Event type")] = None,
    actor: Annotated[str | None, Query(max_length=200, description="Id or name of who did it")] = None,
    subject: Annotated[str | None, Query(max_length=200, description="What it was about, as `noun/id`")] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[TrailEntry]:
    """Facts from the newest on."""
    return await service.list_entries(
        session, fact_type=fact_type, actor=actor, subject=subject, limit=limit, cursor=cursor
    )


@router.get("/verification")
async def verify_trail(session: Reading) -> Verification:
    """Recompute every hash of the trail and name the first entry that was altered or is missing."""
    return await service.verify(session)


@router.get("/{entry_id}", responses=problems(service.TrailEntryNotFound))
async def get_trail_entry(session: Reading, entry_id: UUID) -> TrailEntry:
    return await service.get_entry(session, entry_id)
