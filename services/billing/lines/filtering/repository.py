"""The lines that a filter finds, as conditions: one builder for each operator of `fields`, values always parameters.

Row-level security lets PostgreSQL use an index only for comparisons that cannot leak, which LIKE is not. So a search
first reads the few names that hold its longest word, and then looks up lines by the ids of what has these names.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Text, and_, any_, cast, func, literal, or_, select
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from services.billing.lines.decisions.models import DecisionRow
from services.billing.lines.fields import FieldKind, LineField, Operator
from services.billing.lines.filtering.models import LineNameRow
from services.billing.lines.filters import LineFilter
from services.billing.lines.models import LINES
from services.billing.lines.table import COLUMNS, Kind
from services.billing.mapping.models import OrganizationRow
from services.billing.matching import is_one_of
from services.billing.mirrors.models import ReferenceRow
from services.kit.base.db import ReadSession

FEW_NAMES = 1_000  # more are not rare: then reading the month is as quick
SHORTEST_WORD = 3  # characters; shorter ones are in thousands of names
_TEXTS = ARRAY(Text())
_IS_TEXT = {column.name for column in COLUMNS if column.kind is Kind.TEXT}
_IDS = {
    "organization": LINES.c.organization_id,
    "offer": LINES.c.offer_id,
    "subscription": LINES.c.subscription_id,
    "invoice": LINES.c.invoice_id,
}
"""Kind of a name → what it is the name of; each has an index that begins with it."""

_NEWEST_VALUE = func.array_agg(aggregate_order_by(DecisionRow.value, DecisionRow.id.desc()), type_=ARRAY(JSONB))[1]

Condition = ColumnElement[bool]


def conditions_of(wanted: LineFilter) -> list[Condition]:
    """The lines that match a filter."""
    found = [_CONDITIONS[member.operator](member.field, value) for member, value in wanted.given()]
    return found + [_contains(LINES.c.search_text, word) for word in words_of(wanted.search)]


async def quick_conditions_of(session: ReadSession, wanted: LineFilter) -> list[Condition]:
    """The same lines, by way of an index where the filter looks for a rare word."""
    found = conditions_of(wanted)
    longest = max(words_of(wanted.search), key=len, default="")
    if len(longest) >= SHORTEST_WORD:
        query = select(LineNameRow.kind, LineNameRow.id).where(_contains(LineNameRow.name, longest))
        names = [(kind, of) for kind, of in await session.execute(query.limit(FEW_NAMES + 1))]
        if len(names) <= FEW_NAMES:
            of_kind = {kind: [of for each, of in names if each == kind] for kind in {kind for kind, _ in names}}
            found.append(or_(literal(False), *(is_one_of(_IDS[kind], ids) for kind, ids in of_kind.items())))
    return found


def words_of(search: str | None) -> list[str]:
    """What has to be in a line's names: each word by itself, so that they may stand in several names."""
    return (search or "").split()


def _contains(column: ColumnElement[Any] | Any, text: str) -> Condition:
    """Of a column that is in small letters."""
    pattern = re.sub(r"([%_\\])", r"\\\1", text)
    matches: Condition = column.like(func.lower(f"%{pattern}%"), escape="\\")
    return matches


def _any_of(field: LineField, value: Any) -> Condition:
    column = LINES.c[field.column]
    matches: Condition
    if field.kind in (FieldKind.MONTH, FieldKind.FLAG):
        matches = column == value
    elif field.kind is FieldKind.EDITS:
        matches = LINES.c.id.in_(_decided(is_one_of(DecisionRow.field, list(value))))
    elif field.kind is FieldKind.NAME:
        matches = _is_named(field, list(value))
    elif field.column == "hold_reasons":
        matches = column.overlap(list(value))
    else:
        values = [str(each).upper() if field.column == "currency" else str(each) for each in value]
        # An equality leaves the index in order.
        matches = column == values[0] if len(values) == 1 else is_one_of(column, values)
    return matches


def _is_named(field: LineField, values: list[str]) -> Condition:
    """Id or whole name, as one array of ids: it is looked up in an index, which an OR of both would not be."""
    column = LINES.c[field.column]
    if field.name_column:
        if field.name == "organization":
            known = select(OrganizationRow.id).where(_is_either(OrganizationRow.id, OrganizationRow.name, values))
        else:
            known = select(LineNameRow.id).where(
                LineNameRow.kind == field.name,
                LineNameRow.digest.in_([func.md5(func.lower(each)) for each in values]),
            )
    else:
        known = select(ReferenceRow.external_id).where(
            ReferenceRow.kind == field.named_by, _is_either(ReferenceRow.external_id, ReferenceRow.name, values)
        )
    ids = func.array(known.scalar_subquery(), type_=_TEXTS)
    matches: Condition = column == any_(func.array_cat(ids, cast(literal(values, _TEXTS), _TEXTS), type_=_TEXTS))
    return matches


def _is_either(of: Any, name: Any, values: list[str]) -> Condition:
    return or_(is_one_of(of, values), is_one_of(name, values))


def _none_of(field: LineField, value: Any) -> Condition:
    return _any_of(field, value).is_not(True)  # what has no value is none of them


def _has_text(field: LineField, text: str) -> Condition:
    if field.named_by:
        named = and_(ReferenceRow.kind == field.named_by.value, _contains(func.lower(ReferenceRow.name), text))
        return LINES.c[field.column].in_(select(ReferenceRow.external_id).where(named))
    return _contains(func.lower(LINES.c[field.name_column or field.column]), text)


def _is_empty(field: LineField, wanted: bool) -> Condition:
    column = LINES.c[field.column]
    empty: Condition
    if field.kind is FieldKind.EDITS:
        empty = column.not_in(_decided())
    elif field.column == "hold_reasons":
        empty = func.cardinality(column) == 0
    elif field.column in _IS_TEXT:
        empty = func.coalesce(column, "") == ""
    else:
        empty = column.is_(None)
    return empty if wanted else ~empty


def _decided(*about: Condition) -> Any:
    """Lines on which a person's value is in force: the newest decision on some field gives it none back."""
    newest = (
        select(DecisionRow.line_id, DecisionRow.field)
        .where(DecisionRow.reverted_at.is_(None), *about)
        .group_by(DecisionRow.line_id, DecisionRow.field)
        .having(func.jsonb_typeof(_NEWEST_VALUE) != "null")
    )
    return select(newest.subquery().c.line_id)


def _at_least(field: LineField, bound: Any) -> Condition:
    least = datetime.combine(bound, time.min, UTC) if field.kind is FieldKind.INSTANT else bound
    matches: Condition = LINES.c[field.column] >= least
    return matches


def _at_most(field: LineField, bound: Any) -> Condition:
    most = datetime.combine(bound, time.max, UTC) if field.kind is FieldKind.INSTANT else bound
    matches: Condition = LINES.c[field.column] <= most
    return matches


_CONDITIONS: dict[Operator, Callable[[LineField, Any], Condition]] = {
    Operator.ANY_OF: _any_of,
    Operator.NONE_OF: _none_of,
    Operator.CONTAINS: _has_text,
    Operator.IS_EMPTY: _is_empty,
    Operator.AT_LEAST: _at_least,
    Operator.AT_MOST: _at_most,
    Operator.FROM: _at_least,
    Operator.TO: _at_most,
}
