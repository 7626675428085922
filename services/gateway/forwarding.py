"""Carries requests to the services behind, once the caller is authenticated and the body has arrived.

An ASGI app under everything else, and httpx's transport without its client: redirects, cookies and
events are of no use here and cost half a millisecond. A connection to a service is held as briefly as
possible: an answer of up to MOST_HELD bytes is read whole before the client gets any of it, so that a
client that reads slowly holds memory and no connection. Longer ones and streams are passed on as they come.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import ClassVar
from uuid import UUID
from weakref import WeakValueDictionary

import httpx
import structlog
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

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
    b"content-length",  # of the body that was read, which httpx counts again
    IDENTITY_HEADER.encode(),
    CORRELATION_HEADER.encode(),
}
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
        share = self._by_partner.setdefault(partner_id, asyncio.Semaphore(self._most))
        try:
            async with asyncio.timeout(self._seconds):
                await share.acquire()
        except TimeoutError:
            raise TooManyAtOnce(f"{self._most} requests of this partner are being answered already.") from None
        try:
            yield
        finally:
            share.release()


class Forwarder:
    """An ASGI app for everything under /api/v1 that is not the gateway's own."""

    def __init__(
        self, authenticator: Authenticator, operations: Operations, urls: Mapping[str, str], *, key: str, seconds: float
    ) -> None:
        self._authenticator = authenticator
        self._operations = operations
        self._urls = {service: httpx.URL(url) for service, url in urls.items()}
        self._key = key
        self._seconds = seconds
        self._shares = _Shares(MOST_PER_PARTNER, seconds)
        self._transport = httpx.AsyncHTTPTransport(
            limits=httpx.Limits(
                max_connections=MOST_CONNECTIONS,
                max_keepalive_connections=MOST_CONNECTIONS,
                keepalive_expiry=KEEP_ALIVE_SECONDS,
            )
        )

    async def close(self) -> None:
        await self._transport.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        operation = self._operations.find(request.method, scope["path"])
        service = service_of(scope["path"])
        if service not in self._urls:
            raise NoSuchOperation(f"{scope['path']} is not part of the API.")
        identity = await self._authenticator.authorize(request, operation)
        headers = _inward_headers(scope)
        headers.append((IDENTITY_HEADER.encode(), sign_identity(identity, self._key).encode()))
        headers.append((CORRELATION_HEADER.encode(), identity.correlation_id.encode()))
        outgoing = self._build(request, await request.body(), self._urls[service], headers)
        async with self._shares.one_of(identity.partner_id):
            response = await self._ask(outgoing, service)
            try:
                whole = await self._read_if_short(response, service)
                if whole is None:
                    await self._stream(response, send)
            finally:
                await response.aclose()
        if whole is not None:
            await send(_start_of(response))
            await send({"type": "http.response.body", "body": whole, "more_body": False})

    def _build(
        self, request: Request, body: bytes, base: httpx.URL, headers: list[tuple[bytes, bytes]]
    ) -> httpx.Request:
        scope = request.scope
        raw = scope.get("raw_path") or scope["path"].encode()
        query = scope.get("query_string", b"")
        url = base.copy_with(raw_path=raw + b"?" + query if query else raw)
        timeout = {"connect": CONNECT_SECONDS, "read": self._seconds, "write": self._seconds, "pool": CONNECT_SECONDS}
        return httpx.Request(
            request.method, url, headers=headers, content=body or None, extensions={"timeout": timeout}
        )

    async def _ask(self, outgoing: httpx.Request, service: str) -> httpx.Response:
        try:
            return await self._transport.handle_async_request(outgoing)
        except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
            raise ServiceTooSlow(f"The {service} service did not answer in {self._seconds:g} seconds.") from error
        except httpx.TransportError as error:
            raise _away(service, error) from error

    async def _read_if_short(self, response: httpx.Response, service: str) -> bytes | None:
        """The whole body; None where its length is not known, or is more than is held."""
        if not 0 <= int(response.headers.get("content-length", -1)) <= MOST_HELD:
            return None
        try:
            return b"".join([part async for part in response.aiter_raw()])
        except httpx.TransportError as error:
            raise _away(service, error) from error

    async def _stream(self, response: httpx.Response, send: Send) -> None:
        """Each part as it comes. A break in the middle breaks the connection: half an answer must not look whole."""
        await send(_start_of(response))
        async for part in response.aiter_raw():
            # A client that takes nothing for so long is cut off, because it holds a connection.
            async with asyncio.timeout(self._seconds):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _away(service: str, error: httpx.TransportError) -> ServiceAway:
    log.warning("service away", service=service, error=f"{type(error).__name__}: {error}")
    return ServiceAway(f"The {service} service does not answer.")


def _start_of(response: httpx.Response) -> Message:
    connection = response.headers.get("connection", "").lower().encode()
    dropped = _KEPT_FROM_CLIENTS | {name.strip() for name in connection.split(b",")}
    headers = [(name.lower(), value) for name, value in response.headers.raw if name.lower() not in dropped]
    return {"type": "http.response.start", "status": response.status_code, "headers": headers}


def _inward_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    given: list[tuple[bytes, bytes]] = scope["headers"]
    connection = b",".join(value for name, value in given if name == b"connection").lower()
    dropped = _KEPT_FROM_SERVICES | {name.strip() for name in connection.split(b",")}
    return [(name, value) for name, value in given if name not in dropped]
