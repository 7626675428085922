"""Request bodies are read here, whole, bounded in bytes and in time, before anything is opened for the request.

A client that declares a body and does not send it costs a socket until the deadline: no database connection,
no transaction, no connection to a service. The cost accepted: a body stands in memory once, up to the limit.
GET, HEAD, DELETE and OPTIONS have no body in this API: one that is declared is neither waited for nor read.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import ClassVar

from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.kit.base.errors import BodyTooLarge, TieoutError, TooManyTries
from services.kit.web.storable_text import refuse_unstorable_address, refuse_unstorable_json

WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
MOST_UPLOADS = 2  # of some ten MB each, in a process that otherwise needs a hundred
_CLOSE = {"Connection": "close"}  # the rest of an unread body would be taken for the next request

Render = Callable[[TieoutError, str | None, Mapping[str, str]], Response]


class BodyTooSlow(TieoutError):
    """The request body did not arrive in time."""

    status: ClassVar[int] = 408
    action = "Send the request again; if the connection is slow, send less at once."


class TooManyUploads(TooManyTries):
    """Files are being received already, as many as this process holds in memory at once."""

    action = "Send the file again in a moment."


class BodyReader:
    """Middleware: reads the body of each request, then calls the app with a request whose body has arrived.

    Args:
        max_bytes: a longer body is refused with 413, by its declared length or while it arrives.
        seconds: how long a body may take to arrive; 408 after that.
        render: writes a problem as an answer.
        uploads: bounds of addresses that take whole files; MOST_UPLOADS of those bodies are in memory at once.
    """

    def __init__(
        self,
        app: ASGIApp,
        max_bytes: int,
        seconds: float,
        render: Render,
        uploads: Mapping[str, tuple[int, float]] | None = None,
    ) -> None:
        self._app = app
        self._bounds = (max_bytes, seconds)
        self._uploads = uploads or {}
        self._turns = asyncio.Semaphore(MOST_UPLOADS)
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bounds = self._uploads.get(scope["path"])
        if bounds is None or scope["method"] in WITHOUT_BODY:
            await self._pass(scope, receive, send, self._bounds)
        elif self._turns.locked():
            busy = TooManyUploads(f"{MOST_UPLOADS} files are being received.")
            await self._render(busy, scope.get("state", {}).get("correlation_id"), _CLOSE)(scope, receive, send)
        else:
            async with self._turns:
                await self._pass(scope, receive, send, bounds)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, bounds: tuple[int, float]) -> None:
        headers = dict(scope["headers"])
        has_unread_body = scope["method"] in WITHOUT_BODY and _declares_body(headers)
        try:
            refuse_unstorable_address(scope.get("raw_path") or b"", scope.get("query_string", b""))
            body = b"" if scope["method"] in WITHOUT_BODY else await _read(headers, receive, *bounds)
            is_json = b"json" in headers.get(b"content-type", b"json").lower()
            if is_json and scope["path"] not in self._uploads:
                refuse_unstorable_json(body)
        except TieoutError as refusal:
            answer = self._render(refusal, scope.get("state", {}).get("correlation_id"), _CLOSE)
            await answer(scope, receive, send)
            return
        await self._app(scope, _replay(body, receive), _closing(send) if has_unread_body else send)


async def _read(headers: Mapping[bytes, bytes], receive: Receive, max_bytes: int, seconds: float) -> bytes:
    if not _declares_body(headers):
        return b""
    too_large = BodyTooLarge(f"The request body is larger than {max_bytes:,} bytes.")
    declared = headers.get(b"content-length", b"0")
    if declared.isdigit() and int(declared) > max_bytes:
        raise too_large
    parts = bytearray()
    try:
        async with asyncio.timeout(seconds):
            async for part in _parts(receive):
                parts += part
                if len(parts) > max_bytes:
                    raise too_large
    except TimeoutError:
        raise BodyTooSlow(f"The request body did not arrive within {seconds:g} seconds.") from None
    return bytes(parts)


async def _parts(receive: Receive) -> AsyncIterator[bytes]:
    is_last = False
    while not is_last:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        yield message.get("body", b"")
        is_last = not message.get("more_body", False)


def _declares_body(headers: Mapping[bytes, bytes]) -> bool:
    return b"transfer-encoding" in headers or headers.get(b"content-length", b"0") != b"0"


def _replay(body: bytes, receive: Receive) -> Receive:
    """The body first, then whatever else the server says: that the client has gone."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def next_message() -> Message:
        return waiting.pop() if waiting else await receive()

    return next_message


def _closing(send: Send) -> Send:
    async def send_and_close(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message["headers"], (b"connection", b"close")]
        await send(message)

    return send_and_close
