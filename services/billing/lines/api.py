"""Invoice lines over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.billing.lines import editing, service
from services.billing.lines.repository import LineFilter
from services.billing.lines.schemas import LineChange, LineItem, LineSort, LineTotals
from services.contracts.periods import Period
from services.contracts.vocabulary import HoldReason, LineStatus
from services.kit.base.errors import problems
from services.kit.web.app import OncePerKey, Reading, Writing
from services.kit.web.idempotency import IdempotencyKeyReused
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page

router = APIRouter(prefix="/api/v1/invoice-lines", tags=["invoice-lines"])


def filter_lines(
    period: Annotated[Period | None, Query(description="YYYY-MM")] = None,
    status: Annotated[list[LineStatus] | None, Query(description="May be given several times")] = None,
    organization: Annotated[str | None, Query(max_length=300, description="Id or whole name")] = None,
    charge_type: Annotated[str | None, Query(max_length=100)] = None,
    currency: Annotated[str | None, Query(max_length=10)] = None,
    search: Annotated[str | None, Query(max_length=200, description="Text in a name or invoice number")] = None,
    hold_reason: HoldReason | None = None,
) -> LineFilter:
    """The filter that list and totals share."""
    return LineFilter(period, tuple(status or ()), organization, charge_type, currency, search, hold_reason)


Filter = Annotated[LineFilter, Depends(filter_lines)]


@router.get("", responses=problems(BadCursor))
async def list_invoice_lines(
    session: Reading,
    wanted: Filter,
    sort: LineSort = LineSort.ORGANIZATION,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[LineItem]:
    """One window of the invoice lines that match."""
    return await service.list_lines(session, wanted, sort, limit, cursor)


@router.get("/totals")
async def total_invoice_lines(session: Reading, wanted: Filter) -> LineTotals:
    """How many lines match, and how much money is in which state."""
    return await service.total_lines(session, wanted)


@router.get("/{line_id}", responses=problems(service.LineNotFound))
async def get_invoice_line(session: Reading, line_id: UUID) -> LineItem:
    """One invoice line."""
    return await service.show_line(session, line_id)


@router.patch(
    "/{line_id}",
    responses=problems(service.LineNotFound, editing.StaleVersion, editing.AgreementNotInPsa, IdempotencyKeyReused),
)
async def edit_invoice_line(session: Writing, once: OncePerKey, line_id: UUID, change: LineChange) -> LineItem:
    """Change dates or agreement of a line, or exclude it."""
    return await once(session, LineItem, lambda: editing.edit_line(session, line_id, change))
