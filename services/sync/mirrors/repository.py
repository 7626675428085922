"""Stores mirror records, and says which of them are new or changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from hashlib import blake2b

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert

from services.contracts.shapes import MirrorRecord
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import ReadSession, WriteSession, copy_rows
from services.sync.mirrors.models import MirrorRecordRow, MirrorStateRow

_MAKE_INCOMING = """
CREATE TEMP TABLE IF NOT EXISTS incoming_mirror (external_id text PRIMARY KEY, record text, digest bytea)
ON COMMIT DELETE ROWS
"""
_TAKE_IN = """
INSERT INTO sync.mirror_record (partner_id, kind, external_id, record, digest, is_listed, changed_at)
SELECT :partner, :kind, external_id, record::jsonb, digest, true, now() FROM incoming_mirror
ON CONFLICT (partner_id, kind, external_id) DO UPDATE
  SET record = excluded.record, digest = excluded.digest, is_listed = true, changed_at = excluded.changed_at
  WHERE sync.mirror_record.digest <> excluded.digest OR NOT sync.mirror_record.is_listed
RETURNING external_id
"""
_TAKE_OUT = """
UPDATE sync.mirror_record AS known SET is_listed = false, changed_at = now()
WHERE partner_id = :partner AND kind = :kind AND is_listed
  AND NOT EXISTS (SELECT 1 FROM incoming_mirror AS fresh WHERE fresh.external_id = known.external_id)
RETURNING record
"""


async def store_records(session: WriteSession, kind: MirrorKind, bodies: Mapping[str, str]) -> set[str]:
    """Insert or update records, given as JSON by id; the ids of those that are new or changed."""
    await session.execute(text(_MAKE_INCOMING))
    rows = ((external_id, body, _digest(body)) for external_id, body in bodies.items())
    await copy_rows(session, "incoming_mirror", ["external_id", "record", "digest"], rows)
    return set((await session.scalars(text(_TAKE_IN), _key(session, kind))).all())


async def unlist_others(session: WriteSession, kind: MirrorKind) -> list[MirrorRecord]:
    """Records that the reading just stored does not have, as they were."""
    gone = await session.scalars(text(_TAKE_OUT), _key(session, kind))
    return [MirrorRecord.model_validate(record) for record in gone]


async def note_state(
    session: WriteSession, kind: MirrorKind, *, records: int, unreadable: int, refreshed_at: datetime
) -> None:
    values = {"records": records, "unreadable": unreadable, "refreshed_at": refreshed_at}
    await session.execute(
        insert(MirrorStateRow)
        .values(partner_id=session.circumstances.partner_id, kind=kind.value, **values)
        .on_conflict_do_update(index_elements=["partner_id", "kind"], set_=values)
    )


async def list_states(session: ReadSession) -> Sequence[MirrorStateRow]:
    return (await session.scalars(select(MirrorStateRow).order_by(MirrorStateRow.kind))).all()


async def find_agreements(session: ReadSession, agreement_ids: Iterable[str]) -> list[MirrorRecord]:
    """Agreements as last read."""
    query = select(MirrorRecordRow.record).where(
        MirrorRecordRow.kind == MirrorKind.AGREEMENT.value, MirrorRecordRow.external_id.in_(list(agreement_ids))
    )
    return [MirrorRecord.model_validate(record) for record in await session.scalars(query)]


async def find_next_invoices(session: ReadSession, agreement_ids: Iterable[str]) -> dict[str, date | None]:
    """Agreement → first day that is not invoiced yet, as last read."""
    found = await find_agreements(session, agreement_ids)
    return {each.external_id: each.agreement.next_invoice_date for each in found if each.agreement}


async def list_contracts(session: ReadSession, organization_ids: Iterable[str]) -> list[MirrorRecord]:
    """Contracts in force of these customers, as last read."""
    query = select(MirrorRecordRow.record).where(
        MirrorRecordRow.kind == MirrorKind.CONTRACT.value,
        MirrorRecordRow.is_listed,
        MirrorRecordRow.record["is_active"].as_boolean().is_(True),
        MirrorRecordRow.record["parent_id"].as_string().in_(list(organization_ids)),
    )
    return [MirrorRecord.model_validate(record) for record in await session.scalars(query)]


def _key(session: WriteSession, kind: MirrorKind) -> dict[str, object]:
    return {"partner": session.circumstances.partner_id, "kind": kind.value}


def _digest(body: str) -> bytes:
    return blake2b(body.encode(), digest_size=16).digest()
