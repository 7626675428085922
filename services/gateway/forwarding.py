"""Carries requests to the services behind, once the caller is authenticated and the body has arrived.

An ASGI app under everything else. A connection to a service is held as briefly as possible: an answer of
up to MOST_HELD bytes is read whole before the client gets any of it, so that a client that reads slowly holds
memory and no connection. Longer ones and streams are passed on as they come.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import ClassVar
from urllib.parse import quote
from uuid import UUID
from weakref import WeakValueDictionary

import aiohttp
import structlog
from multidict import CIMultiDict
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send
from yarl import URL

from services.contracts.identity import CORRELATION_HEADER, IDENTITY_HEADER
from services.gateway.authentication import Authenticator
from services.gateway.operations import NoSuchOperation, Operations
from services.gateway.routing import service_of
from services.kit.base.errors import TieoutError, TooManyTries, Unavailable
from services.kit.web.identity import sign_identity

log = structlog.get_logger()

CONNECT_SECONDS = 2.0  # services are on the same network
MOST_CONNECTIONS = 100
MOST_PER_PARTNER = 40  # of them at once, so that two partners that ask for all they can leave some to the others
MOST_HELD = 2_000_000  # bytes; a window of 1,000 lines has about 1.5 MB
KEEP_ALIVE_SECONDS = 4.0  # shorter than uvicorn's 5, so that a kept connection is never one it just closed

HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer "
    b"transfer-encoding upgrade".split()
)
# Credentials end here, and nobody but the gateway says who is asking.
_KEPT_FROM_SERVICES = HOP_BY_HOP | {
    b"host",
    b"cookie",
    b"authorization",
    b"x-csrf-token",
    b"accept-encoding",
    b"content-length",  # of the body that was read, which the client counts again
    IDENTITY_HEADER.encode(),
    CORRELATION_HEADER.encode(),
}
_NOT_OURS_TO_SAY = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that the client would add where the caller sent none."""
_KEPT_FROM_CLIENTS = HOP_BY_HOP | {b"server", b"date", CORRELATION_HEADER.encode()}


class ServiceAway(Unavailable):
    """The service behind this path does not answer."""


class ServiceTooSlow(TieoutError):
    """The service behind this path took too long; a write may have happened or not."""

    status: ClassVar[int] = 504
    action = "Look whether it happened before you try again, or repeat it with the same Idempotency-Key."


class TooManyAtOnce(TooManyTries):
    """So many requests of this partner are being answered that another one has to wait."""

    action = "Wait until earlier requests are answered, and send fewer at once."


class _Shares:
    """Each partner's share of the connections: whoever is beyond it waits, for `seconds` at most."""

    def __init__(self, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._by_partner: WeakValueDictionary[UUID, asyncio.Semaphore] = WeakValueDictionary()

    @asynccontextmanager
    async def one_of(self, partner_id: UUID) -> AsyncIterator[None]:
        share = self._by_partner.get(partner_id)
        if share is None:
            self._by_partner[partner_id] = share = asyncio.Semaphore(self._most)
        try:
            async with asyncio.timeout(self._seconds if share.locked() else None):
                await share.acquire()
        except TimeoutError:
            raise TooManyAtOnce(f"{self._most} requests of this partner are being answered already.") from None
        try:
            yield
        finally:
            share.release()


class Forwarder:
    """An ASGI app for everything under /api/v1 that is not the gateway's own. Made inside a running event loop."""

    def __init__(
        self, authenticator: Authenticator, operations: Operations, urls: Mapping[str, str], *, key: str, seconds: float
    ) -> None:
        self._authenticator = authenticator
        self._operations = operations
        self._urls = {service: url.rstrip("/") for service, url in urls.items()}
        self._key = key
        self._seconds = seconds
        self._shares = _Shares(MOST_PER_PARTNER, seconds)
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=MOST_CONNECTIONS, keepalive_timeout=KEEP_ALIVE_SECONDS),
            timeout=aiohttp.ClientTimeout(connect=CONNECT_SECONDS, sock_read=seconds),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_NOT_OURS_TO_SAY,
        )

    async def close(self) -> None:
        await self._client.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        operation = self._operations.find(request.method, scope["path"])
        service = service_of(scope["path"])
        if service not in self._urls:
            raise NoSuchOperation(f"{scope['path']} is not part of the API.")
        identity = await self._authenticator.authorize(request, operation)
        headers = _inward_headers(scope)
        headers[IDENTITY_HEADER] = sign_identity(identity, self._key)
        headers[CORRELATION_HEADER] = identity.correlation_id
        body = await request.body()
        async with self._shares.one_of(identity.partner_id):
            answer = await self._ask(service, scope, headers, body)
            try:
                whole = await self._read_if_short(answer, service)
                if whole is None:
                    await self._stream(answer, send)
            finally:
                answer.release()  # which ends a connection whose answer was not read to its end
        if whole is not None:
            await send(_start_of(answer))
            await send({"type": "http.response.body", "body": whole, "more_body": False})

    async def _ask(self, service: str, scope: Scope, headers: CIMultiDict[str], body: bytes) -> aiohttp.ClientResponse:
        raw: bytes = scope.get("raw_path") or quote(scope["path"]).encode()
        query: bytes = scope.get("query_string", b"")
        target = (raw + b"?" + query if query else raw).decode("latin-1")
        url = URL(self._urls[service] + target, encoded=True)
        with self._explained(service):
            return await self._client.request(
                scope["method"], url, headers=headers, data=body or None, allow_redirects=False
            )

    async def _read_if_short(self, answer: aiohttp.ClientResponse, service: str) -> bytes | None:
        """The whole body; None where its length is not known, or is more than is held."""
        if not 0 <= int(answer.headers.get("content-length", -1)) <= MOST_HELD:
            return None
        with self._explained(service):
            return await answer.read()

    async def _stream(self, answer: aiohttp.ClientResponse, send: Send) -> None:
        """Each part as it comes. A break in the middle breaks the connection: half an answer must not look whole."""
        await send(_start_of(answer))
        async for part in answer.content.iter_any():
            # A client that takes nothing for so long is cut off, because it holds a connection.
            async with asyncio.timeout(self._seconds):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    @contextmanager
    def _explained(self, service: str) -> Iterator[None]:
        """Trouble with a service, in the words of this API."""
        try:
            yield
        except aiohttp.SocketTimeoutError as error:
            raise ServiceTooSlow(f"The {service} service did not answer in {self._seconds:g} seconds.") from error
        except aiohttp.ClientError as error:
            log.warning("service away", service=service, error=f"{type(error).__name__}: {error}")
            raise ServiceAway(f"The {service} service does not answer.") from error


def _start_of(answer: aiohttp.ClientResponse) -> Message:
    connection = answer.headers.get("connection", "").lower().encode()
    dropped = _KEPT_FROM_CLIENTS | {name.strip() for name in connection.split(b",")}
    headers = [(name.lower(), value) for name, value in answer.raw_headers if name.lower() not in dropped]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


def _inward_headers(scope: Scope) -> CIMultiDict[str]:
    """What the caller sent, less what ends here. Bytes that are no UTF-8 mean nothing in a header, and are left out."""
    given: list[tuple[bytes, bytes]] = scope["headers"]
    connection = b",".join(value for name, value in given if name == b"connection").lower()
    dropped = _KEPT_FROM_SERVICES | {name.strip() for name in connection.split(b",")}
    return CIMultiDict(
        (name.decode("latin-1"), value.decode("utf-8", "ignore")) for name, value in given if name not in dropped
    )
