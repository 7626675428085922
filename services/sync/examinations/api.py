"""*Check for duplicates* over HTTP."""

from fastapi import APIRouter, status

from services.kit.base.errors import problems
from services.kit.web.app import OncePerKey, Writing
from services.kit.web.idempotency import IdempotencyKeyReused
from services.sync.connections.service import ConnectionMissing
from services.sync.examinations import service
from services.sync.runs.schemas import RunOut

router = APIRouter(prefix="/api/v1/examinations", tags=["runs"])


@router.post("", status_code=status.HTTP_202_ACCEPTED, responses=problems(ConnectionMissing, IdempotencyKeyReused))
async def post_examination(session: Writing, once: OncePerKey) -> RunOut:
    """Look for two open additions that carry one marker, as is done every night. A running one is the answer."""
    return await once(session, RunOut, lambda: service.request_examination(session))
