"""Undelivered facts over HTTP, beside the system log."""

from fastapi import APIRouter

from services.audit.undelivered import service
from services.audit.undelivered.schemas import RetryAnswer, RetryRequest, Undelivered
from services.kit.base.errors import problems
from services.kit.web.app import OncePerKey, Reading, Writing
from services.kit.web.idempotency import IdempotencyKeyReused
from services.kit.web.paging import Page

router = APIRouter(prefix="/api/v1/system-logs/undelivered", tags=["system-logs"])


@router.get("")
async def list_undelivered(session: Reading) -> Page[Undelivered]:
    """Facts that a service could not take in after many attempts, newest first; at most a hundred."""
    return await service.list_undelivered(session)


@router.post("/retry", responses=problems(IdempotencyKeyReused))
async def retry_undelivered(session: Writing, once: OncePerKey, wanted: RetryRequest) -> RetryAnswer:
    """Try again what rests: what is named, or the newest hundred."""
    return await once(session, RetryAnswer, lambda: service.retry(session, wanted))
