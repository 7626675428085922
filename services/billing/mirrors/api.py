"""What can be chosen in the PSA, from billing's own copy."""

from typing import Annotated

from fastapi import APIRouter, Query

from services.billing.mirrors import service
from services.billing.mirrors.schemas import AgreementReference, Reference
from services.contracts.vocabulary import MirrorKind
from services.kit.base.errors import problems
from services.kit.web.app import Reading
from services.kit.web.paging import DEFAULT_LIMIT, BadCursor, Cursor, Limit, Page

router = APIRouter(prefix="/api/v1", responses=problems(BadCursor))

Search = Annotated[str | None, Query(max_length=200, description="Text in name or identifier")]


@router.get("/companies", tags=["companies"])
async def list_companies(
    session: Reading, search: Search = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Reference]:
    """Companies of the PSA that an organization can be mapped to."""
    return await service.list_references(session, MirrorKind.COMPANY, search=search, limit=limit, cursor=cursor)


@router.get("/catalog-items", tags=["catalog-items"])
async def list_catalog_items(
    session: Reading, search: Search = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Reference]:
    """Catalog items of the PSA that an offer can be mapped to."""
    return await service.list_references(session, MirrorKind.CATALOG_ITEM, search=search, limit=limit, cursor=cursor)


@router.get("/agreement-types", tags=["agreement-types"])
async def list_agreement_types(
    session: Reading, search: Search = None, limit: Limit = DEFAULT_LIMIT, cursor: Cursor = None
) -> Page[Reference]:
    """Agreement types of the PSA."""
    return await service.list_references(session, MirrorKind.AGREEMENT_TYPE, search=search, limit=limit, cursor=cursor)


@router.get("/agreements", tags=["agreements"])
async def list_agreements(
    session: Reading,
    company_id: Annotated[str | None, Query(max_length=100)] = None,
    search: Search = None,
    limit: Limit = DEFAULT_LIMIT,
    cursor: Cursor = None,
) -> Page[AgreementReference]:
    """Agreements of the PSA, of one company or of all."""
    return await service.list_agreements(session, company_id=company_id, search=search, limit=limit, cursor=cursor)
