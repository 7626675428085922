import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from pydantic import BaseModel
from redis.asyncio import Redis

from deploy.local.servers import ValkeyServer
from services.kit.base.db import Announcement
from services.kit.ledger import live
from services.kit.ledger.live import LiveStream


class Run(BaseModel):
    id: UUID
    status: str


@pytest.fixture
async def stream(redis_url: str) -> AsyncIterator[LiveStream]:
    async with Redis.from_url(redis_url) as redis:
        yield LiveStream(redis)


async def _begin(stream: LiveStream, partner: UUID) -> AsyncIterator[tuple[str, str]]:
    """A listener that has subscribed: its first answer is the pair of empty strings."""
    listening = stream.listen(partner)
    assert await anext(listening) == ("", "")
    return listening


class TestLiveStream:
    async def test_a_listener_hears_what_its_partner_is_told(self, stream: LiveStream, partner: UUID) -> None:
        listening = await _begin(stream, partner)
        run = Run(id=uuid4(), status="running")

        await stream.announce(partner, "run", run)

        kind, payload = await anext(listening)
        assert (kind, json.loads(payload)) == ("run", {"id": str(run.id), "status": "running"})
        await listening.aclose()  # type: ignore[attr-defined]

    async def test_a_listener_hears_nothing_of_another_partner(self, stream: LiveStream, partner: UUID) -> None:
        listening = await _begin(stream, partner)

        await stream.announce(uuid4(), "run", Run(id=uuid4(), status="theirs"))
        await stream.announce_all([Announcement(partner, "plan", Run(id=uuid4(), status="ours"))])

        assert (await anext(listening))[0] == "plan"
        await listening.aclose()  # type: ignore[attr-defined]

    async def test_a_quiet_stream_says_that_it_lives(
        self, stream: LiveStream, partner: UUID, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(live, "QUIET_SECONDS", 0.01)
        listening = await _begin(stream, partner)

        assert await anext(listening) == ("", "")
        await listening.aclose()  # type: ignore[attr-defined]

    @pytest.mark.faults
    async def test_it_ends_when_redis_goes_away(
        self, own_valkey: ValkeyServer, partner: UUID, logged: list[dict[str, Any]]
    ) -> None:
        async with Redis.from_url(own_valkey.url()) as redis:
            listening = await _begin(LiveStream(redis), partner)
            own_valkey.kill()

            assert [each async for each in listening] == []

        assert [each["event"] for each in logged] == ["live stream ended"]


class TestAnnounceWithoutRedis:
    async def test_an_unreachable_redis_loses_the_announcement_and_nothing_else(
        self, free_port: Callable[[], int], partner: UUID, logged: list[dict[str, Any]]
    ) -> None:
        async with Redis.from_url(f"redis://127.0.0.1:{free_port()}/0") as redis:
            await LiveStream(redis).announce(partner, "run", Run(id=uuid4(), status="lost"))

        assert [(each["event"], each["kind"]) for each in logged] == [("live announcement lost", "run")]

    async def test_a_redis_that_hangs_is_not_waited_for(self, partner: UUID) -> None:
        connections: list[asyncio.StreamWriter] = []
        server = await asyncio.start_server(lambda _, writer: connections.append(writer), "127.0.0.1", 0)
        url = f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
        async with asyncio.timeout(live.ANNOUNCE_SECONDS + 30), Redis.from_url(url) as redis:
            await LiveStream(redis).announce(partner, "run", Run(id=uuid4(), status="lost"))

        for connection in connections:
            connection.close()
        server.close()
        await server.wait_closed()
