"""Receipts over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from services.contracts.periods import Period
from services.kit.base.errors import problems
from services.kit.web.app import Reading
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page, decode_cursor, encode_cursor
from services.sync.receipts import repository, service
from services.sync.receipts.schemas import ReceiptOut, ReceiptSummary

router = APIRouter(prefix="/api/v1/receipts", tags=["receipts"])


@router.get("", responses=problems(BadCursor))
async def list_receipts(
    session: Reading,
    period: Annotated[Period | None, Query()] = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[ReceiptSummary]:
    """Receipts, newest first, without their lists."""
    rows = await repository.list_receipts(session, period=period, before=_place(cursor), limit=limit + 1)
    page = [service.summarize(row) for row in rows[:limit]]
    return Page(items=page, next_cursor=encode_cursor([str(page[-1].run_id)]) if len(rows) > limit else None)


@router.get("/{run_id}", responses=problems(service.ReceiptNotFound))
async def get_receipt(session: Reading, run_id: UUID) -> ReceiptOut:
    """The proof of one push: what AppXite charged, what ConnectWise holds, and everything in between."""
    return await service.show_receipt(session, run_id)


def _place(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(decode_cursor(cursor, 1)[0]))
    except ValueError as fault:
        raise BadCursor("The cursor belongs to another list.") from fault
