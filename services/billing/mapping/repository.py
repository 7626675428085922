"""Reads and writes mappings of organizations and products."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, and_, false, literal_column, or_, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert

from services.billing.documents import as_rows
from services.billing.mapping.models import MappingColumns, OrganizationRow, ProductRow
from services.billing.matching import is_one_of
from services.contracts.vocabulary import OrganizationState
from services.kit.base.db import ReadSession, WriteSession

RowT = TypeVar("RowT", bound=OrganizationRow | ProductRow)


async def register(
    session: WriteSession, table: type[RowT], partner_id: UUID, found: Iterable[Mapping[str, Any]]
) -> dict[str, bool]:
    """Keep what upstream calls things; decisions stay. New ones (True) and renamed ones (False), by id.

    Args:
        found: id, name, and what else of `table` upstream told.
    """
    rows = {each["id"]: {"partner_id": partner_id, **each} for each in found}
    if not rows:
        return {}
    names = list(next(iter(rows.values())))
    statement = insert(table).from_select(names, select(as_rows(table, names, rows.values())))
    told = {name: statement.excluded[name] for name in names if name not in {"partner_id", "id"}}
    held = tuple_(*(getattr(table, name) for name in told))
    upserted = statement.on_conflict_do_update(
        index_elements=["partner_id", "id"], set_=told, where=held.is_distinct_from(tuple_(*told.values()))
    )
    written = await session.execute(upserted.returning(table.id, literal_column("xmax = 0", Boolean)))
    return {row[0]: row[1] for row in written}


async def register_missing(
    session: WriteSession, table: type[RowT], partner_id: UUID, found: Mapping[str, Mapping[str, Any]]
) -> Sequence[str]:
    """Add what lines name and no mirror has told yet; answers with the ids added."""
    known = await session.scalars(select(table.id).where(is_one_of(table.id, found)))
    missing = found.keys() - set(known)
    if not missing:
        return []
    rows = [{"partner_id": partner_id, "id": each, **found[each]} for each in sorted(missing)]
    added = await session.scalars(insert(table).values(rows).on_conflict_do_nothing().returning(table.id))
    return added.all()


async def find(session: ReadSession, table: type[RowT], ids: Collection[str]) -> dict[str, RowT]:
    """Mappings by id; unknown ones are absent."""
    if not ids:
        return {}
    query = select(table).where(is_one_of(table.id, ids))
    return {row.id: row for row in await session.scalars(query)}


async def find_for_change(session: WriteSession, table: type[RowT], ids: Collection[str]) -> dict[str, RowT]:
    """Mappings by id, locked until the end of the transaction, in one order so that two never wait for each other."""
    query = select(table).where(is_one_of(table.id, ids)).order_by(table.id).with_for_update()
    return {row.id: row for row in await session.scalars(query)}


async def find_unmapped(session: ReadSession, table: type[RowT]) -> Sequence[RowT]:
    return (await session.scalars(select(table).where(table.target_id.is_(None)))).all()


async def list_mapped(session: ReadSession, table: type[RowT]) -> Sequence[RowT]:
    return (await session.scalars(select(table).where(table.target_id.is_not(None)))).all()


async def find_mapped_to(session: ReadSession, table: type[RowT], target_ids: Collection[str]) -> Sequence[str]:
    """Ids of what is mapped to some records of the PSA."""
    return (await session.scalars(select(table.id).where(is_one_of(table.target_id, target_ids)))).all()


async def save_suggestions(session: WriteSession, table: type[RowT], suggestions: Sequence[dict[str, Any]]) -> None:
    """Rows of partner_id, id, suggested_id, suggestion_score, suggestion_reason."""
    if suggestions:
        await session.execute(update(table), suggestions)


async def find_organizations_of(
    session: ReadSession, company_ids: Collection[str], agreement_ids: Collection[str]
) -> Sequence[str]:
    """Organizations mapped to some companies or agreements."""
    query = select(OrganizationRow.id).where(
        or_(is_one_of(OrganizationRow.target_id, company_ids), is_one_of(OrganizationRow.agreement_id, agreement_ids))
    )
    return (await session.scalars(query)).all()


@dataclass(frozen=True, slots=True)
class MappingFilter:
    """What people look for in a list of mappings."""

    state: OrganizationState | None = None
    search: str | None = None

    def conditions(self, table: type[MappingColumns]) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = []
        if self.state is not None:
            wanted.append(_is_in_state(table, self.state))
        if self.search:
            wanted.append(table.name.icontains(self.search, autoescape=True))
        return wanted


def _is_in_state(table: type[MappingColumns], state: OrganizationState) -> ColumnElement[bool]:
    excluded = table.is_excluded.is_(True) if issubclass(table, OrganizationRow) else false()
    match state:
        case OrganizationState.EXCLUDED:
            return excluded
        case OrganizationState.MAPPED:
            return and_(~excluded, table.target_id.is_not(None))
        case OrganizationState.SUGGESTED:
            return and_(~excluded, table.target_id.is_(None), table.suggested_id.is_not(None))
        case OrganizationState.UNMAPPED:
            return and_(~excluded, table.target_id.is_(None), table.suggested_id.is_(None))


async def list_by_name(
    session: ReadSession, table: type[RowT], wanted: MappingFilter, after: tuple[str, str] | None, limit: int
) -> Sequence[RowT]:
    query = select(table).where(*wanted.conditions(table))
    if after is not None:
        query = query.where(tuple_(table.name, table.id) > after)
    query = query.order_by(table.name, table.id).limit(limit)
    return (await session.scalars(query)).all()
