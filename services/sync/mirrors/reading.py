"""Reading one kind of record whole from the system that has it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from services.contracts.shapes import MirrorRecord
from services.contracts.vocabulary import MirrorKind
from services.kit.upstream.retry import Patience, keep_trying, passes_when_read_again
from services.sync.marketplaces.port import Marketplace
from services.sync.psas.port import Psa
from services.sync.unreadable import Unreadable

MARKETPLACE_KINDS = (MirrorKind.ORGANIZATION, MirrorKind.OFFER, MirrorKind.CONTRACT, MirrorKind.SUBSCRIPTION)
PSA_KINDS = (MirrorKind.COMPANY, MirrorKind.CATALOG_ITEM, MirrorKind.AGREEMENT_TYPE, MirrorKind.AGREEMENT)


@dataclass(frozen=True)
class Reading:
    """Every record of one kind by its id, as the JSON that is stored, and what could not be read.

    A hundred thousand subscriptions take 60 MB as text and 250 MB as objects.
    """

    bodies: dict[str, str] = field(default_factory=dict)
    unreadable: list[Unreadable] = field(default_factory=list)

    def take(self, record: MirrorRecord | Unreadable) -> None:
        if isinstance(record, Unreadable):
            self.unreadable.append(record)
        else:
            self.bodies[record.external_id] = record.model_dump_json()


async def read_marketplace(marketplace: Marketplace, kind: MirrorKind, patience: Patience) -> Reading:
    lists = {
        MirrorKind.ORGANIZATION: marketplace.organizations,
        MirrorKind.OFFER: marketplace.offers,
        MirrorKind.CONTRACT: marketplace.contracts,
        MirrorKind.SUBSCRIPTION: marketplace.subscriptions,
    }

    async def once() -> Reading:
        return await _gather(lists[kind]())

    if kind is not MirrorKind.SUBSCRIPTION:
        return await once()
    return await keep_trying(once, patience=patience, may_pass=passes_when_read_again)


async def read_psa(psa: Psa, kind: MirrorKind) -> Reading:
    lists = {
        MirrorKind.COMPANY: psa.companies,
        MirrorKind.CATALOG_ITEM: psa.catalog_items,
        MirrorKind.AGREEMENT_TYPE: psa.agreement_types,
        MirrorKind.AGREEMENT: psa.agreements,
    }
    return await _gather(lists[kind]())


async def _gather(records: AsyncIterator[MirrorRecord | Unreadable]) -> Reading:
    reading = Reading()
    async for record in records:
        reading.take(record)
    return reading
