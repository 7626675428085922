"""Carries requests to the services behind, once the caller is authenticated and the body has arrived.

An ASGI app under everything else. A connection to a service is held as briefly as possible: an answer of
up to MOST_HELD bytes is read whole before the client gets any of it, so that a client that reads slowly holds
memory and no connection. Longer ones and streams are passed on as they come.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import ClassVar
from urllib.parse import quote
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from services.contracts.identity import CORRELATION_HEADER, IDENTITY_HEADER
from services.gateway.authentication import Authenticator
from services.gateway.client import Address, Answer, Client, ConnectionBroken
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
    """An ASGI app for everything under /api/v1 that is not the gateway's own."""

    def __init__(
        self, authenticator: Authenticator, operations: Operations, urls: Mapping[str, str], *, key: str, seconds: float
    ) -> None:
        self._authenticator = authenticator
        self._operations = operations
        self._addresses = {service: Address.read(url) for service, url in urls.items()}
        self._key = key
        self._seconds = seconds
        self._shares = _Shares(MOST_PER_PARTNER, seconds)
        self._client = Client(
            most=MOST_CONNECTIONS, connect_seconds=CONNECT_SECONDS, seconds=seconds, kept_seconds=KEEP_ALIVE_SECONDS
        )

    async def close(self) -> None:
        await self._client.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        operation = self._operations.find(request.method, scope["path"])
        service = service_of(scope["path"])
        if service not in self._addresses:
            raise NoSuchOperation(f"{scope['path']} is not part of the API.")
        identity = await self._authenticator.authorize(request, operation)
        headers = _inward_headers(scope)
        headers.append((IDENTITY_HEADER.encode(), sign_identity(identity, self._key).encode()))
        headers.append((CORRELATION_HEADER.encode(), identity.correlation_id.encode()))
        body = await request.body()
        async with self._shares.one_of(identity.partner_id):
            answer = await self._ask(service, scope, headers, body)
            try:
                whole = await self._read_if_short(answer, service)
                if whole is None:
                    await self._stream(answer, send)
            finally:
                answer.close()
        if whole is not None:
            await send(_start_of(answer))
            await send({"type": "http.response.body", "body": whole, "more_body": False})

    async def _ask(self, service: str, scope: Scope, headers: list[tuple[bytes, bytes]], body: bytes) -> Answer:
        raw = scope.get("raw_path") or quote(scope["path"]).encode()
        query = scope.get("query_string", b"")
        target = raw + b"?" + query if query else raw
        try:
            return await self._client.ask(self._addresses[service], scope["method"], target, headers, body)
        except TimeoutError as error:
            raise self._too_slow(service) from error
        except ConnectionBroken as error:
            raise _away(service, error) from error

    async def _read_if_short(self, answer: Answer, service: str) -> bytes | None:
        """The whole body; None where its length is not known, or is more than is held."""
        if not 0 <= int(answer.header(b"content-length") or -1) <= MOST_HELD:
            return None
        try:
            return b"".join([part async for part in answer.parts()])
        except TimeoutError as error:
            raise self._too_slow(service) from error
        except ConnectionBroken as error:
            raise _away(service, error) from error

    async def _stream(self, answer: Answer, send: Send) -> None:
        """Each part as it comes. A break in the middle breaks the connection: half an answer must not look whole."""
        await send(_start_of(answer))
        async for part in answer.parts():
            # A client that takes nothing for so long is cut off, because it holds a connection.
            async with asyncio.timeout(self._seconds):
                await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _too_slow(self, service: str) -> ServiceTooSlow:
        return ServiceTooSlow(f"The {service} service did not answer in {self._seconds:g} seconds.")


def _away(service: str, error: ConnectionBroken) -> ServiceAway:
    log.warning("service away", service=service, error=f"{type(error).__name__}: {error}")
    return ServiceAway(f"The {service} service does not answer.")


def _start_of(answer: Answer) -> Message:
    connection = (answer.header(b"connection") or b"").lower()
    dropped = _KEPT_FROM_CLIENTS | {name.strip() for name in connection.split(b",")}
    headers = [(name.lower(), value) for name, value in answer.headers if name.lower() not in dropped]
    return {"type": "http.response.start", "status": answer.status, "headers": headers}


def _inward_headers(scope: Scope) -> list[tuple[bytes, bytes]]:
    given: list[tuple[bytes, bytes]] = scope["headers"]
    connection = b",".join(value for name, value in given if name == b"connection").lower()
    dropped = _KEPT_FROM_SERVICES | {name.strip() for name in connection.split(b",")}
    return [(name, value) for name, value in given if name not in dropped]
