"""The client that carries requests to services, against servers that write exactly what a test says."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
import uvloop

from services.gateway import client as module
from services.gateway.client import Address, Answer, Client, ConnectionBroken

DONE = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ndone"

Behave = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Server:
    """Counts its connections, keeps what was asked, and answers each request with the next of `answers`."""

    answers: list[bytes] = field(default_factory=list)
    behave: Behave | None = None
    asked: list[bytes] = field(default_factory=list)
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    address: Address = field(default_factory=lambda: Address.read("http://127.0.0.1:9"))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        try:
            while True:
                self.asked.append(await reader.readuntil(b"\r\n\r\n"))
                if self.behave is not None:
                    await self.behave(reader, writer)
                else:
                    writer.write(self.answers.pop(0) if self.answers else DONE)
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    @property
    def connections(self) -> int:
        return len(self.writers)


@asynccontextmanager
async def listening(*answers: bytes, behave: Behave | None = None) -> AsyncIterator[Server]:
    server = Server(list(answers), behave)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    host, port = listener.sockets[0].getsockname()
    server.address = Address.read(f"http://{host}:{port}")
    try:
        yield server
    finally:
        listener.close()
        for writer in server.writers:
            writer.close()


@asynccontextmanager
async def asking(most: int = 10, kept_seconds: float = 4.0) -> AsyncIterator[Client]:
    client = Client(most=most, connect_seconds=0.3, seconds=0.5, kept_seconds=kept_seconds)
    try:
        yield client
    finally:
        await client.close()


async def get(client: Client, server: Server, method: str = "GET", body: bytes = b"") -> tuple[int, bytes]:
    """Status and body."""
    answer = await client.ask(server.address, method, b"/a?b=c", [(b"x-mine", b"1")], body)
    return answer.status, await read(answer)


async def read(answer: Answer) -> bytes:
    try:
        return b"".join([part async for part in answer.parts()])
    finally:
        answer.close()


class TestAsking:
    async def test_a_request_is_written_as_it_was_given(self) -> None:
        async with listening() as server, asking() as client:
            assert await get(client, server) == (200, b"done")
            name = server.address.name
            assert server.asked == [b"GET /a?b=c HTTP/1.1\r\nhost: " + name + b"\r\nx-mine: 1\r\n\r\n"]

    async def test_a_write_says_how_long_its_body_is_even_where_it_has_none(self) -> None:
        async with listening() as server, asking() as client:
            await get(client, server, "POST")
            assert b"\r\ncontent-length: 0\r\n\r\n" in server.asked[0]

    @pytest.mark.parametrize(
        ("target", "value"), [(b"/a b", b"1"), (b"/a\r\nx: y", b"1"), (b"/a", b"1\r\nx-tieout-identity: forged")]
    )
    async def test_nothing_can_add_a_line_to_a_request(self, target: bytes, value: bytes) -> None:
        async with listening() as server, asking() as client:
            with pytest.raises(ValueError, match="line break"):
                await client.ask(server.address, "GET", target, [(b"x-mine", value)], b"")
            assert server.asked == []

    async def test_an_answer_in_chunks_is_read_to_its_end(self) -> None:
        chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nX: trailer\r\n\r\n"
        async with listening(chunked) as server, asking() as client:
            answer = await client.ask(server.address, "GET", b"/", [], b"")
            assert await read(answer) == b"abcde"
            assert answer.headers == [(b"Transfer-Encoding", b"chunked")]
            assert await get(client, server) == (200, b"done")
            assert server.connections == 1

    async def test_an_interim_answer_is_passed_over(self) -> None:
        async with listening(b"HTTP/1.1 100 Continue\r\nX: y\r\n\r\n" + DONE) as server, asking() as client:
            answer = await client.ask(server.address, "GET", b"/", [], b"")
            assert (answer.status, answer.headers) == (200, [(b"Content-Length", b"4")])
            assert await read(answer) == b"done"

    @pytest.mark.parametrize(
        ("method", "head"),
        [("HEAD", b"HTTP/1.1 200 OK"), ("GET", b"HTTP/1.1 304 Not Modified")],
    )
    async def test_an_answer_without_a_body_is_not_waited_for(self, method: str, head: bytes) -> None:
        async with listening(head + b"\r\nContent-Length: 4\r\n\r\n") as server, asking() as client:
            assert (await get(client, server, method))[1] == b""
            assert await get(client, server) == (200, b"done")

    async def test_it_works_on_the_event_loop_that_the_gateway_runs_on(self) -> None:
        async def twice() -> tuple[int, bytes]:
            async with listening() as server, asking() as client:
                await get(client, server)
                assert await get(client, server) == (200, b"done")
                return server.connections, server.asked[1][:5]

        found: list[tuple[int, bytes]] = []

        def run() -> None:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
                found.append(runner.run(twice()))

        thread = threading.Thread(target=run)
        thread.start()
        await asyncio.to_thread(thread.join)
        assert found == [(1, b"GET /")]


class TestConnections:
    async def test_a_kept_connection_carries_the_next_request(self) -> None:
        async with listening() as server, asking() as client:
            for _ in range(3):
                await get(client, server)
            assert server.connections == 1

    async def test_a_connection_unused_for_long_is_not_trusted(self) -> None:
        async with listening() as server, asking(kept_seconds=0.01) as client:
            await get(client, server)
            await asyncio.sleep(0.05)
            await get(client, server)
            assert server.connections == 2

    async def test_a_connection_that_the_service_closed_is_not_used(self) -> None:
        async with listening() as server, asking() as client:
            await get(client, server)
            server.writers[0].close()
            await server.writers[0].wait_closed()
            await asyncio.sleep(0.05)
            assert await get(client, server) == (200, b"done")

    async def test_a_service_that_says_close_is_taken_at_its_word(self) -> None:
        async with listening(DONE.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")) as server, asking() as client:
            await get(client, server)
            await get(client, server)
            assert server.connections == 2

    @pytest.mark.parametrize("more", [DONE.replace(b"200 OK", b"500 No"), b"rubbish"])
    async def test_bytes_after_an_answer_are_no_part_of_it_and_end_the_connection(self, more: bytes) -> None:
        async with listening(DONE + more) as server, asking() as client:
            assert await get(client, server) == (200, b"done")
            assert await get(client, server) == (200, b"done")
            assert server.connections == 2

    async def test_a_body_that_may_not_be_is_no_part_of_an_answer_and_ends_the_connection(self) -> None:
        async with listening(DONE) as server, asking() as client:
            assert await get(client, server, "HEAD") == (200, b"")
            assert await get(client, server) == (200, b"done")
            assert server.connections == 2

    async def test_bytes_that_come_while_it_is_unused_end_the_connection(self) -> None:
        async with listening() as server, asking() as client:
            await get(client, server)
            server.writers[0].write(DONE.replace(b"done", b"evil"))
            await asyncio.sleep(0.05)
            assert await get(client, server) == (200, b"done")
            assert server.connections == 2

    async def test_an_answer_left_unread_ends_its_connection(self) -> None:
        async with listening() as server, asking() as client:
            (await client.ask(server.address, "GET", b"/", [], b"")).close()
            await get(client, server)
            assert server.connections == 2

    async def test_whoever_finds_all_connections_in_use_waits_and_then_gives_up(self) -> None:
        async with listening() as server, asking(most=1) as client:
            held = await client.ask(server.address, "GET", b"/", [], b"")
            with pytest.raises(ConnectionBroken, match="in use"):
                await get(client, server)
            held.close()
            assert await get(client, server) == (200, b"done")

    async def test_an_unused_connection_gives_way_to_another_service(self) -> None:
        async with listening() as one, listening() as other, asking(most=1) as client:
            await get(client, one)
            assert await get(client, other) == (200, b"done")
            await get(client, one)
            assert (one.connections, other.connections) == (2, 1)

    async def test_a_request_given_up_frees_its_connection(self) -> None:
        async with listening(behave=sleep) as server, asking(most=1) as client:
            asked = asyncio.create_task(get(client, server))
            await asyncio.sleep(0.05)
            asked.cancel()
            await asyncio.gather(asked, return_exceptions=True)
            server.behave = None
            assert await get(client, server) == (200, b"done")


class TestFailures:
    async def test_a_service_that_does_not_listen_is_unreachable(self) -> None:
        async with listening() as server, asking() as client:
            pass
        async with asking() as client:
            with pytest.raises(ConnectionBroken, match="could not be made"):
                await get(client, server)

    async def test_a_service_that_does_not_begin_its_answer_is_too_slow(self) -> None:
        async with listening(behave=sleep) as server, asking() as client:
            with pytest.raises(TimeoutError):
                await get(client, server)

    async def test_a_service_that_stops_in_the_middle_is_too_slow(self) -> None:
        async with listening(DONE[:-2]) as server, asking() as client:
            with pytest.raises(TimeoutError):
                await get(client, server)

    @pytest.mark.parametrize("sent", [b"", b"HTTP/1.1 200 OK\r\n", DONE[:-2], b"HTTP/1.1 200 OK\r\n\r\nno length"])
    async def test_an_answer_that_ends_with_its_connection_is_broken(self, sent: bytes) -> None:
        async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(sent)
            writer.close()

        async with listening(behave=hang_up) as server, asking() as client:
            with pytest.raises(ConnectionBroken):
                await get(client, server)

    @pytest.mark.parametrize(
        "sent",
        [
            b"nonsense\r\n\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000,
        ],
        ids=["nonsense", "another protocol", "two lengths", "endless headers"],
    )
    async def test_what_is_no_answer_is_broken(self, sent: bytes) -> None:
        async with listening(sent) as server, asking() as client:
            with pytest.raises(ConnectionBroken):
                await get(client, server)

    async def test_a_service_that_writes_faster_than_its_answer_is_read_has_to_wait(self) -> None:
        written = 0

        async def pour(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal written
            writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            for _ in range(400):
                writer.write(b"186a0\r\n" + b"x" * 100_000 + b"\r\n")
                await writer.drain()
                written += 100_000
            writer.write(b"0\r\n\r\n")

        async with listening(behave=pour) as server, asking() as client:
            answer = await client.ask(server.address, "GET", b"/", [], b"")
            await asyncio.sleep(0.3)
            held = written
            assert held < 20_000_000  # what the two sockets' buffers take, and MOST_BUFFERED
            assert len(await read(answer)) == 40_000_000
            assert written == 40_000_000 > held > module.MOST_BUFFERED


async def sleep(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(5)
