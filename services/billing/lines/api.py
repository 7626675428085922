"""Invoice lines over HTTP."""

from decimal import InvalidOperation
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query

from services.billing.lines import service
from services.billing.lines.filters import MOST_KEYS, LineFilter, LineGrouping, LineSort, read_filter
from services.billing.lines.grid import service as grid
from services.billing.lines.grid.order import Order, Place, read_order, read_place, read_start
from services.billing.lines.schemas import (
    FilterableFields,
    LineGroup,
    LineItem,
    LineItemPage,
    LineSelection,
    LineTotals,
)
from services.kit.base.db import ReadSession
from services.kit.base.errors import BadRequest, problems
from services.kit.web.app import Reading
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page

router = APIRouter(prefix="/api/v1/invoice-lines", tags=["invoice-lines"])

Filter = Annotated[LineFilter, Depends(read_filter)]
Sorts = Annotated[
    list[LineSort],
    Query(max_length=MOST_KEYS, description="The first decides, each other where those before are equal"),
]
BY_ORGANIZATION = LineSort("organization")


class NoSuchPlace(BadRequest):
    """A window can begin in one way, and only at something that its order knows."""

    action = "Give one of 'cursor', 'position' and 'starting_at', the last as a value of the first field of the order."


class WindowStart:
    """Where a window begins, however it was said."""

    def __init__(
        self,
        cursor: Cursor = None,
        position: Annotated[int | None, Query(ge=0, description="Begin at this line; the first is 0")] = None,
        starting_at: Annotated[
            str | None, Query(max_length=300, description="Begin where the first field of the order has this value")
        ] = None,
    ) -> None:
        self.cursor, self.position, self.starting_at = cursor, position, starting_at

    async def find(self, session: ReadSession, wanted: LineFilter, order: Order) -> Place | None:
        """The place; None for the beginning. BadCursor, NoSuchPlace."""
        if sum(each is not None for each in (self.cursor, self.position, self.starting_at)) > 1:
            raise NoSuchPlace("The window is told to begin at several places.")
        if self.cursor is not None:
            return read_place(order, self.cursor)
        if self.starting_at is not None:
            try:
                return read_start(order, self.starting_at, getattr(wanted, "currency", None) or ())
            except (ValueError, InvalidOperation) as fault:
                raise NoSuchPlace(f"The order has no place {self.starting_at!r}.") from fault
        if not self.position:
            return None
        place = await grid.find_place(session, wanted, order, self.position)
        if place is None:
            raise NoSuchPlace(f"There are not more than {self.position} lines.")
        return place


@router.get("", responses=problems(BadCursor, NoSuchPlace))
async def list_invoice_lines(
    session: Reading,
    wanted: Filter,
    start: Annotated[WindowStart, Depends()],
    sort: Sorts = [BY_ORGANIZATION],  # noqa: B006 - FastAPI copies it
    limit: Limit = DEFAULT_LIMIT,
) -> LineItemPage:
    """One window of the invoice lines that match."""
    order = read_order(sort)
    return await grid.read_page(session, wanted, order, await start.find(session, wanted, order), limit)


@router.get("/totals")
async def total_invoice_lines(session: Reading, wanted: Filter) -> LineTotals:
    """How many lines match, how much money is in which state, and how many have which value."""
    return await grid.total_lines(session, wanted)


@router.get("/groups", responses=problems(BadCursor))
async def group_invoice_lines(
    session: Reading, wanted: Filter, by: LineGrouping, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[LineGroup]:
    """The lines that match, added up by one field, in the order of names."""
    return await grid.list_groups(session, wanted, by, limit, cursor)


@router.get("/selection", responses=problems(grid.CannotBeSelected))
async def select_invoice_lines(session: Reading, wanted: Filter) -> LineSelection:
    """The lines that match, by id: what a plan of these lines is asked for with."""
    return await grid.select_lines(session, wanted)


@router.get("/filterable-fields")
async def list_filterable_fields() -> FilterableFields:
    """The fields that lines are filtered, sorted, counted and grouped by, and the parameters of each."""
    return grid.list_fields()


@router.get("/{line_id}", responses=problems(service.LineNotFound))
async def get_invoice_line(session: Reading, line_id: UUID) -> LineItem:
    """One invoice line."""
    return await service.show_line(session, line_id)
