"""Reads an answer within bounds: bytes counted after inflation, and seconds spent waiting for the server.

A server that goes wrong, or is somebody else's, may send without end, one byte a minute, or a few kilobytes
that inflate to gigabytes. httpx bounds each wait for a piece and nothing else, and inflates a piece whole.
"""

import asyncio
import time
import zlib
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx

ENCODINGS = "gzip, deflate"
"""What is asked for: what zlib inflates step by step."""
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32
_INFLATED_AT_ONCE = 1_000_000  # bytes


class AnswerTooSlow(Exception):
    """The answer did not end in time."""


class AnswerUnreadable(Exception):
    """The answer is longer than it may be, or is packed in a way that cannot be read."""


@dataclass(frozen=True)
class Bounds:
    """How much of an answer is read, and how long it is waited for."""

    most_bytes: int
    seconds: float
    """Waiting for the server counts; what the reader does between two pieces does not."""


HELD = Bounds(64_000_000, 180)
"""For answers held in memory: a page of 1,000 records has a few MB."""
STREAMED = Bounds(2_000_000_000, 1800)
"""For answers read item by item: 100,000 invoice rows have about 150 MB."""


async def read_within(response: httpx.Response, bounds: Bounds) -> AsyncIterator[bytes]:
    """The body of an open response, inflated, in pieces; AnswerTooSlow, AnswerUnreadable."""
    # A stand-in transport gives its answers whole, and inflated.
    inflater = _Inflater("" if response.is_stream_consumed else response.headers.get("content-encoding", ""))
    left = bounds.most_bytes
    async for packed in _within(_packed(response), bounds.seconds):
        for part in inflater.feed(packed):
            left -= len(part)
            if left < 0:
                raise AnswerUnreadable(f"the answer is longer than {bounds.most_bytes:,} bytes")
            yield part
    inflater.finish()


async def _packed(response: httpx.Response) -> AsyncIterator[bytes]:
    if response.is_stream_consumed:
        yield response.content
        return
    async for part in response.aiter_raw():
        yield part


async def _within(parts: AsyncIterator[bytes], seconds: float) -> AsyncIterator[bytes]:
    left = seconds
    while True:
        asked = time.monotonic()
        try:
            async with asyncio.timeout(left):
                part = await anext(parts, None)
        except TimeoutError:
            raise AnswerTooSlow(f"the answer did not end in {seconds:g} seconds") from None
        left -= time.monotonic() - asked
        if part is None:
            return
        yield part


class _Inflater:
    """Undoes one Content-Encoding, a megabyte at a time; several, as in `gzip, gzip`, are refused."""

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise AnswerUnreadable(f"the answer is packed as {encoding[:40]!r}")
        self._zlib = zlib.decompressobj(_GZIP_OR_ZLIB) if name not in ("", "identity") else None

    def feed(self, packed: bytes) -> Iterator[bytes]:
        if self._zlib is None:
            yield packed
            return
        try:
            is_full = True
            while (packed or is_full) and not self._zlib.eof:
                part = self._zlib.decompress(packed, _INFLATED_AT_ONCE)
                is_full, packed = len(part) == _INFLATED_AT_ONCE, self._zlib.unconsumed_tail
                yield part
        except zlib.error as error:
            raise AnswerUnreadable(f"the answer cannot be inflated: {error}") from error

    def finish(self) -> None:
        if self._zlib is not None and not self._zlib.eof:
            raise AnswerUnreadable("the answer breaks off in the middle of what is packed")
