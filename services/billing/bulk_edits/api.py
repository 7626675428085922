"""Bulk edits over HTTP: preview, apply, undo, redo."""

import asyncio
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, status

from services.billing.bulk_edits import service, skipped
from services.billing.bulk_edits.changes import SkipReason
from services.billing.bulk_edits.errors import (
    BulkEditIsNotReady,
    BulkEditNotFound,
    FileNotReadable,
    LinesUnknown,
    ReasonRequired,
)
from services.billing.bulk_edits.schemas import (
    BulkEditIn,
    BulkEditOut,
    BulkEditToApply,
    ImportedFile,
    RefusedCellItem,
    SkippedLine,
)
from services.billing.line_files.reading import FileUnreadable, find_format
from services.billing.lines.decisions.errors import AgreementNotInPsa, ProductNotInPsa
from services.billing.settings import BillingSettings
from services.contracts.periods import Period
from services.kit.base.errors import BodyTooLarge, problems
from services.kit.sheets.formats import BINARY_BODIES
from services.kit.web.app import OncePerKey, Reading, Writing
from services.kit.web.idempotency import IdempotencyKeyReused
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page

router = APIRouter(prefix="/api/v1/bulk-edits", tags=["bulk-edits"])


def reason_limit(request: Request) -> int | None:
    """How many lines may change without a reason; None asks for none."""
    settings: BillingSettings = request.app.state.settings
    return settings.bulk_edit_reason_above


ReasonAbove = Annotated[int | None, Depends(reason_limit)]


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(AgreementNotInPsa, ProductNotInPsa, LinesUnknown, IdempotencyKeyReused),
)
async def post_bulk_edit(session: Writing, once: OncePerKey, wanted: BulkEditIn, limit: ReasonAbove) -> BulkEditOut:
    """Preview one change of many lines. Nothing is changed before it is applied."""
    return await once(session, BulkEditOut, lambda: service.request_preview(session, wanted, limit))


@router.post(
    "/files",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(FileNotReadable, BodyTooLarge, IdempotencyKeyReused),
    openapi_extra={"requestBody": {"required": True, "content": BINARY_BODIES}},
)
async def import_bulk_edit(
    request: Request,
    session: Writing,
    once: OncePerKey,
    limit: ReasonAbove,
    name: Annotated[str, Query(min_length=1, max_length=200, description="The file's name")],
    period: Annotated[Period | None, Query(description="YYYY-MM; lines of other months are refused")] = None,
    reason: Annotated[str, Query(max_length=500)] = "",
) -> BulkEditOut:
    """Read an exported file that was edited, and preview what it changes. Nothing is changed before it is applied.

    Rows find their lines by `Line` and `Version`. Cells that cannot be taken are listed with the reason, and the others
    are still previewed: `GET …/refused-cells`.
    """
    content = await request.body()
    try:
        file = ImportedFile(name=name, format=await asyncio.to_thread(find_format, content), period=period)
    except FileUnreadable as fault:
        raise FileNotReadable(str(fault)) from fault
    return await once(session, BulkEditOut, lambda: service.request_import(session, content, file, reason, limit))


@router.get("", responses=problems(BadCursor))
async def list_bulk_edits(
    session: Reading, reason_above: ReasonAbove, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[BulkEditOut]:
    """Bulk edits, newest first."""
    return await service.list_page(session, limit, cursor, reason_above)


@router.get("/{bulk_edit_id}", responses=problems(BulkEditNotFound))
async def get_bulk_edit(session: Reading, bulk_edit_id: UUID, limit: ReasonAbove) -> BulkEditOut:
    """One bulk edit with its preview and progress."""
    return await service.show(session, bulk_edit_id, limit)


@router.get("/{bulk_edit_id}/refused-cells", responses=problems(BulkEditNotFound, BadCursor))
async def list_refused_cells(
    session: Reading, bulk_edit_id: UUID, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[RefusedCellItem]:
    """Cells and rows of an imported file that change nothing, each with the reason, in the order of the file."""
    return await service.list_refused(session, bulk_edit_id, limit, cursor)


@router.get("/{bulk_edit_id}/skipped", responses=problems(BulkEditNotFound, BulkEditIsNotReady, BadCursor))
async def list_bulk_edit_skipped(
    session: Reading,
    bulk_edit_id: UUID,
    reason: SkipReason | None = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[SkippedLine]:
    """Lines that a ready bulk edit leaves as they are, with the reason. A page may be short and have a next one."""
    return await skipped.list_skipped(session, bulk_edit_id, reason, limit, cursor)


_CHANGES = problems(BulkEditNotFound, BulkEditIsNotReady, IdempotencyKeyReused)


@router.post(
    "/{bulk_edit_id}/apply",
    status_code=status.HTTP_202_ACCEPTED,
    responses=problems(BulkEditNotFound, BulkEditIsNotReady, ReasonRequired, IdempotencyKeyReused),
)
async def apply_bulk_edit(
    session: Writing, once: OncePerKey, bulk_edit_id: UUID, limit: ReasonAbove, said: BulkEditToApply
) -> BulkEditOut:
    """Make the previewed change: all lines together, or none where any has moved since the preview."""
    return await once(session, BulkEditOut, lambda: service.apply(session, bulk_edit_id, said.reason, limit))


@router.post("/{bulk_edit_id}/undo", status_code=status.HTTP_202_ACCEPTED, responses=_CHANGES)
async def undo_bulk_edit(session: Writing, once: OncePerKey, bulk_edit_id: UUID, limit: ReasonAbove) -> BulkEditOut:
    """Take the whole edit back, as long as none of its lines was sent since."""
    return await once(session, BulkEditOut, lambda: service.undo(session, bulk_edit_id, limit))


@router.post("/{bulk_edit_id}/redo", status_code=status.HTTP_202_ACCEPTED, responses=_CHANGES)
async def redo_bulk_edit(session: Writing, once: OncePerKey, bulk_edit_id: UUID, limit: ReasonAbove) -> BulkEditOut:
    """Put an edit in force again that was taken back."""
    return await once(session, BulkEditOut, lambda: service.redo(session, bulk_edit_id, limit))
