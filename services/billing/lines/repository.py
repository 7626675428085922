"""Reads lines for the grid: one window by keyset, totals by one grouped statement."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Result, Select, func, literal_column, or_, select, tuple_

from services.billing.lines.models import LineRow
from services.billing.lines.schemas import LineItem, LineSort
from services.billing.mapping.models import OrganizationRow
from services.contracts.vocabulary import HoldReason, LineStatus
from services.kit.base.db import ReadSession

LineValues = dict[str, Any]
SortValue = str | Decimal | date

_TABLE = LineRow.__table__
# Field of the grid's item → column, where they differ.
_RENAMED = {
    "organization": "organization_name",
    "offer": "offer_name",
    "subscription": "subscription_name",
    "charge_start_date": "charge_start",
    "charge_end_date": "charge_end",
    "excluded": "is_excluded",
}
_COLUMN_OF = {field: _RENAMED.get(field, field) for field in LineItem.model_fields}
_ORIGINS = ("{}_provenance", "source_{}", "system_{}", "user_{}", "{}_explanation")
_SHOWN = [
    *(_TABLE.c[name].label(field) for field, name in _COLUMN_OF.items() if name in _TABLE.c),
    *(_TABLE.c[name.format(which)] for which in ("start", "end") for name in _ORIGINS),
]
_FOREVER = literal_column("'infinity'::date", Date)
_SORTS: dict[str, ColumnElement[Any]] = {
    "organization": _TABLE.c.organization_name,
    "offer": _TABLE.c.offer_name,
    "subscription": _TABLE.c.subscription_name,
    "invoice_number": _TABLE.c.invoice_number,
    "charge_type": _TABLE.c.charge_type,
    "status": _TABLE.c.status,
    "quantity": _TABLE.c.quantity,
    "total": _TABLE.c.total,
    "charge_start_date": func.coalesce(_TABLE.c.charge_start, _FOREVER),
    "charge_end_date": func.coalesce(_TABLE.c.charge_end, _FOREVER),
}


@dataclass(frozen=True, slots=True)
class LineFilter:
    """What people look for. `organization` is an id or a whole name, `search` a text in any name or number."""

    period: str | None = None
    statuses: Sequence[LineStatus] = field(default_factory=tuple)
    organization: str | None = None
    charge_type: str | None = None
    currency: str | None = None
    search: str | None = None
    hold_reason: HoldReason | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = []
        if self.period is not None:
            wanted.append(LineRow.period == self.period)
        if len(self.statuses) == 1:
            wanted.append(LineRow.status == self.statuses[0].value)
        elif self.statuses:
            wanted.append(LineRow.status.in_([each.value for each in self.statuses]))
        if self.organization is not None:
            known = or_(OrganizationRow.id == self.organization, OrganizationRow.name == self.organization)
            wanted.append(LineRow.organization_id.in_(select(OrganizationRow.id).where(known)))
        if self.charge_type is not None:
            wanted.append(LineRow.charge_type == self.charge_type)
        if self.currency is not None:
            wanted.append(LineRow.currency == self.currency.upper())
        if self.hold_reason is not None:
            wanted.append(LineRow.hold_reasons.contains([self.hold_reason.value]))
        return [*wanted, *self._search()]

    def _search(self) -> list[ColumnElement[bool]]:
        if not self.search:
            return []
        pattern = re.sub(r"([%_\\])", r"\\\1", self.search)
        return [LineRow.search_text.like(func.lower(f"%{pattern}%"), escape="\\")]


async def read_window(
    session: ReadSession, wanted: LineFilter, sort: LineSort, after: tuple[SortValue, UUID] | None, limit: int
) -> Sequence[LineValues]:
    """Lines in order, as values by name; `sort_value` beside them is what the next window goes on from."""
    order = _SORTS[sort.lstrip("-")]
    is_descending = sort.startswith("-")
    query: Select[*tuple[Any, ...]] = select(*_SHOWN, order.label("sort_value")).where(*wanted.conditions())
    if after is not None:
        place = tuple_(order, _TABLE.c.id)
        query = query.where(place < after if is_descending else place > after)
    by = (order.desc(), _TABLE.c.id.desc()) if is_descending else (order, _TABLE.c.id)
    return _by_name(await session.execute(query.order_by(*by).limit(limit)))


def _by_name(found: Result[*tuple[Any, ...]]) -> list[LineValues]:
    """Plain dictionaries: asking a row for its fields one by one takes as long as all the rest of a window."""
    names = list(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


def read_sort_value(sort: LineSort, text: str) -> SortValue:
    """A sort value as a cursor spells it.

    Raises:
        ValueError: the text is none of this order.
    """
    match sort.lstrip("-"):
        case "total" | "quantity":
            value = Decimal(text)
            if not value.is_finite():
                raise ValueError(text)
            return value
        case "charge_start_date" | "charge_end_date":
            return date.fromisoformat(text)
        case _:
            return text


async def find_line(session: ReadSession, line_id: UUID) -> LineValues | None:
    query: Select[*tuple[Any, ...]] = select(*_SHOWN).where(_TABLE.c.id == line_id)
    found = _by_name(await session.execute(query))
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class Subtotal:
    """Lines alike in status, reasons and currency."""

    status: LineStatus
    hold_reasons: Sequence[str]
    currency: str
    count: int
    amount: Decimal


async def read_subtotals(session: ReadSession, wanted: LineFilter) -> list[Subtotal]:
    """A few dozen rows whatever the number of lines: combinations of reasons are few."""
    alike = (LineRow.status, LineRow.hold_reasons, LineRow.currency)
    query = select(*alike, func.count(), func.sum(LineRow.total)).where(*wanted.conditions()).group_by(*alike)
    return [Subtotal(LineStatus(row[0]), *row[1:]) for row in await session.execute(query)]
