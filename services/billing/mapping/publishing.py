"""Publishes that a mapping changed, with the names of what was chosen before and is chosen now."""

from collections.abc import Sequence

from services.billing.mapping.models import OrganizationRow, ProductRow
from services.billing.mirrors import repository as references
from services.contracts.events.billing import MappingChanged
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import MirrorKind
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger.bus import publish

_KINDS = {
    "company_id": MirrorKind.COMPANY,
    "agreement_id": MirrorKind.AGREEMENT,
    "product_id": MirrorKind.CATALOG_ITEM,
}


async def publish_change(
    session: WriteSession, mapping: str, row: OrganizationRow | ProductRow, changes: Sequence[FieldChange]
) -> None:
    """Publish what a person changed of one mapping: `organization` or `product`."""
    names = await _name(session, changes)
    fact = MappingChanged(mapping=mapping, external_id=row.id, name=row.name, changes=list(changes), names=names)
    await publish(session, fact, subject=f"{mapping}/{row.id}")


async def _name(session: ReadSession, changes: Sequence[FieldChange]) -> dict[str, str]:
    chosen = {
        (change.field, str(value))
        for change in changes
        for value in (change.before, change.after)
        if change.field in _KINDS and value is not None
    }
    found = await references.name_all(session, {(_KINDS[field], external_id) for field, external_id in chosen})
    return {
        f"{field}/{external_id}": found[place]
        for field, external_id in sorted(chosen)
        if (place := (_KINDS[field].value, external_id)) in found
    }
