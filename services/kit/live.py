"""The live stream: what people may like to see at once. Lossy on purpose, whoever misses it polls."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import orjson
import structlog
from pydantic import BaseModel
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.kit.db import Announcement, WriteSession

log = structlog.get_logger()


def _channel(partner_id: UUID) -> str:
    return f"tieout:live:{partner_id}"


def announce_after_commit(session: WriteSession, kind: str, payload: BaseModel) -> None:
    """Tell the session's partner about `payload` if, and once, the session's transaction is committed."""
    session.announcements.append(Announcement(session.circumstances.partner_id, kind, payload))


class LiveStream:
    """Announces to, and listens in on, one partner's channel in Redis."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def announce(self, partner_id: UUID, kind: str, payload: BaseModel) -> None:
        """Tell listeners; call it after the commit that made `payload` true."""
        message = orjson.dumps({"kind": kind, "data": payload.model_dump(mode="json")})
        try:
            await self._redis.publish(_channel(partner_id), message)
        except (RedisError, OSError) as error:
            log.warning("live announcement lost", kind=kind, error=str(error))

    async def tell(self, announcements: Sequence[Announcement]) -> None:
        """Announce what a session collected; the database calls it after each commit."""
        for each in announcements:
            await self.announce(each.partner_id, each.kind, each.payload)

    async def listen(self, partner_id: UUID) -> AsyncIterator[tuple[str, str]]:
        """Kinds and JSON payloads as they come; a pair of empty strings each 15 quiet seconds."""
        async with self._redis.pubsub() as subscription:
            await subscription.subscribe(_channel(partner_id))
            while True:
                message = await subscription.get_message(ignore_subscribe_messages=True, timeout=15)
                if message is None:
                    yield "", ""
                    continue
                said = orjson.loads(message["data"])
                yield said["kind"], orjson.dumps(said["data"]).decode()
