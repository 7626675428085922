"""Upstream records as they are now → reference copies, suggestions, and the unsent lines they concern."""

from collections.abc import Sequence

from services.billing.mapping import repository as mappings
from services.billing.mapping.mirror import take_mirror
from services.billing.rating.service import follow_agreements, follow_organizations, follow_prices
from services.contracts.envelope import Envelope
from services.contracts.events.billing import MirrorTaken
from services.contracts.events.sync import MirrorRefreshed
from services.contracts.shapes import MirrorRecord
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import WriteSession
from services.kit.ledger.bus import publish


async def handle(session: WriteSession, envelope: Envelope[MirrorRefreshed]) -> None:
    fact = envelope.data
    written = await take_mirror(session, fact.kind, fact.records)
    await _follow(session, fact.kind, [each for each in fact.records if each.external_id in written])
    created = sum(written.values())
    taken = MirrorTaken(
        run_id=fact.run_id, part=fact.part, kind=fact.kind, created=created, updated=len(written) - created
    )
    await publish(session, taken, subject=f"run/{fact.run_id}")


async def _follow(session: WriteSession, kind: MirrorKind, changed: Sequence[MirrorRecord]) -> None:
    if not changed:
        return
    ids = [each.external_id for each in changed]
    parents = sorted({each.parent_id for each in changed if each.parent_id})
    if kind is MirrorKind.CONTRACT:
        await follow_organizations(session, parents)
    elif kind is MirrorKind.AGREEMENT:
        await follow_organizations(session, await mappings.find_organizations_of(session, parents, ids))
        await follow_agreements(session, ids)
    elif kind is MirrorKind.CATALOG_ITEM:
        await follow_prices(session, ids)
