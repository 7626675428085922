"""Takes in mirrors: reference copies, new organizations and offers, fresh suggestions."""

from collections.abc import Container, Iterable, Sequence
from typing import Any

from services.billing.mapping import repository
from services.billing.mapping.models import OrganizationRow, ProductRow
from services.billing.mapping.suggestions import Candidate, Candidates
from services.billing.mirrors import repository as references
from services.billing.mirrors.models import ReferenceRow
from services.contracts.shapes import MirrorRecord
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import WriteSession

Mapped = type[OrganizationRow | ProductRow]

TARGETS: dict[MirrorKind, tuple[Mapped, MirrorKind]] = {
    MirrorKind.ORGANIZATION: (OrganizationRow, MirrorKind.COMPANY),
    MirrorKind.OFFER: (ProductRow, MirrorKind.CATALOG_ITEM),
}
SOURCES: dict[MirrorKind, Mapped] = {target: table for table, target in TARGETS.values()}


async def take_mirror(session: WriteSession, kind: MirrorKind, records: Sequence[MirrorRecord]) -> dict[str, bool]:
    """Keep upstream records as told; answers with new (True) and changed (False) ones by external id."""
    partner_id = session.circumstances.partner_id
    if kind not in TARGETS:
        written = await references.upsert(session, partner_id, kind, records)
        if kind in SOURCES and written:
            await _suggest_targets(session, kind, written)
        return written
    table, target = TARGETS[kind]
    written = await repository.register(session, table, partner_id, (_describe(table, each) for each in records))
    if written:
        rows = await repository.find(session, table, list(written))
        unmapped = [row for row in rows.values() if row.target_id is None]
        candidates = _candidates(await references.list_active(session, target))
        await _suggest(session, table, unmapped, candidates)
    return written


def _describe(table: Mapped, record: MirrorRecord) -> dict[str, Any]:
    described = {"id": record.external_id, "name": record.name, "identifier": record.identifier}
    return described | {"currency": record.currency} if table is OrganizationRow else described


async def _suggest_targets(session: WriteSession, kind: MirrorKind, written: Container[str | None]) -> None:
    # Most unmapped names are like none of the fresh ones: only the others are compared with everything.
    table = SOURCES[kind]
    everything = await references.list_active(session, kind)
    fresh = _candidates(row for row in everything if row.external_id in written)
    unmapped = await repository.find_unmapped(session, table)
    concerned = [row for row in unmapped if row.suggested_id in written or fresh.suggest(_as_candidate(row))]
    await _suggest(session, table, concerned, _candidates(everything))


async def _suggest(
    session: WriteSession, table: Mapped, rows: Iterable[OrganizationRow | ProductRow], candidates: Candidates
) -> None:
    changed = []
    for row in rows:
        found = candidates.suggest(_as_candidate(row))
        suggestion = {
            "suggested_id": found.target_id if found else None,
            "suggestion_score": found.score if found else None,
            "suggestion_reason": found.reason if found else None,
        }
        if any(getattr(row, name) != value for name, value in suggestion.items()):
            changed.append({"partner_id": row.partner_id, "id": row.id, **suggestion})
    await repository.save_suggestions(session, table, changed)


def _as_candidate(row: OrganizationRow | ProductRow) -> Candidate:
    return Candidate(row.id, row.name, row.identifier)


def _candidates(rows: Iterable[ReferenceRow]) -> Candidates:
    return Candidates(Candidate(row.external_id, row.name, row.identifier) for row in rows)
