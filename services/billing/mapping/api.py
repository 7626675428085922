"""Mappings over HTTP."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.billing.mapping import organizations, products
from services.billing.mapping.errors import AgreementOfAnotherCompany, MappingIsStale, MappingNotFound, NotInPsa
from services.billing.mapping.repository import MappingFilter
from services.billing.mapping.schemas import (
    OrganizationChange,
    OrganizationItem,
    ProductChange,
    ProductItem,
    SuggestionsAccepted,
    SuggestionsToAccept,
)
from services.contracts.vocabulary import OrganizationState
from services.kit.base.errors import problems
from services.kit.web.app import OncePerKey, Reading, Writing
from services.kit.web.idempotency import IdempotencyKeyReused
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page

router = APIRouter(prefix="/api/v1")

Search = Annotated[str | None, Query(max_length=200, description="Text in the name")]


@router.get("/organizations", tags=["organizations"], responses=problems(BadCursor))
async def list_organizations(
    session: Reading,
    state: OrganizationState | None = None,
    search: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[OrganizationItem]:
    """Organizations of the marketplace and the companies they are mapped to."""
    return await organizations.list_organizations(session, MappingFilter(state, search), limit, cursor)


@router.patch(
    "/organizations/{organization_id}",
    tags=["organizations"],
    responses=problems(MappingNotFound, MappingIsStale, NotInPsa, AgreementOfAnotherCompany, IdempotencyKeyReused),
)
async def change_organization(
    session: Writing, once: OncePerKey, organization_id: str, change: OrganizationChange
) -> OrganizationItem:
    """Approve, exclude or map an organization."""
    return await once(
        session, OrganizationItem, lambda: organizations.change_organization(session, organization_id, change)
    )


@router.post("/organizations/accept-suggestions", tags=["organizations"], responses=problems(IdempotencyKeyReused))
async def accept_company_suggestions(
    session: Writing, once: OncePerKey, wanted: SuggestionsToAccept
) -> SuggestionsAccepted:
    """Approve organizations and map them to the companies suggested."""
    return await once(session, SuggestionsAccepted, lambda: organizations.accept_suggestions(session, wanted.ids))


@router.get("/products", tags=["products"], responses=problems(BadCursor))
async def list_products(
    session: Reading,
    state: OrganizationState | None = None,
    search: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[ProductItem]:
    """Invoiced offers and the catalog items they are mapped to."""
    return await products.list_products(session, MappingFilter(state, search), limit, cursor)


@router.patch(
    "/products/{offer_id}",
    tags=["products"],
    responses=problems(MappingNotFound, MappingIsStale, NotInPsa, IdempotencyKeyReused),
)
async def change_product(session: Writing, once: OncePerKey, offer_id: str, change: ProductChange) -> ProductItem:
    """Map an offer to a catalog item."""
    return await once(session, ProductItem, lambda: products.change_product(session, offer_id, change))


@router.post("/products/accept-suggestions", tags=["products"], responses=problems(IdempotencyKeyReused))
async def accept_product_suggestions(
    session: Writing, once: OncePerKey, wanted: SuggestionsToAccept
) -> SuggestionsAccepted:
    """Map offers to the catalog items suggested."""
    return await once(session, SuggestionsAccepted, lambda: products.accept_suggestions(session, wanted.ids))
