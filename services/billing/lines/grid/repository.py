"""Statements about lines for people: windows by keyset, totals and groups, each one statement."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Result,
    Select,
    and_,
    func,
    literal_column,
    or_,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import aliased

from services.billing.lines.decisions.models import DecisionRow
from services.billing.lines.fields import FACETS, FieldKind, LineField
from services.billing.lines.filtering.repository import conditions_of, quick_conditions_of
from services.billing.lines.filters import LineFilter
from services.billing.lines.grid.order import Order, Place
from services.billing.lines.models import LINES
from services.billing.lines.table import COLUMNS
from services.billing.mirrors.models import ReferenceRow
from services.kit.base.db import ReadSession

LineValues = dict[str, Any]

_SHOWN = [LINES.c[column.name].label(column.shown_as) for column in COLUMNS if column.shown_as]
_DECISIONS = (
    select(func.jsonb_object_agg(DecisionRow.field, aggregate_order_by(DecisionRow.value, DecisionRow.id)))
    .where(
        DecisionRow.partner_id == LINES.c.partner_id,
        DecisionRow.line_id == LINES.c.id,
        DecisionRow.reverted_at.is_(None),
    )
    .scalar_subquery()
    .label("decisions")
)
# What has no value stands after every day, and before every text.
_LAST = {
    FieldKind.DATE: literal_column("'infinity'::date", Date),
    FieldKind.INSTANT: literal_column("'infinity'::timestamptz", DateTime(timezone=True)),
}
_BILLED = func.coalesce(LINES.c.amount, LINES.c.total)  # rated before rules could price a line
Sorted = Sequence[tuple[ColumnElement[Any], bool]]
"""What lines are sorted by, and whether each goes down."""


def _sort(order: Order) -> tuple[FromClause, Sorted]:
    """The table with whatever has the names that an order needs, and its keys; the line itself comes last."""
    source: FromClause = LINES
    keys: list[tuple[ColumnElement[Any], bool]] = []
    for key in order:
        source, column = _with_value(source, key.field)
        keys.append((column, key.is_descending))
    return source, [*keys, (LINES.c.id, keys[-1][1])]


def _with_value(source: FromClause, field: LineField) -> tuple[FromClause, ColumnElement[Any]]:
    """What people see of a field, as something to sort or group by, never null."""
    column = LINES.c[field.name_column or field.column]
    if field.named_by:
        named = aliased(ReferenceRow)
        is_it = and_(
            named.partner_id == LINES.c.partner_id, named.kind == field.named_by.value, named.external_id == column
        )
        return source.outerjoin(named, is_it), func.coalesce(named.name, column, "")
    if field.name == "amount":
        return source, _BILLED
    if field.kind in _LAST:
        return source, func.coalesce(column, _LAST[field.kind]) if column.nullable else column
    return source, func.coalesce(column, "") if column.nullable else column


def _is_beyond(keys: Sorted, place: Place) -> ColumnElement[bool]:
    """Where a window begins: as one comparison of rows, which an index answers, unless directions differ."""
    values = [*place.values, *([place.line_id] if place.line_id else [])]
    goes_down = [is_descending is not place.is_backward for _, is_descending in keys[: len(values)]]
    columns = [column for column, _ in keys[: len(values)]]
    if len(set(goes_down)) == 1:
        return _compare(tuple_(*columns), tuple_(*values), goes_down[0], place.is_included)
    found: list[ColumnElement[bool]] = []
    for at in range(len(values)):
        is_last = at == len(values) - 1
        same = [column == value for column, value in zip(columns[:at], values[:at], strict=True)]
        found.append(and_(*same, _compare(columns[at], values[at], goes_down[at], place.is_included and is_last)))
    # The first key alone bounds what an index has to read.
    return and_(_compare(columns[0], values[0], goes_down[0], is_included=True), or_(*found))


def _compare(left: Any, right: Any, goes_down: bool, is_included: bool) -> ColumnElement[bool]:
    if goes_down:
        return left <= right if is_included else left < right  # type: ignore[no-any-return]
    return left >= right if is_included else left > right  # type: ignore[no-any-return]


def _in_order(query: Select[*tuple[Any, ...]], keys: Sorted, *, backward: bool = False) -> Select[*tuple[Any, ...]]:
    return query.order_by(
        *(column.desc() if is_descending is not backward else column.asc() for column, is_descending in keys)
    )


async def read_window(
    session: ReadSession, wanted: LineFilter, order: Order, place: Place | None, limit: int
) -> list[LineValues]:
    """Lines in order, as values by name; `sort_0`, `sort_1` and so on beside them make the cursor of each."""
    source, keys = _sort(order)
    sorted_by = [column.label(f"sort_{at}") for at, (column, _) in enumerate(keys[:-1])]
    query = select_shown().add_columns(*sorted_by).select_from(source)
    query = query.where(*await quick_conditions_of(session, wanted))
    if place is not None:
        query = query.where(_is_beyond(keys, place))
    is_backward = place is not None and place.is_backward
    found = by_name(await session.execute(_in_order(query, keys, backward=is_backward).limit(limit)))
    return found[::-1] if is_backward else found


async def select_in_order(session: ReadSession, wanted: LineFilter, order: Order) -> Select[*tuple[Any, ...]]:
    """All lines that match, in order, with what a window shows of each."""
    source, keys = _sort(order)
    query = select_shown().select_from(source).where(*await quick_conditions_of(session, wanted))
    return _in_order(query, keys)


def select_shown() -> Select[*tuple[Any, ...]]:
    """Lines with what the grid shows of them."""
    return select(*_SHOWN, _DECISIONS)


async def find_place(session: ReadSession, wanted: LineFilter, order: Order, position: int) -> Place | None:
    """The place of the line that so many others come before; None where there are not so many."""
    source, keys = _sort(order)
    query: Select[*tuple[Any, ...]] = select(*(column for column, _ in keys)).select_from(source)
    query = query.where(*await quick_conditions_of(session, wanted))
    found = (await session.execute(_in_order(query, keys).offset(position).limit(1))).one_or_none()
    return None if found is None else Place(found[:-1], found[-1], is_included=True)


async def find_ids(session: ReadSession, wanted: LineFilter, limit: int) -> list[UUID]:
    """The lines that match, in the order of their ids."""
    query = select(LINES.c.id).where(*await quick_conditions_of(session, wanted))
    return list((await session.scalars(query.order_by(LINES.c.id).limit(limit))).all())


def by_name(found: Result[*tuple[Any, ...]]) -> list[LineValues]:
    """Plain dictionaries: asking a row for its fields one by one takes as long as all the rest of a window."""
    names = list(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


async def find_line(session: ReadSession, line_id: UUID) -> LineValues | None:
    found = by_name(await session.execute(select_shown().where(LINES.c.id == line_id)))
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Alike:
    """Lines that are alike in everything that is counted by value."""

    values: dict[str, Any]
    """Facet → value; of hold_reason, all of them."""
    count: int
    amount: Decimal
    in_month: int
    """Lines of the month alike in this, whatever else is filtered; without a month, the same as `count`."""
    amount_in_month: Decimal


async def read_alike(session: ReadSession, wanted: LineFilter) -> list[Alike]:
    """A few hundred rows whatever the number of lines. What facets filter is left to whoever adds up.

    One statement for the month and for the filter: both are from the same instant.
    """
    columns = [LINES.c[field.column] for field in FACETS]
    facets = [field.parameter(operator) for field in FACETS for operator in field.operators]
    narrowing = await quick_conditions_of(session, wanted.without("period", *facets))
    count, amount = func.count(), func.sum(LINES.c.total)
    sums: list[ColumnElement[Any]] = [count, amount, count, amount]
    if wanted.period is None:
        of_month = narrowing
    else:
        of_month = conditions_of(LineFilter(period=wanted.period))
        if narrowing:
            sums[:2] = [count.filter(*narrowing), func.coalesce(amount.filter(*narrowing), 0)]
    query = select(*columns, *sums).where(*of_month).group_by(*columns)
    names = [field.name for field in FACETS]
    return [
        Alike(dict(zip(names, row[: len(names)], strict=True)), *row[len(names) :])
        for row in await session.execute(query)
    ]


_SUMS = ("currency", "lines", "amount", "ready", "held")


@dataclass(frozen=True, slots=True)
class GroupSum:
    """Lines of one group in one currency."""

    key: str
    name: str
    currency: str
    lines: int
    amount: Decimal
    ready: int
    held: int


async def read_groups(
    session: ReadSession, wanted: LineFilter, field: LineField, after: tuple[str, str] | None, limit: int
) -> list[GroupSum]:
    """The next groups by name, each with all its currencies."""
    source, name = _with_value(LINES, field)
    key = func.coalesce(LINES.c[field.column], "").label("key")
    shown = func.max(name).label("name")
    total = func.sum(LINES.c.total)
    by_status = [func.count().filter(LINES.c.status == status) for status in ("ready", "held")]
    sums = (
        select(key, shown, LINES.c.currency, func.count().label("lines"), total.label("amount"))
        .add_columns(*(each.label(name) for each, name in zip(by_status, ("ready", "held"), strict=True)))
        .select_from(source)
        .where(*await quick_conditions_of(session, wanted))
        .group_by(key, LINES.c.currency)
        .cte("sums")
    )
    place = (func.max(sums.c.name).label("name"), sums.c.key)
    groups = select(*place).group_by(sums.c.key)
    if after is not None:
        groups = groups.having(tuple_(func.max(sums.c.name), sums.c.key) > after)
    page = groups.order_by(*place).limit(limit).subquery()
    query = (
        select(page.c.key, page.c.name, *(sums.c[name] for name in _SUMS))
        .join(page, page.c.key == sums.c.key)
        .order_by(page.c.name, page.c.key, sums.c.currency)
    )
    return [GroupSum(*row) for row in await session.execute(query)]
