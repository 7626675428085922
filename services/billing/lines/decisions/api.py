"""Decisions on invoice lines over HTTP."""

from uuid import UUID

from fastapi import APIRouter

from services.billing.lines.decisions import repository, service
from services.billing.lines.decisions.errors import (
    AgreementNotInPsa,
    EditNotFound,
    LineIsInvoiced,
    ProductNotInPsa,
    StaleVersion,
)
from services.billing.lines.decisions.schemas import DecisionItem, EditableFields, EditToRevert, LineOriginsOut
from services.billing.lines.schemas import LineChange, LineItem
from services.billing.lines.service import LineNotFound
from services.kit.base.errors import problems
from services.kit.web.app import OncePerKey, Reading, Writing
from services.kit.web.idempotency import IdempotencyKeyReused
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page, decode_cursor, encode_cursor

router = APIRouter(prefix="/api/v1/invoice-lines", tags=["invoice-lines"])


@router.get("/editable-fields")
async def list_editable_fields() -> EditableFields:
    """The fields of an invoice line that people may change, and how each is edited."""
    return service.list_fields()


@router.patch(
    "/{line_id}",
    responses=problems(
        LineNotFound, StaleVersion, LineIsInvoiced, AgreementNotInPsa, ProductNotInPsa, IdempotencyKeyReused
    ),
)
async def edit_invoice_line(session: Writing, once: OncePerKey, line_id: UUID, change: LineChange) -> LineItem:
    """Change dates, quantity, price, words, product or agreement of a line, or exclude it."""
    return await once(
        session,
        LineItem,
        lambda: service.edit_line(session, line_id, change.version, change.decisions(), change.reason),
    )


@router.get("/{line_id}/origins", responses=problems(LineNotFound))
async def get_invoice_line_origins(session: Reading, line_id: UUID) -> LineOriginsOut:
    """Where each editable field of a line comes from, who decided it, and why one cannot be changed."""
    return await service.show_origins(session, line_id)


@router.get("/{line_id}/history", responses=problems(BadCursor))
async def list_invoice_line_history(
    session: Reading, line_id: UUID, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[DecisionItem]:
    """What people decided about a line, newest first."""
    rows = await repository.list_history(session, line_id, _place(cursor), limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = encode_cursor([last.id]) if last else None
    return Page(items=[service.describe(row) for row in rows[:limit]], next_cursor=next_cursor)


@router.post(
    "/{line_id}/history/{edit_id}/revert",
    responses=problems(LineNotFound, EditNotFound, StaleVersion, LineIsInvoiced, IdempotencyKeyReused),
)
async def revert_invoice_line_edit(
    session: Writing, once: OncePerKey, line_id: UUID, edit_id: UUID, wanted: EditToRevert
) -> LineItem:
    """Take an edit back; what was decided before it is in force again."""
    return await once(session, LineItem, lambda: service.revert_edit(session, line_id, wanted.version, edit_id))


def _place(cursor: str | None) -> int | None:
    if cursor is None:
        return None
    (decision_id,) = decode_cursor(cursor, 1)
    if not isinstance(decision_id, int):
        raise BadCursor("The cursor belongs to another list.")
    return decision_id
