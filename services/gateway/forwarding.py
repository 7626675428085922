"""Carries requests to the services behind: admitted here, streamed both ways, nothing of the body kept.

An ASGI app under everything else, and httpx's transport without its client: redirects, cookies and
events are of no use here and cost half a millisecond.
"""

from collections.abc import AsyncIterator, Mapping
from typing import ClassVar

import httpx
import structlog
from starlette.requests import Request
from starlette.types import Message, Receive, Scope, Send

from services.contracts.identity import CORRELATION_HEADER, IDENTITY_HEADER
from services.gateway.doorkeeper import Doorkeeper
from services.gateway.operations import NoSuchOperation, Operations
from services.gateway.routing import service_of
from services.kit.base.errors import TieoutError, Unavailable
from services.kit.web.identity import sign_identity

log = structlog.get_logger()

CONNECT_SECONDS = 2.0  # services are next door
MOST_CONNECTIONS = 100
KEEP_ALIVE_SECONDS = 4.0  # shorter than uvicorn's 5, so that a kept connection is never one it just closed

HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer "
    b"transfer-encoding upgrade".split()
)
# Credentials stay at the door, and nobody but the door says who is asking.
_KEPT_FROM_SERVICES = HOP_BY_HOP | {
    b"host",
    b"cookie",
    b"authorization",
    b"x-csrf-token",
    b"accept-encoding",
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


class _ClientLeft(Exception):
    """The client hung up while it was sending."""


class Forwarder:
    """An ASGI app for everything under /api/v1 that is not the gateway's own."""

    def __init__(
        self, doorkeeper: Doorkeeper, operations: Operations, urls: Mapping[str, str], *, key: str, seconds: float
    ) -> None:
        self._doorkeeper = doorkeeper
        self._operations = operations
        self._urls = {service: httpx.URL(url) for service, url in urls.items()}
        self._key = key
        self._seconds = seconds
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
        identity = await self._doorkeeper.admit(request, operation)
        headers = _inward_headers(scope)
        headers.append((IDENTITY_HEADER.encode(), sign_identity(identity, self._key).encode()))
        headers.append((CORRELATION_HEADER.encode(), identity.correlation_id.encode()))
        outgoing = self._build(request, self._urls[service], headers)
        try:
            await self._exchange(outgoing, service, send)
        except _ClientLeft:
            log.info("client left while sending", path=scope["path"])

    def _build(self, request: Request, base: httpx.URL, headers: list[tuple[bytes, bytes]]) -> httpx.Request:
        scope = request.scope
        raw = scope.get("raw_path") or scope["path"].encode()
        query = scope.get("query_string", b"")
        url = base.copy_with(raw_path=raw + b"?" + query if query else raw)
        has_body = "content-length" in request.headers or "transfer-encoding" in request.headers
        timeout = {"connect": CONNECT_SECONDS, "read": self._seconds, "write": self._seconds, "pool": CONNECT_SECONDS}
        return httpx.Request(
            request.method,
            url,
            headers=headers,
            content=_body(request.receive) if has_body else None,
            extensions={"timeout": timeout},
        )

    async def _exchange(self, outgoing: httpx.Request, service: str, send: Send) -> None:
        try:
            response = await self._transport.handle_async_request(outgoing)
        except (httpx.ReadTimeout, httpx.WriteTimeout) as error:
            raise ServiceTooSlow(f"The {service} service did not answer in {self._seconds:g} seconds.") from error
        except httpx.TransportError as error:
            log.warning("service away", service=service, error=f"{type(error).__name__}: {error}")
            raise ServiceAway(f"The {service} service does not answer.") from error
        try:
            await _pass_on(response, send)
        finally:
            await response.aclose()


async def _pass_on(response: httpx.Response, send: Send) -> None:
    """Each part as it comes. A break in the middle breaks the connection: half an answer must not look whole."""
    await send(_start_of(response))
    left = int(response.headers.get("content-length", -1))
    async for part in response.aiter_raw():
        left -= len(part)
        # The last part says that it is the last: a small answer in one piece is not compressed as a stream.
        await send({"type": "http.response.body", "body": part, "more_body": left != 0})
    if left != 0:
        await send({"type": "http.response.body", "body": b"", "more_body": False})


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


async def _body(receive: Receive) -> AsyncIterator[bytes]:
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _ClientLeft
        if body := message.get("body", b""):
            yield body
        if not message.get("more_body", False):
            return
