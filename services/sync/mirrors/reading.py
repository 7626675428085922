"""Reading one kind of record whole from its upstream, as the words everyone shares."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field

from services.contracts.money import as_text
from services.contracts.shapes import AgreementFacts, MirrorRecord
from services.contracts.vocabulary import MirrorKind
from services.kit.upstream.retry import Patience, keep_trying, passes_when_read_again
from services.sync.marketplaces.port import SourceClient
from services.sync.psas.connectwise.client import ConnectWiseClient
from services.sync.psas.connectwise.models import AgreementType, CatalogItem, Company
from services.sync.psas.connectwise.wire import Page, RecordT
from services.sync.unreadable import Unreadable

APPXITE_KINDS = (MirrorKind.ORGANIZATION, MirrorKind.OFFER, MirrorKind.CONTRACT, MirrorKind.SUBSCRIPTION)
CONNECTWISE_KINDS = (
    MirrorKind.COMPANY,
    MirrorKind.CATALOG_ITEM,
    MirrorKind.AGREEMENT_TYPE,
    MirrorKind.AGREEMENT,
)


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


async def read_appxite(client: SourceClient, kind: MirrorKind, patience: Patience) -> Reading:
    lists = {
        MirrorKind.ORGANIZATION: client.organizations,
        MirrorKind.OFFER: client.offers,
        MirrorKind.CONTRACT: client.contracts,
        MirrorKind.SUBSCRIPTION: client.subscriptions,
    }

    async def once() -> Reading:
        reading = Reading()
        async for record in lists[kind]():
            reading.take(record)
        return reading

    if kind is not MirrorKind.SUBSCRIPTION:
        return await once()
    return await keep_trying(once, patience=patience, may_pass=passes_when_read_again)


async def read_connectwise(client: ConnectWiseClient, kind: MirrorKind) -> Reading:
    if kind is MirrorKind.COMPANY:
        return await _gather(client.companies(), company_record)
    if kind is MirrorKind.CATALOG_ITEM:
        return await _gather(client.catalog_items(), catalog_record)
    if kind is MirrorKind.AGREEMENT_TYPE:
        return await _gather(client.agreement_types(), agreement_type_record)
    return await _gather(client.agreements(), agreement_record)


async def _gather(pages: AsyncIterator[Page[RecordT]], convert: Callable[[RecordT], MirrorRecord]) -> Reading:
    reading = Reading()
    async for page in pages:
        for record in page.records:
            reading.take(convert(record))
        reading.unreadable.extend(page.unreadable)
    return reading


def company_record(company: Company) -> MirrorRecord:
    return MirrorRecord(
        external_id=company.id,
        name=company.name,
        is_active=company.is_active,
        currency=company.currency,
        identifier=company.identifier,
        attributes={"status": company.status, "types": list(company.types)},
    )


def catalog_record(item: CatalogItem) -> MirrorRecord:
    price = None if item.price is None else as_text(item.price)
    return MirrorRecord(
        external_id=item.id,
        name=item.description,
        is_active=item.is_active,
        identifier=item.identifier,
        attributes={"price": price, "product_class": item.product_class, "taxable": item.taxable},
    )


def agreement_type_record(kind: AgreementType) -> MirrorRecord:
    return MirrorRecord(
        external_id=kind.id,
        name=kind.name,
        is_active=kind.is_active,
        attributes={"is_prorated": kind.is_prorated},
    )


def agreement_record(agreement: AgreementFacts) -> MirrorRecord:
    return MirrorRecord(
        external_id=agreement.agreement_id,
        name=agreement.name,
        is_active=agreement.status == "Active",
        parent_id=agreement.company_id or None,
        currency=agreement.currency,
        agreement=agreement,
    )
