"""An upstream that sends too much, too slowly, or a bomb, costs a typed error and no memory."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator, Callable

import httpx
import pytest
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from services.kit.upstream.bounded import Bounds
from services.kit.upstream.http import (
    Answer,
    BadUpstreamAnswer,
    OutcomeUnknown,
    UpstreamTimeout,
    create_client,
    read_piecewise,
    send,
    transport_errors,
)
from tests.gateway.conftest import serving

BOUNDS = Bounds(most_bytes=1_000_000, seconds=0.5)
BOMB = gzip.compress(bytes(50_000_000))  # 50 kB that inflate to 50 MB


class Upstream:
    """Answers every request with `answer()`."""

    def __init__(self) -> None:
        self.url = ""
        self.answer: Callable[[], Response] = Response

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self.answer()(scope, receive, send)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    app = Upstream()
    async with serving(app) as app.url:
        yield app


async def ask(upstream: Upstream, method: str = "GET") -> Answer:
    async with create_client(held=BOUNDS) as client:
        return await send(client, client.build_request(method, upstream.url))


async def endless() -> AsyncIterator[bytes]:
    for _ in range(500):
        yield bytes(10_000)
        await asyncio.sleep(0)


async def slowly() -> AsyncIterator[bytes]:
    for _ in range(15):
        await asyncio.sleep(0.1)
        yield b"x"


def packed(body: bytes, encoding: str) -> Callable[[], Response]:
    return lambda: Response(body, headers={"Content-Encoding": encoding})


class TestSend:
    @pytest.mark.parametrize(
        ("body", "encoding"),
        [(b"[1]", "identity"), (gzip.compress(b"[1]", mtime=0), "gzip"), (zlib.compress(b"[1]"), "deflate")],
    )
    async def test_an_answer_within_the_bounds_is_read_whole(
        self, upstream: Upstream, body: bytes, encoding: str
    ) -> None:
        upstream.answer = packed(body, encoding)

        assert (await ask(upstream)).json() == [1]

    async def test_an_endless_answer_is_not_read_to_its_end(self, upstream: Upstream) -> None:
        upstream.answer = lambda: StreamingResponse(endless())

        with pytest.raises(BadUpstreamAnswer, match="longer than 1,000,000 bytes"):
            await ask(upstream)

    async def test_bytes_count_after_inflation(self, upstream: Upstream) -> None:
        upstream.answer = packed(BOMB, "gzip")

        with pytest.raises(BadUpstreamAnswer, match="longer than 1,000,000 bytes"):
            await ask(upstream)

    @pytest.mark.parametrize("encoding", ["gzip, gzip", "br", "zstd"])
    async def test_what_is_packed_in_another_way_is_refused(self, upstream: Upstream, encoding: str) -> None:
        upstream.answer = packed(BOMB, encoding)

        with pytest.raises(BadUpstreamAnswer, match="packed as"):
            await ask(upstream)

    @pytest.mark.parametrize("body", [b"not packed at all", gzip.compress(b"[1]", mtime=0)[:-9]])
    async def test_what_cannot_be_inflated_is_a_bad_answer(self, upstream: Upstream, body: bytes) -> None:
        upstream.answer = packed(body, "gzip")

        with pytest.raises(BadUpstreamAnswer):
            await ask(upstream)

    async def test_a_trickle_ends_at_the_deadline(self, upstream: Upstream) -> None:
        upstream.answer = lambda: StreamingResponse(slowly())

        async with asyncio.timeout(3):
            with pytest.raises(UpstreamTimeout, match="did not end in"):
                await ask(upstream)

    @pytest.mark.parametrize("body", [endless, slowly])
    async def test_a_create_whose_answer_is_not_read_to_its_end_has_an_unknown_outcome(
        self, upstream: Upstream, body: Callable[[], AsyncIterator[bytes]]
    ) -> None:
        upstream.answer = lambda: StreamingResponse(body())

        with pytest.raises(OutcomeUnknown):
            await ask(upstream, "POST")


class TestReadPiecewise:
    async def test_what_the_reader_does_between_two_pieces_does_not_count(self, upstream: Upstream) -> None:
        upstream.answer = lambda: Response(bytes(300_000))
        read = 0
        async with create_client(streamed=BOUNDS) as client:
            response = await client.send(client.build_request("GET", upstream.url), stream=True)
            async for piece in read_piecewise(client, response):
                read += len(piece)
                await asyncio.sleep(0.2)
            await response.aclose()

        assert read == 300_000

    async def test_a_trickle_ends_at_the_deadline(self, upstream: Upstream) -> None:
        upstream.answer = lambda: StreamingResponse(slowly())
        async with create_client(streamed=BOUNDS) as client:
            response = await client.send(client.build_request("GET", upstream.url), stream=True)
            with pytest.raises(UpstreamTimeout), transport_errors("GET", "GET /rows"):
                await anext(piece async for piece in read_piecewise(client, response) if piece != b"x")
            await response.aclose()


def test_a_client_asks_for_what_it_can_inflate_step_by_step() -> None:
    assert httpx.Headers(create_client().headers)["accept-encoding"] == "gzip, deflate"
