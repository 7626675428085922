"""HTTP/1.1 to the services behind: connections that are kept, and answers parsed by httptools.

Own code beside well-kept clients, because the gateway may add 1 ms to a small read: with httpx's transport it spent
1.55 ms of processor time on one, with this 0.87 ms (see docs/decisions/0012). The other end is always a service of this
installation under uvicorn, so there is nothing here about redirects, cookies, proxies or HTTP/2, and an answer says its
length or comes in chunks: one that merely ends with its connection counts as broken.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Self, cast
from urllib.parse import urlsplit

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

from services.kit.web.bodies import WITHOUT_BODY

MOST_BUFFERED = 256_000  # bytes of an answer that nobody has taken yet; beyond, the service has to wait
MOST_HEAD = 100_000  # bytes of status line and headers

Headers = Sequence[tuple[bytes, bytes]]

_FIRST_FINAL_STATUS = 200
_STATUS_WITHOUT_BODY = frozenset({204, 304})


class ConnectionBroken(Exception):
    """No connection could be made, or it ended before the answer did."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a service listens."""

    host: str
    port: int
    is_encrypted: bool
    name: bytes
    """Host and port as the Host header has them."""

    @classmethod
    def read(cls, url: str) -> Self:
        parts = urlsplit(url)
        is_encrypted = parts.scheme == "https"
        port = parts.port or (443 if is_encrypted else 80)
        return cls(parts.hostname or "", port, is_encrypted, parts.netloc.rpartition("@")[2].encode())


class _Connection(asyncio.Protocol):
    """One connection and the answer that is arriving on it: one request at a time."""

    _transport: asyncio.Transport

    def __init__(self, address: Address, on_lost: Callable[["_Connection"], None]) -> None:
        self.address = address
        self.unused_since = 0.0
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self._parser = HttpResponseParser(self)
        self._on_lost = on_lost
        self._broken = ""
        self._waiting: asyncio.Future[None] | None = None
        self._parts: list[bytes] = []
        self._buffered = self._head_bytes = 0
        self._is_head_request = self._has_head = self._keeps_alive = False
        # What the parser took for the end of the message; an answer without a body may be whole before it.
        self._is_whole = self._is_parsed = True

    # What the request does.

    @property
    def is_reusable(self) -> bool:
        is_at_rest = self._is_parsed and self._keeps_alive and not self._parts
        return is_at_rest and not self._broken and not self._transport.is_closing()

    def send(self, request: bytes, *, is_head: bool) -> None:
        self._is_head_request = is_head
        self._has_head = self._is_whole = self._is_parsed = self._keeps_alive = False
        self._head_bytes = 0
        self.headers = []
        self._transport.write(request)

    async def wait_for_head(self, seconds: float) -> None:
        while not self._has_head:
            await self._wait(seconds)

    async def next_part(self, seconds: float) -> bytes | None:
        """All that arrived since the last part, at least a byte; None at the end."""
        while not self._parts:
            if self._is_whole:
                return None
            await self._wait(seconds)
        part = b"".join(self._parts)
        self._parts.clear()
        self._buffered = 0
        if not self._broken and not self._transport.is_reading():
            self._transport.resume_reading()
        return part

    def abort(self) -> None:
        self._broken = self._broken or "it was given up"
        self._transport.abort()

    async def _wait(self, seconds: float) -> None:
        if self._broken:
            raise ConnectionBroken(self._broken)
        self._waiting = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(seconds):
                await self._waiting
        finally:
            self._waiting = None

    # What the event loop reports.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are none by inheritance

    def data_received(self, data: bytes) -> None:
        if self._is_parsed:
            self._break("bytes came that belong to no answer")
            return
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade) as error:
            self._break(f"what came is no answer: {error.__cause__ or error!r}")
            return
        self._head_bytes += 0 if self._has_head else len(data)
        if self._head_bytes > MOST_HEAD:
            self._break("the answer's headers do not end")
        elif self._buffered > MOST_BUFFERED and not self._is_parsed:
            self._transport.pause_reading()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._broken = self._broken or f"the service closed it ({exc})"
        self._on_lost(self)
        self._wake()

    def _break(self, why: str) -> None:
        self._broken = self._broken or why
        self._transport.abort()
        self._wake()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    # What the parser finds. An error that is raised here stops it.

    def on_message_begin(self) -> None:
        if self._is_parsed:
            raise ConnectionBroken("a second answer to one request")

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_head:  # else a trailer, which nobody behind sends
            self.headers.append((name, value))

    def on_headers_complete(self) -> None:
        self.status = self._parser.get_status_code()
        if self.status < _FIRST_FINAL_STATUS:
            self.headers = []  # "100 Continue" and the like: the answer comes after it
            return
        self._has_head = True
        self._keeps_alive = self._parser.should_keep_alive()
        self._is_whole = self._is_head_request or self.status in _STATUS_WITHOUT_BODY

    def on_body(self, part: bytes) -> None:
        if self._is_whole:
            raise ConnectionBroken("a body where none may be")
        self._parts.append(part)
        self._buffered += len(part)

    def on_message_complete(self) -> None:
        if self._has_head:
            self._is_whole = self._is_parsed = True


