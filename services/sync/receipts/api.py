"""Receipts over HTTP."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from services.contracts.periods import Period
from services.kit.base.errors import problems
from services.kit.sheets.csv_files import write_csv
from services.kit.sheets.formats import BINARY_BODIES, FileFormat
from services.kit.web.app import Reading
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page, decode_cursor, encode_cursor
from services.sync.receipts import repository, service
from services.sync.receipts.export import list_sheets
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


@router.get(
    "/{run_id}/export",
    response_class=Response,
    responses={
        200: {"content": BINARY_BODIES},
        **problems(service.ReceiptNotFound),
    },
)
async def export_receipt(
    session: Reading, run_id: UUID, file_format: Annotated[FileFormat, Query(alias="format")] = FileFormat.CSV
) -> Response:
    """A receipt with all its lists, as one file for a spreadsheet."""
    receipt = await service.show_receipt(session, run_id)
    body = await asyncio.to_thread(_write, receipt, file_format)
    name = f"receipt-{receipt.period}-{run_id}.{file_format.value}"
    return Response(
        body, media_type=file_format.media_type, headers={"content-disposition": f'attachment; filename="{name}"'}
    )


def _write(receipt: ReceiptOut, file_format: FileFormat) -> bytes:
    sheets = list_sheets(receipt)
    if file_format is FileFormat.CSV:
        return write_csv(sheets)
    from services.kit.sheets.workbooks import write_xlsx  # a fifth of a second that not every start has to take

    return write_xlsx(sheets)


def _place(cursor: str | None) -> UUID | None:
    if cursor is None:
        return None
    try:
        return UUID(str(decode_cursor(cursor, 1)[0]))
    except ValueError as fault:
        raise BadCursor("The cursor belongs to another list.") from fault
