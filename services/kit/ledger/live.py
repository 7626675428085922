"""The live stream: changes that people may like to see at once. It may lose some: clients poll as well."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import orjson
import structlog
from pydantic import BaseModel
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.kit.base.db import Announcement, WriteSession

log = structlog.get_logger()

ANNOUNCE_SECONDS = 0.5  # the transaction is committed; its request waits for the announcement, but no longer
QUIET_SECONDS = 15.0  # below the idle limits of common proxies


def _channel(partner_id: UUID) -> str:
    return f"tieout:live:{partner_id}"


def announce_after_commit(session: WriteSession, kind: str, payload: BaseModel) -> None:
    """Send `payload` to the session's partner after the session's transaction is committed, if it is."""
    session.announcements.append(Announcement(session.circumstances.partner_id, kind, payload))


class LiveStream:
    """Announces to, and listens in on, one partner's channel in Redis."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    async def announce(self, partner_id: UUID, kind: str, payload: BaseModel) -> None:
        """Publish to listeners; call it after the commit that made `payload` true."""
        message = orjson.dumps({"kind": kind, "data": payload.model_dump(mode="json")})
        try:
            async with asyncio.timeout(ANNOUNCE_SECONDS):
                await self._redis.publish(_channel(partner_id), message)
        except (RedisError, OSError, TimeoutError) as error:
            log.warning("live announcement lost", kind=kind, error=f"{type(error).__name__}: {error}")

    async def announce_all(self, announcements: Sequence[Announcement]) -> None:
        """Announce what a session collected; the database calls it after each commit."""
        for each in announcements:
            await self.announce(each.partner_id, each.kind, each.payload)

    async def listen(self, partner_id: UUID) -> AsyncIterator[tuple[str, str]]:
        """Kinds and JSON payloads as they come; a pair of empty strings at first and each 15 quiet seconds.

        Ends when Redis goes away: clients reconnect, and poll meanwhile.
        """
        try:
            async with self._redis.pubsub() as subscription:
                await subscription.subscribe(_channel(partner_id))
                while True:
                    message = await subscription.get_message(ignore_subscribe_messages=True, timeout=QUIET_SECONDS)
                    if message is None:
                        yield "", ""
                        continue
                    said = orjson.loads(message["data"])
                    yield said["kind"], orjson.dumps(said["data"]).decode()
        except (RedisError, OSError) as error:
            log.warning("live stream ended", error=f"{type(error).__name__}: {error}")
