"""Takes in mirrors: reference copies, new organizations and offers, fresh suggestions."""

from collections.abc import Iterable, Sequence
from typing import Any

from services.billing.mapping import repository
from services.billing.mapping.models import OrganizationRow, ProductRow
from services.billing.mapping.suggestions import Candidate, Candidates, Suggestion
from services.billing.references import repository as references
from services.billing.references.models import ReferenceRow
from services.contracts.facts import MirrorRecord
from services.contracts.vocabulary import MirrorKind
from services.kit.db import WriteSession

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


async def _suggest_targets(session: WriteSession, kind: MirrorKind, written: Iterable[str]) -> None:
    table = SOURCES[kind]
    fresh = await references.find(session, kind, list(written))
    unmapped = await repository.find_unmapped(session, table)
    await _suggest(session, table, unmapped, _candidates(row for row in fresh.values() if row.is_active))


async def _suggest(
    session: WriteSession, table: Mapped, rows: Iterable[OrganizationRow | ProductRow], candidates: Candidates
) -> None:
    better = []
    for row in rows:
        found = candidates.suggest(Candidate(row.id, row.name, row.identifier))
        if found is not None and _is_better(found, row):
            better.append(
                {
                    "partner_id": row.partner_id,
                    "id": row.id,
                    "suggested_id": found.target_id,
                    "suggestion_score": found.score,
                    "suggestion_reason": found.reason,
                }
            )
    await repository.save_suggestions(session, table, better)


def _is_better(found: Suggestion, row: OrganizationRow | ProductRow) -> bool:
    # The same candidate under a new name replaces itself, also where it has become less alike.
    return found.target_id == row.suggested_id or found.score > (row.suggestion_score or 0)


def _candidates(rows: Iterable[ReferenceRow]) -> Candidates:
    return Candidates(Candidate(row.external_id, row.name, row.identifier) for row in rows)
