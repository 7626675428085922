"""Lists what rests in the ledger, and puts it back to work."""

from services.audit.undelivered.schemas import RetryAnswer, RetryRequest, Undelivered
from services.contracts.events.audit import DeliveriesRetried, RetriedDelivery
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger import attempts, bus
from services.kit.web.paging import Page


async def list_undelivered(session: ReadSession) -> Page[Undelivered]:
    """The newest hundred; as they are retried, others come into sight."""
    items = [
        Undelivered(
            event_id=each.task_id,
            consumer=each.consumer,
            type=each.type,
            subject=each.subject,
            occurred_at=each.occurred_at,
            rested_at=each.rested_at,
            attempts=each.attempts,
            error=each.last_error,
        )
        for each in await attempts.list_resting(session)
    ]
    return Page(items=items, next_cursor=None)


async def retry(session: WriteSession, wanted: RetryRequest) -> RetryAnswer:
    """Put deliveries back to work; each begins with all its attempts again."""
    if wanted.deliveries is None:
        chosen = [(each.task_id, each.consumer) for each in await attempts.list_resting(session)]
    else:
        chosen = [(each.event_id, each.consumer) for each in wanted.deliveries]
    revived = [
        RetriedDelivery(event_id=event_id, consumer=consumer)
        for event_id, consumer in chosen
        if await attempts.retry_resting(session, event_id, consumer)
    ]
    if revived:
        await bus.publish(session, DeliveriesRetried(deliveries=revived), subject="deliveries/undelivered")
    return RetryAnswer(retried=len(revived))
