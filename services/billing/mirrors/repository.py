"""Reads and writes reference copies."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, and_, func, literal_column, or_, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from services.billing.documents import as_rows
from services.billing.matching import is_one_of
from services.billing.mirrors.models import PsaRow, ReferenceRow
from services.contracts.invoicing.traits import UNDESCRIBED
from services.contracts.shapes import MirrorRecord, PsaTraits
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import ReadSession, WriteSession

_PLACE = ("partner_id", "kind", "external_id")
_FIELDS = ("name", "is_active", "parent_id", "currency", "identifier", "attributes", "agreement")


async def upsert(
    session: WriteSession, partner_id: UUID, kind: MirrorKind, records: Sequence[MirrorRecord]
) -> dict[str, bool]:
    """Insert new records and update changed ones. Returns external id → whether the record is new."""
    rows = {record.external_id: _values(partner_id, kind, record) for record in records}
    if not rows:
        return {}
    names = (*_PLACE, *_FIELDS)
    statement = insert(ReferenceRow).from_select(names, select(as_rows(ReferenceRow, names, rows.values())))
    incoming = {field: statement.excluded[field] for field in _FIELDS}
    held = tuple_(*(getattr(ReferenceRow, field) for field in _FIELDS))
    upserted = statement.on_conflict_do_update(
        index_elements=_PLACE,
        set_=incoming,
        where=held.is_distinct_from(tuple_(*incoming.values())),
    )
    written = await session.execute(upserted.returning(ReferenceRow.external_id, literal_column("xmax = 0", Boolean)))
    return {row[0]: row[1] for row in written}


def _values(partner_id: UUID, kind: MirrorKind, record: MirrorRecord) -> dict[str, Any]:
    fields = record.model_dump(mode="json", include={"external_id", *_FIELDS})
    return {"partner_id": partner_id, "kind": kind.value, **fields}


async def find(session: ReadSession, kind: MirrorKind, ids: Collection[str]) -> dict[str, ReferenceRow]:
    """Records by external id; unknown ones are absent."""
    if not ids:
        return {}
    query = select(ReferenceRow).where(ReferenceRow.kind == kind.value, is_one_of(ReferenceRow.external_id, ids))
    return {row.external_id: row for row in (await session.execute(query)).scalars()}


async def find_agreements(
    session: ReadSession, company_ids: Collection[str], agreement_ids: Collection[str]
) -> Sequence[ReferenceRow]:
    """Agreements of some companies, and some more by id."""
    if not company_ids and not agreement_ids:
        return []
    query = select(ReferenceRow).where(
        ReferenceRow.kind == MirrorKind.AGREEMENT.value,
        or_(is_one_of(ReferenceRow.parent_id, company_ids), is_one_of(ReferenceRow.external_id, agreement_ids)),
    )
    return (await session.execute(query)).scalars().all()


async def find_contracts(session: ReadSession, organization_ids: Collection[str]) -> Sequence[ReferenceRow]:
    """Active contracts of some organizations, in the order of their ids."""
    if not organization_ids:
        return []
    query = select(ReferenceRow).where(
        ReferenceRow.kind == MirrorKind.CONTRACT.value,
        is_one_of(ReferenceRow.parent_id, organization_ids),
        ReferenceRow.is_active,
    )
    return (await session.execute(query.order_by(ReferenceRow.external_id))).scalars().all()


async def name_all(session: ReadSession, wanted: Iterable[tuple[MirrorKind, str]]) -> dict[tuple[str, str], str]:
    """Names by (kind, external id), for a page that shows several kinds."""
    ids: dict[str, set[str]] = defaultdict(set)
    for kind, external_id in wanted:
        ids[kind.value].add(external_id)
    if not ids:
        return {}
    places = (and_(ReferenceRow.kind == kind, is_one_of(ReferenceRow.external_id, each)) for kind, each in ids.items())
    query = select(ReferenceRow.kind, ReferenceRow.external_id, ReferenceRow.name).where(or_(*places))
    return {(row.kind, row.external_id): row.name for row in await session.execute(query)}


async def list_active(session: ReadSession, kind: MirrorKind) -> Sequence[ReferenceRow]:
    """Every active record of a kind."""
    query = select(ReferenceRow).where(ReferenceRow.kind == kind.value, ReferenceRow.is_active)
    return (await session.execute(query)).scalars().all()


async def search(
    session: ReadSession,
    kind: MirrorKind,
    *,
    text: str | None,
    parent_id: str | None,
    after: tuple[str, str] | None,
    limit: int,
) -> Sequence[ReferenceRow]:
    """Active records by name; `text` is looked for in name and identifier, whatever its case."""
    wanted: list[ColumnElement[bool]] = [ReferenceRow.kind == kind.value, ReferenceRow.is_active.is_(True)]
    if text:
        identifier = func.coalesce(ReferenceRow.identifier, "")
        wanted.append(
            or_(ReferenceRow.name.icontains(text, autoescape=True), identifier.icontains(text, autoescape=True))
        )
    if parent_id is not None:
        wanted.append(ReferenceRow.parent_id == parent_id)
    if after is not None:
        wanted.append(tuple_(ReferenceRow.name, ReferenceRow.external_id) > after)
    query = select(ReferenceRow).where(*wanted).order_by(ReferenceRow.name, ReferenceRow.external_id).limit(limit)
    return (await session.execute(query)).scalars().all()


async def find_traits(session: ReadSession) -> PsaTraits:
    """The traits of the partner's PSA; careful defaults until it has been described."""
    traits = (await session.execute(select(PsaRow.traits))).scalar_one_or_none()
    return UNDESCRIBED if traits is None else PsaTraits.model_validate(traits)


async def save_traits(session: WriteSession, partner_id: UUID, traits: PsaTraits, sequence: int) -> None:
    """Keep the traits that the event with this sequence brought, unless a later one has been handled already."""
    statement = insert(PsaRow).values(partner_id=partner_id, traits=traits.model_dump(mode="json"), sequence=sequence)
    newer = {"traits": statement.excluded.traits, "sequence": statement.excluded.sequence}
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["partner_id"], set_=newer, where=PsaRow.sequence < statement.excluded.sequence
        )
    )
