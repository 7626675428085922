"""Invoice lines over HTTP."""

from decimal import InvalidOperation
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.billing.lines import repository, service
from services.billing.lines.schemas import LineFilter, LineItem, LineSort, LineTotals, SortValue, read_sort_value
from services.contracts.periods import Period
from services.contracts.vocabulary import HoldReason, LineStatus
from services.kit.base.errors import problems
from services.kit.web.app import Reading
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page, decode_cursor, encode_cursor

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
    return LineFilter(
        period=period,
        status=tuple(status or ()),
        organization=organization,
        charge_type=charge_type,
        currency=currency,
        search=search,
        hold_reason=hold_reason,
    )


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
    rows = await repository.read_window(session, wanted, sort, _place(sort, cursor), limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    next_cursor = encode_cursor([sort, str(last["sort_value"]), str(last["id"])]) if last else None
    return Page(items=await service.describe_all(session, rows[:limit]), next_cursor=next_cursor)


@router.get("/totals")
async def total_invoice_lines(session: Reading, wanted: Filter) -> LineTotals:
    """How many lines match, and how much money is in which state."""
    return await service.total_lines(session, wanted)


@router.get("/{line_id}", responses=problems(service.LineNotFound))
async def get_invoice_line(session: Reading, line_id: UUID) -> LineItem:
    """One invoice line."""
    return await service.show_line(session, line_id)


def _place(sort: LineSort, cursor: str | None) -> tuple[SortValue, UUID] | None:
    if cursor is None:
        return None
    order, value, line_id = decode_cursor(cursor, 3)
    if order != sort:
        raise BadCursor("The cursor belongs to another sort order.")
    try:
        return read_sort_value(sort, str(value)), UUID(str(line_id))
    except (ValueError, InvalidOperation) as error:
        raise BadCursor("The cursor cannot be read.") from error
