"""A write that waited too long does not leave: the fence is asked when its turn has come, and at the first byte."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import httpx
import pytest

from services.kit.upstream.http import create_client
from services.kit.upstream.rates import Pace, RateLimiter
from services.sync.psas.connectwise.channel import Channel
from services.sync.psas.connectwise.psa import ConnectWisePsa
from services.sync.psas.connectwise.site import Account
from services.sync.psas.connectwise.traits import describe
from services.sync.psas.port import Fence
from services.sync.settings import UpstreamSettings
from tests.sync.psas.test_connectwise_wire import addition, values


class LeaseEnded(Exception):
    """What a fence raises."""


@dataclass
class Server:
    """A real server: its company info, a list that waits until it is released, and every request line."""

    port: int = 0
    lines: list[str] = field(default_factory=list)
    asked_for_list: asyncio.Event = field(default_factory=asyncio.Event)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                self.lines.append(head.partition("\r\n")[0])
                length = next((line for line in head.lower().split("\r\n") if line.startswith("content-length")), "0")
                await reader.readexactly(int(length.rpartition(":")[2]))
                body = await self._body(self.lines[-1])
                writer.write(f"HTTP/1.1 200 OK\r\nLink: \r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async def _body(self, line: str) -> bytes:
        if "companyinfo" in line:
            return b'{"Codebase": "v4_6_release/"}'
        if line.startswith("GET"):
            self.asked_for_list.set()
            await self.release.wait()
            return b"[]"
        return httpx.Response(200, json=addition(1)).content

    @property
    def writes(self) -> list[str]:
        return [line for line in self.lines if not line.startswith("GET")]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    served = Server()
    listening = await asyncio.start_server(served.answer, "127.0.0.1", 0)
    served.port = listening.sockets[0].getsockname()[1]
    yield served
    served.release.set()
    listening.close()


@asynccontextmanager
async def opened(
    server: Server, fence: Fence, *, in_flight: int = 4, connections: int = 4
) -> AsyncIterator[ConnectWisePsa]:
    account = Account(f"http://127.0.0.1:{server.port}", "contoso", "public", "private", "client")
    pace = RateLimiter(None, pace=Pace(per_minute=60_000, burst=100, in_flight=in_flight))
    async with create_client(connections=connections) as http:
        channel = Channel(http, account, pace, fence=fence)
        await channel.site()
        yield ConnectWisePsa(channel, describe(UpstreamSettings()), timedelta(0))


class Lease:
    """A fence that lets writes pass until it has ended."""

    def __init__(self) -> None:
        self.asked = 0
        self.has_ended = False

    def __call__(self) -> None:
        self.asked += 1
        if self.has_ended:
            raise LeaseEnded


class TestFence:
    async def test_a_write_that_may_leave_leaves(self, server: Server) -> None:
        lease = Lease()
        async with opened(server, lease) as psa:
            made = await psa.create_addition("7", values())
        assert (made.id, len(server.writes), lease.asked) == ("1", 1, 2)

    @pytest.mark.parametrize(
        ("in_flight", "connections"), [(1, 4), (4, 1)], ids=["waiting for its turn", "waiting for a connection"]
    )
    @pytest.mark.parametrize("kind", ["create", "update"])
    async def test_a_write_that_waited_past_the_lease_never_leaves(
        self, server: Server, in_flight: int, connections: int, kind: str
    ) -> None:
        lease = Lease()
        async with opened(server, lease, in_flight=in_flight, connections=connections) as psa:
            reading = asyncio.create_task(psa.list_additions("7"))
            await server.asked_for_list.wait()
            writing = asyncio.create_task(
                psa.create_addition("7", values())
                if kind == "create"
                else psa.update_addition("7", "1", values(), values(serial_number="TO-2"))
            )
            await asyncio.sleep(0.1)
            lease.has_ended = True
            server.release.set()
            await reading
            with pytest.raises(LeaseEnded):
                await writing
        assert server.writes == []

    async def test_reads_pass_no_fence(self, server: Server) -> None:
        lease = Lease()
        lease.has_ended = True
        server.release.set()
        async with opened(server, lease) as psa:
            await psa.list_additions("7")
        assert lease.asked == 0
