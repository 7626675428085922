"""The system log: what happened in the last 30 days."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.audit.system_log import service
from services.audit.system_log.schemas import LogEntry, LogSummary
from services.contracts.vocabulary import LogLevel
from services.kit.base.errors import problems
from services.kit.web.app import Reading
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page

router = APIRouter(prefix="/api/v1/system-logs", tags=["system-logs"])


@router.get("", responses=problems(BadCursor))
async def list_system_logs(
    session: Reading,
    level: LogLevel | None = None,
    search: Annotated[str | None, Query(max_length=200, description="Text in title or details")] = None,
    run_id: UUID | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[LogEntry]:
    """What happened, newest first."""
    return await service.list_rows(session, level=level, search=search, run_id=run_id, limit=limit, cursor=cursor)


@router.get("/summary")
async def summarise_system_logs(session: Reading) -> LogSummary:
    """How much happened, and how much of it went wrong."""
    return await service.summarise(session)