class Answer:
    """A service's answer, of which the body may still be on its way. It holds a connection until `close`."""

    def __init__(self, connection: _Connection, release: Callable[[_Connection], None], seconds: float) -> None:
        self.status = connection.status
        self.headers: Headers = connection.headers
        self._connection = connection
        self._release = release
        self._seconds = seconds

    def header(self, name: bytes) -> bytes | None:
        """The first value of a header, whose name is given in small letters."""
        return next((value for given, value in self.headers if given.lower() == name), None)

    async def parts(self) -> AsyncIterator[bytes]:
        """The body as it comes; TimeoutError where a part takes too long, ConnectionBroken where it breaks off."""
        while (part := await self._connection.next_part(self._seconds)) is not None:
            yield part

    def close(self) -> None:
        """Let the next request have the connection, or end it where the body was not read to its end."""
        self._release(self._connection)


class Client:
    """Asks services over connections that it keeps for a while.

    Args:
        most: connections at once, to all services together; unused ones give way.
        connect_seconds: for a free connection, and again for a new one to be made.
        seconds: for the beginning of an answer, and between two parts of it.
        kept_seconds: how long an unused connection may be used again.
    """

    def __init__(self, *, most: int, connect_seconds: float, seconds: float, kept_seconds: float) -> None:
        self._most = most
        self._connect_seconds = connect_seconds
        self._seconds = seconds
        self._kept_seconds = kept_seconds
        self._places = asyncio.Semaphore(most)
        self._taken = 0  # of the places: used, or being made
        self._used: set[_Connection] = set()
        self._unused: dict[_Connection, None] = {}  # the one that is unused for longest first

    async def ask(self, address: Address, method: str, target: bytes, headers: Headers, body: bytes) -> Answer:
        """The answer, once its headers are there; ConnectionBroken or TimeoutError where it does not come."""
        request = _write(address, method, target, headers, body)
        connection = await self._take(address)
        try:
            connection.send(request, is_head=method == "HEAD")
            await connection.wait_for_head(self._seconds)
        except BaseException:
            self._release(connection)
            raise
        return Answer(connection, self._release, self._seconds)

    async def close(self) -> None:
        for connection in [*self._used, *self._unused]:
            connection.abort()

    async def _take(self, address: Address) -> _Connection:
        try:
            async with asyncio.timeout(self._connect_seconds if self._places.locked() else None):
                await self._places.acquire()
        except TimeoutError:
            raise ConnectionBroken(f"all {self._most} connections are in use") from None
        self._taken += 1
        try:
            connection = self._take_unused(address) or await self._connect(address)
        except BaseException:
            self._free_place()
            raise
        self._used.add(connection)
        return connection

    def _free_place(self) -> None:
        self._taken -= 1
        self._places.release()

    def _take_unused(self, address: Address) -> _Connection | None:
        oldest = asyncio.get_running_loop().time() - self._kept_seconds
        for connection in [each for each in self._unused if each.address == address][::-1]:
            del self._unused[connection]
            if connection.is_reusable and connection.unused_since >= oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self, address: Address) -> _Connection:
        if self._taken + len(self._unused) > self._most:
            given_up = next(iter(self._unused))
            del self._unused[given_up]
            given_up.abort()
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: _Connection(address, self._forget),
                    address.host,
                    address.port,
                    ssl=address.is_encrypted or None,
                )
        except OSError as error:  # TimeoutError is one
            raise ConnectionBroken(f"it could not be made: {type(error).__name__} {error}") from error
        return connection

    def _release(self, connection: _Connection) -> None:
        if connection not in self._used:
            return  # closed twice
        self._used.discard(connection)
        self._free_place()
        if connection.is_reusable:
            connection.unused_since = asyncio.get_running_loop().time()
            self._unused[connection] = None
        else:
            connection.abort()

    def _forget(self, connection: _Connection) -> None:
        self._unused.pop(connection, None)


def _write(address: Address, method: str, target: bytes, headers: Headers, body: bytes) -> bytes:
    lines = [b"%s %s HTTP/1.1" % (method.encode(), target), b"host: " + address.name]
    lines += [name + b": " + value for name, value in headers]
    if method not in WITHOUT_BODY:
        lines.append(b"content-length: %d" % len(body))
    head = b"\r\n".join(lines)
    # uvicorn lets no such request in; a second line of defence, because whoever adds a line adds an identity.
    if head.count(b"\r") + head.count(b"\n") != 2 * (len(lines) - 1) or target.split() != [target]:
        raise ValueError("a header or the address of a request holds a line break or a space")
    return b"%s\r\n\r\n%s" % (head, body)
