"""Windows, totals and groups of lines, and what they can be filtered by."""

from collections.abc import Sequence
from itertools import groupby
from uuid import UUID

from services.billing.lines import service as lines
from services.billing.lines.fields import FIELDS, LineField, Operator
from services.billing.lines.filters import LineFilter, LineGrouping
from services.billing.lines.grid import repository
from services.billing.lines.grid.order import Order, Place, write_place
from services.billing.lines.grid.repository import GroupSum, LineValues
from services.billing.lines.grid.totals import add_up
from services.billing.lines.schemas import (
    FilterableField,
    FilterableFields,
    LineGroup,
    LineItemPage,
    LineSelection,
    LineTotals,
)
from services.contracts.shapes import Tally
from services.kit.base.db import ReadSession
from services.kit.base.errors import BadRequest
from services.kit.web.paging import Page, decode_cursor, encode_cursor

MOST_SELECTED = 10_000  # as many as a plan names


async def read_page(
    session: ReadSession, wanted: LineFilter, order: Order, place: Place | None, limit: int
) -> LineItemPage:
    """The window that begins at a place, or ends there, with the way on in both directions."""
    rows = await repository.read_window(session, wanted, order, place, limit + 1)
    has_more, is_backward = len(rows) > limit, place is not None and place.is_backward
    rows = rows[-limit:] if is_backward else rows[:limit]
    goes_on = rows and (has_more or is_backward)
    goes_back = rows and (has_more if is_backward else place is not None)
    return LineItemPage(
        items=await lines.describe_all(session, rows),
        next_cursor=_cursor_of(order, rows[-1], is_backward=False) if goes_on else None,
        previous_cursor=_cursor_of(order, rows[0], is_backward=True) if goes_back else None,
    )


def _cursor_of(order: Order, row: LineValues, *, is_backward: bool) -> str:
    line_id: UUID = row["id"]
    return write_place(order, [row[f"sort_{at}"] for at in range(len(order))], line_id, is_backward=is_backward)


async def find_place(session: ReadSession, wanted: LineFilter, order: Order, position: int) -> Place | None:
    """The place of the line that so many others come before; None where there are not so many."""
    return await repository.find_place(session, wanted, order, position)


async def total_lines(session: ReadSession, wanted: LineFilter) -> LineTotals:
    """How much is ready, held, excluded, sent; by value of each facet; and in the whole month."""
    return add_up(await repository.read_alike(session, wanted), wanted)


async def list_groups(
    session: ReadSession, wanted: LineFilter, by: LineGrouping, limit: int, cursor: str | None
) -> Page[LineGroup]:
    """Lines added up by one field, in the order of names."""
    after: tuple[str, str] | None = None
    if cursor is not None:
        name, key = map(str, decode_cursor(cursor, 2))
        after = (name, key)
    sums = await repository.read_groups(session, wanted, FIELDS[by], after, limit + 1)
    groups = [_as_group(list(parts)) for _, parts in groupby(sums, key=lambda each: (each.name, each.key))]
    last = groups[limit - 1] if len(groups) > limit else None
    return Page(items=groups[:limit], next_cursor=encode_cursor([last.name, last.key]) if last else None)


def _as_group(sums: Sequence[GroupSum]) -> LineGroup:
    return LineGroup(
        key=sums[0].key,
        name=sums[0].name,
        lines=Tally(count=sum(each.lines for each in sums), amounts={each.currency: each.amount for each in sums}),
        ready=sum(each.ready for each in sums),
        held=sum(each.held for each in sums),
    )


class CannotBeSelected(BadRequest):
    """A plan is about one month, and names at most ten thousand lines."""

    action = "Filter by one month, and so that fewer lines match; or plan the whole month."


async def select_lines(session: ReadSession, wanted: LineFilter) -> LineSelection:
    """The lines that match, as a plan takes them. None at all would be a plan for everybody, so it is refused."""
    if wanted.period is None:
        raise CannotBeSelected("The filter names no month.")
    found = await repository.find_ids(session, wanted, MOST_SELECTED + 1)
    if not found:
        raise CannotBeSelected("No line matches.")
    if len(found) > MOST_SELECTED:
        raise CannotBeSelected(f"More than {MOST_SELECTED} lines match, which is the most that a plan names.")
    return LineSelection(period=wanted.period, lines=found)


def list_fields() -> FilterableFields:
    """Every field that lines can be filtered by."""
    return FilterableFields(items=[_describe(field) for field in FIELDS.values()])


def _describe(field: LineField) -> FilterableField:
    return FilterableField(
        name=field.name,
        label=field.label,
        kind=field.kind,
        parameters={_spell(operator): field.parameter(operator) for operator in field.operators},
        values=[each.value for each in field.values] if field.values else None,
        sortable=field.is_sortable,
        facet=field.is_facet,
        group=field.is_group,
    )


def _spell(operator: Operator) -> str:
    return operator.value or "any"
