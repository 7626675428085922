"""The live stream: one partner's runs, plans and log rows as server-sent events."""

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from redis.exceptions import RedisError
from sse_starlette import EventSourceResponse, ServerSentEvent

from services.gateway.authentication import Authenticator
from services.kit.base import clock
from services.kit.base.errors import Unauthorized
from services.kit.ledger.live import LiveStream
from services.kit.web.app import Who

log = structlog.get_logger()

router = APIRouter(prefix="/api/v1/live", tags=["live"])

HEARTBEAT_SECONDS = 15  # proxies close what is silent for 30 or 60
ASK_AGAIN = timedelta(seconds=15)
RETRY_MS = 3000


@router.get(
    "",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
)
async def follow_live(request: Request, who: Who) -> EventSourceResponse:
    """Server-sent events `run`, `plan` and `log`; the data is the JSON of each. It may lose some: poll as well."""
    return EventSourceResponse(
        _events(request, who.partner_id), ping=HEARTBEAT_SECONDS, headers={"Cache-Control": "no-store"}
    )


async def _events(request: Request, partner_id: UUID) -> AsyncIterator[ServerSentEvent]:
    live: LiveStream = request.app.state.live
    authenticator: Authenticator = request.app.state.authenticator
    ask_again_at = clock.now() + ASK_AGAIN
    yield ServerSentEvent(retry=RETRY_MS)
    try:
        async for kind, data in live.listen(partner_id):
            if clock.now() >= ask_again_at:
                await authenticator.authenticate(request.state.credential)
                ask_again_at = clock.now() + ASK_AGAIN
            if kind:
                yield ServerSentEvent(event=kind, data=data)
    except Unauthorized:
        log.info("live stream ended with its session")
    except (RedisError, OSError) as error:
        log.warning("live stream lost, the listener will come again", error=str(error))
