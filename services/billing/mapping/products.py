"""Maps invoiced offers to catalog items."""

from collections.abc import Mapping, Sequence

from services.billing.lines import repository as lines
from services.billing.mapping import repository
from services.billing.mapping.errors import MappingIsStale, MappingNotFound, NotInPsa
from services.billing.mapping.models import ProductRow
from services.billing.mapping.organizations import describe_reference
from services.billing.mapping.publishing import publish_change
from services.billing.mapping.repository import MappingFilter
from services.billing.mapping.schemas import ProductChange, ProductItem, ProductSuggestion, SuggestionsAccepted
from services.billing.mirrors import repository as references
from services.billing.mirrors.models import ReferenceRow
from services.contracts.shapes import FieldChange
from services.contracts.vocabulary import MirrorKind, OrganizationState
from services.kit.base.db import ReadSession, WriteSession
from services.kit.web.paging import Page, decode_cursor, encode_cursor


async def list_products(
    session: ReadSession, wanted: MappingFilter, limit: int, cursor: str | None
) -> Page[ProductItem]:
    """Invoiced offers by name, with their suggestions and how many of their lines are held."""
    place = decode_cursor(cursor, 2) if cursor else None
    after = (str(place[0]), str(place[1])) if place else None
    rows = await repository.list_by_name(session, ProductRow, wanted, after, limit + 1)
    last = rows[limit - 1] if len(rows) > limit else None
    items = await _describe_all(session, rows[:limit])
    return Page(items=items, next_cursor=encode_cursor([last.name, last.id]) if last else None)


async def change_product(session: WriteSession, offer_id: str, change: ProductChange) -> ProductItem:
    """Map one offer, or take its mapping away. Its lines that are not sent follow."""
    row = (await repository.find_for_change(session, ProductRow, [offer_id])).get(offer_id)
    if row is None:
        raise MappingNotFound(f"No invoice so far names an offer {offer_id}.")
    if row.version != change.version:
        current = (await _describe_all(session, [row]))[0]
        raise MappingIsStale(f"{row.name} was changed meanwhile.", current=current.model_dump(mode="json"))
    if change.product_id and not await references.find(session, MirrorKind.CATALOG_ITEM, [change.product_id]):
        psa = (await references.find_traits(session)).label
        raise NotInPsa(f"There is no catalog item {change.product_id} in {psa}.")
    await _map(session, row, change.product_id)
    return (await _describe_all(session, [row]))[0]


async def accept_suggestions(session: WriteSession, ids: Sequence[str]) -> SuggestionsAccepted:
    """Map offers to the catalog items suggested."""
    rows = await repository.find_for_change(session, ProductRow, ids)
    accepted = [row for row in rows.values() if row.target_id is None and row.suggested_id is not None]
    for row in accepted:
        await _map(session, row, row.suggested_id)
    names = [row.id for row in accepted]
    return SuggestionsAccepted(accepted=names, skipped=[each for each in ids if each not in names])


async def _map(session: WriteSession, row: ProductRow, product_id: str | None) -> None:
    if row.target_id == product_id:
        return
    change = FieldChange(field="product_id", before=row.target_id, after=product_id)
    row.target_id = product_id
    row.version += 1
    await session.flush()
    await publish_change(session, "product", row, [change])


async def _describe_all(session: ReadSession, rows: Sequence[ProductRow]) -> list[ProductItem]:
    chosen = {each for row in rows for each in (row.target_id, row.suggested_id) if each}
    catalog = await references.find(session, MirrorKind.CATALOG_ITEM, chosen)
    held = await lines.count_held(session, "offer_id", [row.id for row in rows])
    return [
        ProductItem(
            id=row.id,
            name=row.name,
            state=_state_of(row),
            product=describe_reference(row.target_id, catalog),
            suggestion=_describe_suggestion(row, catalog),
            lines_held=held.get(row.id, 0),
            version=row.version,
        )
        for row in rows
    ]


def _state_of(row: ProductRow) -> OrganizationState:
    if row.target_id:
        return OrganizationState.MAPPED
    return OrganizationState.SUGGESTED if row.suggested_id else OrganizationState.UNMAPPED


def _describe_suggestion(row: ProductRow, catalog: Mapping[str, ReferenceRow]) -> ProductSuggestion | None:
    product = describe_reference(row.suggested_id, catalog)
    if product is None or row.target_id is not None:
        return None
    return ProductSuggestion(
        product_id=product.id,
        product=product.name,
        score=row.suggestion_score or 0,
        reason=row.suggestion_reason or "",
    )
