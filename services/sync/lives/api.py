"""The life of an addition over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request

from services.kit.base.crypto import SecretCannotBeOpened
from services.kit.base.errors import problems
from services.kit.web.app import Reading
from services.sync.connections.service import ConnectionMissing
from services.sync.lives import service
from services.sync.lives.errors import NothingWritten
from services.sync.lives.schemas import LifeOut
from services.sync.upstreams import Upstreams

router = APIRouter(prefix="/api/v1/additions", tags=["additions"])

ExternalId = Annotated[str, Query(max_length=200)]


@router.get("/life", responses=problems(NothingWritten, ConnectionMissing, SecretCannotBeOpened))
async def get_addition_life(
    request: Request,
    session: Reading,
    line_id: UUID,
    agreement_id: ExternalId = "",
    subscription_id: ExternalId = "",
) -> LifeOut:
    """What a line's addition, and its subscription's before and after, has billed and will bill, with true-ups.

    Agreement and subscription are the line's: with them the life of a subscription is found whose newest line was
    never sent.
    """
    upstreams: Upstreams = request.app.state.upstreams
    asked = service.Asked(line_id, agreement_id, subscription_id)
    return await service.tell_life(session, asked, await upstreams.open_psa(session))
