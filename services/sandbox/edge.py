"""The outermost layer of a stand-in: counts, latency, rate limit, ordered faults. Control calls pass untouched.

A lost answer is made real by dropping the TCP connection under the server. Without a server (tests in process)
there is no connection to drop, so `AnswerLost` is raised into the client instead.
"""

import asyncio
from collections.abc import Callable
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from services.sandbox import exact_json
from services.sandbox.calls import Calls
from services.sandbox.faults import FaultBook, FaultKind, FaultOrder

CONTROL_PREFIX = "/_sandbox"
_LOOPBACK = ("127.0.0.1", "::1", "localhost")
_HTML = (
    b"<html><head><title>502 Bad Gateway</title></head><body><center><h1>502 Bad Gateway</h1></center></body></html>"
)
_IDS = frozenset({"id", "rowId", "invoicesId", "subscriptionId", "_info"})


class AnswerLost(Exception):
    """The call was made and nobody heard the answer."""


class Tongue(NamedTuple):
    """How one upstream words its errors: each gives a JSON body."""

    too_many: Callable[[int], bytes]
    timeout: Callable[[], bytes]
    unauthorized: Callable[[], bytes]
    forbidden: Callable[[], bytes]
    failure: Callable[[str, str], bytes]
    """Of a code (empty: the usual one) and a message."""


class Answer(NamedTuple):
    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Edge:
    def __init__(self, app: ASGIApp, faults: FaultBook, calls: Calls, tongue: Tongue) -> None:
        self._app, self._faults, self._calls, self._tongue = app, faults, calls, tongue
        self.latency = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["path"].startswith(CONTROL_PREFIX):
            await self._control(scope, receive, send)
        else:
            await self._serve(scope, receive, send)

    async def _control(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client is None or client[0] in _LOOPBACK:
            await self._app(scope, receive, send)
        else:
            await _send(send, Answer(403, [], b'{"message":"loopback only"}'))

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self.latency:
            await asyncio.sleep(self.latency)
        wait = self._calls.seconds_to_wait()
        fault = None if wait else self._faults.take(scope["method"], scope["path"])
        if wait:
            fault = FaultOrder(kind=FaultKind.TOO_MANY_REQUESTS, retry_after=wait)
        if fault is None:
            await self._app(scope, receive, self._noting(scope, send))
        elif fault.kind is FaultKind.DELAY:
            await asyncio.sleep(fault.seconds)
            await self._app(scope, receive, self._noting(scope, send))
        elif fault.kind is FaultKind.STALL:
            await self._stall(fault, scope, receive, send)
        elif fault.kind is FaultKind.LOST_ANSWER_AFTER_COMMIT:
            await self._call_inside(scope, receive)
            self._calls.note(scope["method"], scope["path"], 0)
            await _drop_connection(receive, send)
        else:
            answer = await self._strike(fault, scope, receive)
            self._calls.note(scope["method"], scope["path"], answer.status)
            await _send(send, answer)

    async def _stall(self, fault: FaultOrder, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold the call open. The request is read first, so that its work is done even when the client leaves."""
        replay = _replaying(await _whole_request(receive), receive)
        if not fault.after_commit:
            await asyncio.sleep(fault.seconds)
        answer = await self._call_inside(scope, replay)
        if fault.after_commit:
            await asyncio.sleep(fault.seconds)
        self._calls.note(scope["method"], scope["path"], answer.status)
        await _send(send, answer)

    def _noting(self, scope: Scope, send: Send) -> Send:
        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._calls.note(scope["method"], scope["path"], message["status"])
            await send(message)

        return noting

    async def _strike(self, fault: FaultOrder, scope: Scope, receive: Receive) -> Answer:
        if fault.kind in (FaultKind.CUT_JSON, FaultKind.NULLS):
            answer = await self._call_inside(scope, receive)
            spoil = _cut if fault.kind is FaultKind.CUT_JSON else lambda body: _nulled(body, fault.fields)
            return answer._replace(body=spoil(answer.body))
        if fault.after_commit or fault.kind is FaultKind.ERROR_AFTER_COMMIT:
            await self._call_inside(scope, receive)
        return self._refusal(fault)

    def _refusal(self, fault: FaultOrder) -> Answer:
        match fault.kind:
            case FaultKind.TOO_MANY_REQUESTS:
                retry = (b"retry-after", str(fault.retry_after).encode())
                return Answer(429, [retry], self._tongue.too_many(fault.retry_after))
            case FaultKind.UNAUTHORIZED:
                return Answer(401, [], self._tongue.unauthorized())
            case FaultKind.FORBIDDEN:
                return Answer(403, [], self._tongue.forbidden())
            case FaultKind.HTML_502:
                return Answer(502, [(b"content-type", b"text/html")], _HTML)
            case FaultKind.ERROR_AFTER_COMMIT:
                return Answer(500, [], self._tongue.failure(fault.code, fault.message))
            case _:
                return Answer(500, [], self._tongue.timeout())

    async def _call_inside(self, scope: Scope, receive: Receive) -> Answer:
        """Run the whole call and keep the answer back."""
        status, headers, parts = 500, list[tuple[bytes, bytes]](), list[bytes]()

        async def keep(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status, headers = message["status"], list(message.get("headers", []))
            else:
                parts.append(message.get("body", b""))

        await self._app(scope, receive, keep)
        kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
        return Answer(status, kept, b"".join(parts))


async def _whole_request(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)


def _replaying(body: bytes, receive: Receive) -> Receive:
    """A request that was read already, to be read again; afterwards the connection is asked as before."""
    waiting = [body]

    async def replay() -> Message:
        return {"type": "http.request", "body": waiting.pop(), "more_body": False} if waiting else await receive()

    return replay


def _cut(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _nulled(body: bytes, fields: list[str]) -> bytes:
    """The body with the fields of its first record set to null; anything but JSON records stays as it is."""
    try:
        value = exact_json.loads(body)
    except ValueError:
        return body
    record: Any = value[0] if isinstance(value, list) and value else value
    if isinstance(record, dict):
        for name in fields or [name for name in record if name not in _IDS]:
            record[name] = None
    return exact_json.dumps(value)


async def _drop_connection(receive: Receive, send: Send) -> None:
    transport = getattr(getattr(send, "__self__", None), "transport", None)
    if transport is None:
        raise AnswerLost
    transport.abort()
    while (await receive())["type"] != "http.disconnect":  # the server must notice before this call ends
        pass


async def _send(send: Send, answer: Answer) -> None:
    headers = answer.headers
    if not any(name.lower() == b"content-type" for name, _ in headers):
        headers = [*headers, (b"content-type", b"application/json; charset=utf-8")]
    headers = [*headers, (b"content-length", str(len(answer.body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
