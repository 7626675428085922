"""The live stream."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from pydantic import BaseModel
from redis.asyncio import Redis

from services.gateway.sessions.service import IDLE
from services.kit.ledger.live import LiveStream
from tests.gateway.conftest import Door
from tests.support.clock import HeldClock

OWNER = "owner@northwind.example"


class Run(BaseModel):
    id: str
    status: str = "running"


@pytest.fixture
async def announcer(redis_url: str) -> AsyncIterator[LiveStream]:
    async with Redis.from_url(redis_url) as redis:
        yield LiveStream(redis)


@asynccontextmanager
async def listening(client: httpx.AsyncClient, door: Door, partner_id: UUID) -> AsyncIterator[AsyncIterator[str]]:
    """Lines of the stream, once the gateway listens to the partner's channel."""
    async with client.stream("GET", "/api/v1/live", timeout=10) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        await anext(lines)
        yield lines


async def announce_until_heard(
    announcer: LiveStream, partner_id: UUID, run: Run, lines: AsyncIterator[str]
) -> list[str]:
    """The stream is lossy until its subscription stands, so the announcement is repeated."""

    async def repeat() -> None:
        while True:
            await announcer.announce(partner_id, "run", run)
            await asyncio.sleep(0.05)

    repeating = asyncio.create_task(repeat())
    try:
        async with asyncio.timeout(10):
            heard: list[str] = []
            async for line in lines:
                heard.append(line)
                if line.startswith("data:"):
                    return heard
            return heard
    finally:
        repeating.cancel()


class TestLive:
    async def test_an_announced_run_reaches_its_partner(self, door: Door, announcer: LiveStream) -> None:
        partner_id = await door.make_partner(OWNER)
        client = await door.sign_in(OWNER)
        async with listening(client, door, partner_id) as lines:
            heard = await announce_until_heard(announcer, partner_id, Run(id="r1"), lines)
        assert "event: run" in heard
        assert heard[-1] == 'data: {"id":"r1","status":"running"}'

    async def test_another_partners_run_does_not(self, door: Door, announcer: LiveStream) -> None:
        partner_id = await door.make_partner(OWNER)
        other = await door.make_partner("owner@other.example")
        client = await door.sign_in(OWNER)
        async with listening(client, door, partner_id) as lines:
            await announce_until_heard(announcer, partner_id, Run(id="mine"), lines)
            await announcer.announce(other, "run", Run(id="theirs"))
            heard = await announce_until_heard(announcer, partner_id, Run(id="mine again"), lines)
        assert not any("theirs" in line for line in heard)

    async def test_it_needs_a_credential(self, door: Door) -> None:
        assert (await door.client().get("/api/v1/live")).status_code == 401

    async def test_it_ends_with_its_session(self, door: Door, announcer: LiveStream, clock: HeldClock) -> None:
        partner_id = await door.make_partner(OWNER)
        client = await door.sign_in(OWNER)
        async with listening(client, door, partner_id) as lines:
            clock.advance(IDLE + timedelta(minutes=1))
            heard = await announce_until_heard(announcer, partner_id, Run(id="too late"), lines)
        assert not any("too late" in line for line in heard)
