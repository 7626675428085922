"""Runs over HTTP."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.contracts.vocabulary import RunKind, RunStatus
from services.kit.base.errors import problems
from services.kit.web.app import Reading
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page, decode_cursor, encode_cursor
from services.sync.runs import repository, service
from services.sync.runs.schemas import RunOut

router = APIRouter(prefix="/api/v1/runs", tags=["runs"])


@router.get("", responses=problems(BadCursor))
async def list_runs(
    session: Reading,
    kind: Annotated[RunKind | None, Query()] = None,
    status: Annotated[RunStatus | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[RunOut]:
    """Long jobs, newest first."""
    rows = await repository.list_runs(session, kind=kind, status=status, before=_place(cursor), limit=limit + 1)
    page = [service.describe(row) for row in rows[:limit]]
    has_more = len(rows) > limit
    last = page[-1] if has_more else None
    return Page(items=page, next_cursor=encode_cursor([last.created_at.isoformat(), str(last.id)]) if last else None)


@router.get("/{run_id}", responses=problems(service.RunNotFound))
async def get_run(session: Reading, run_id: UUID) -> RunOut:
    """One long job with its progress and outcomes."""
    return await service.show_run(session, run_id)


def _place(cursor: str | None) -> tuple[datetime, UUID] | None:
    if cursor is None:
        return None
    created_at, run_id = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(str(created_at)), UUID(str(run_id))
    except ValueError as fault:
        raise BadCursor("The cursor belongs to another list.") from fault
