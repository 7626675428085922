"""*Sync Organizations* over HTTP."""

from fastapi import APIRouter, status

from services.kit.base.errors import problems
from services.kit.web.app import OncePerKey, Writing
from services.kit.web.idempotency import IdempotencyKeyReused
from services.sync.connections.service import ConnectionMissing
from services.sync.mirrors import service
from services.sync.runs.schemas import RunOut

router = APIRouter(prefix="/api/v1/mirrors", tags=["runs"])


@router.post("", status_code=status.HTTP_202_ACCEPTED, responses=problems(ConnectionMissing, IdempotencyKeyReused))
async def post_mirror(session: Writing, once: OncePerKey) -> RunOut:
    """Read organizations, offers, contracts, subscriptions, companies, catalog and agreements afresh."""
    return await once(session, RunOut, lambda: service.request_mirrors(session))
