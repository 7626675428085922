"""Calls to other people's servers: one client factory, one way to send, one tree of what can go wrong.

    UpstreamError
    ├── UpstreamUnreachable     nothing was sent: any verb may be tried again
    ├── UpstreamTimeout         no whole answer to a call that may be repeated
    ├── OutcomeUnknown          a write left and no answer came: read before writing again
    ├── TooManyRequests         429; carries `retry_after` in seconds
    ├── UpstreamFault           5xx that a later try may pass
    ├── BadUpstreamAnswer       an answer that is not what it claims to be; its raw text is kept
    └── Refused                 the server understood and said no: status, code, message, errors
        ├── CredentialsRefused  401
        ├── RightMissing        403
        └── MissingUpstream     404

A URL is never logged or shown with its query, because AppXite's key travels there. Numbers are read
as `int` or `Decimal` and written as the exact digits of a `Decimal`: no float comes near money.
"""

import asyncio
import json
import logging
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import httpx
import orjson
import structlog

from services.contracts.money import as_text
from services.kit.upstream.bounded import (
    ENCODINGS,
    HELD,
    STREAMED,
    AnswerTooSlow,
    AnswerUnreadable,
    Bounds,
    read_within,
)

log = structlog.get_logger(__name__)

MAX_RAW_KEPT = 200_000  # characters of a bad answer that are kept; a full 1000-row page fits
REPEATABLE = frozenset({"GET", "HEAD", "PUT", "PATCH", "DELETE"})
"""Verbs whose repetition changes nothing: our PATCHes set absolute values."""


class UpstreamError(Exception):
    """Base of everything that can go wrong with an upstream. `where` is method and path, without query."""

    def __init__(self, message: str, *, where: str = "") -> None:
        super().__init__(f"{message} ({where})" if where else message)
        self.message = message
        self.where = where


class UpstreamUnreachable(UpstreamError):
    """No connection could be made, so nothing was sent."""


class UpstreamTimeout(UpstreamError):
    """The answer did not come, or broke off; repeating the call is safe."""


class OutcomeUnknown(UpstreamError):
    """A create was sent and its answer was lost. Only reading can tell whether the record exists."""


class TooManyRequests(UpstreamError):
    """The server asks everybody who uses these credentials to wait `retry_after` seconds."""

    def __init__(self, message: str, *, retry_after: float, where: str = "") -> None:
        super().__init__(message, where=where)
        self.retry_after = retry_after


class UpstreamFault(UpstreamError):
    """The server failed by its own account (5xx); a later try may pass."""

    def __init__(self, message: str, *, status: int, code: str = "", raw: str = "", where: str = "") -> None:
        super().__init__(message, where=where)
        self.status = status
        self.code = code
        self.raw = raw[:MAX_RAW_KEPT]


class BadUpstreamAnswer(UpstreamError):
    """An answer that cannot be read: HTML instead of JSON, JSON cut short, a field of the wrong shape."""

    def __init__(self, message: str, *, raw: str, status: int = 200, where: str = "") -> None:
        super().__init__(message, where=where)
        self.raw = raw[:MAX_RAW_KEPT]
        self.status = status


@dataclass(frozen=True)
class FieldError:
    """One entry of an upstream's `errors` array."""

    code: str
    message: str
    field: str


class Refused(UpstreamError):
    """The server understood the call and said no; repeating it unchanged is pointless."""

    def __init__(
        self, message: str, *, status: int, code: str = "", errors: tuple[FieldError, ...] = (), where: str = ""
    ) -> None:
        super().__init__(message, where=where)
        self.status = status
        self.code = code
        self.errors = errors


class CredentialsRefused(Refused):
    """The key is unknown, wrong or expired."""


class RightMissing(Refused):
    """The key is good, and its role may not do this."""


class MissingUpstream(Refused):
    """No such record or address. ConnectWise's cloud also answers bad credentials this way."""


@dataclass(frozen=True)
class Timeouts:
    """Seconds. 30 to connect and 60 to read suit a 1000-row page."""

    connect: float = 30.0
    read: float = 60.0
    pool: float = 60.0


@dataclass(frozen=True)
class Answer:
    """A complete answer of any status below 500 that is not 429."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    where: str

    @property
    def text(self) -> str:
        return self.body.decode("utf-8-sig", errors="replace")

    def json(self) -> Any:
        """The body with Decimals for fractions; raises `BadUpstreamAnswer` with the text it could not read."""
        return decode_json(self.body, status=self.status, where=self.where)


class UpstreamClient(httpx.AsyncClient):
    """An HTTP client that says within which bounds its answers are read."""

    held: Bounds = HELD
    streamed: Bounds = STREAMED


def create_client(
    *,
    headers: Mapping[str, str] | None = None,
    timeouts: Timeouts | None = None,
    connections: int = 16,
    held: Bounds = HELD,
    streamed: Bounds = STREAMED,
    transport: httpx.AsyncBaseTransport | None = None,
) -> UpstreamClient:
    """A client that keeps its connections. Close it with the process, or use it as a context manager.

    Args:
        held: bounds of an answer that is read whole.
        streamed: bounds of an answer that is read piece by piece.
    """
    # httpx logs every request line at INFO, query included.
    for chatty in ("httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    patience = timeouts or Timeouts()
    client = UpstreamClient(
        headers={"Accept-Encoding": ENCODINGS, **(headers or {})},
        timeout=httpx.Timeout(patience.read, connect=patience.connect, pool=patience.pool),
        limits=httpx.Limits(max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=30),
        follow_redirects=False,
        transport=transport,
    )
    client.held, client.streamed = held, streamed
    return client


async def send(client: httpx.AsyncClient, request: httpx.Request) -> Answer:
    """Send one request once, and read its answer whole. Transport faults and 429 leave as typed errors."""
    where = f"{request.method} {request.url.host}{request.url.path}"
    bounds = client.held if isinstance(client, UpstreamClient) else HELD
    started = time.perf_counter()
    with transport_errors(request.method, where):
        try:
            async with asyncio.timeout(bounds.seconds):
                response = await client.send(request, stream=True)
        except TimeoutError:
            raise AnswerTooSlow(f"no answer began in {bounds.seconds:g} seconds") from None
        try:
            body = await read_whole(client, response)
        finally:
            await response.aclose()
    seconds = round(time.perf_counter() - started, 4)
    log.debug("upstream.answered", call=where, status=response.status_code, seconds=seconds)
    if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
        raise too_many_requests(response.headers, where)
    return Answer(response.status_code, response.headers, body, where)


async def read_whole(client: httpx.AsyncClient, response: httpx.Response) -> bytes:
    """The body of an open response, within the client's bounds; call it inside `transport_errors`."""
    bounds = client.held if isinstance(client, UpstreamClient) else HELD
    return b"".join([part async for part in read_within(response, bounds)])


def read_piecewise(client: httpx.AsyncClient, response: httpx.Response) -> AsyncIterator[bytes]:
    """The body of an open response as it comes, within the client's bounds; use it inside `transport_errors`."""
    return read_within(response, client.streamed if isinstance(client, UpstreamClient) else STREAMED)


@contextmanager
def transport_errors(method: str, where: str) -> Iterator[None]:
    """Translate transport faults by what they say about the write: unsent, repeatable or unknown."""
    try:
        yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as fault:
        raise UpstreamUnreachable(f"no connection: {type(fault).__name__}", where=where) from fault
    except (httpx.TransportError, AnswerTooSlow, AnswerUnreadable) as fault:
        cause = str(fault) if isinstance(fault, AnswerTooSlow | AnswerUnreadable) else type(fault).__name__
        if method.upper() not in REPEATABLE:
            raise OutcomeUnknown(f"no readable answer to a create: {cause}", where=where) from fault
        if isinstance(fault, AnswerUnreadable):
            raise BadUpstreamAnswer(cause, raw="", where=where) from fault
        raise UpstreamTimeout(f"no complete answer: {cause}", where=where) from fault


def too_many_requests(headers: Mapping[str, str], where: str) -> TooManyRequests:
    """The 429 as an error. Without a readable Retry-After, half a minute: the value ConnectWise documents."""
    try:
        seconds = max(0.0, float(headers.get("retry-after", "30")))
    except ValueError:
        seconds = 30.0
    return TooManyRequests(f"asked to wait {seconds:g} s", retry_after=seconds, where=where)


def _refuse_constant(name: str) -> Decimal:
    raise ValueError(f"{name} is no number")


_decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant, strict=False)


def decode_json(body: bytes | str, *, status: int = 200, where: str = "") -> Any:
    """JSON with `int` and `Decimal` only; an empty body is None."""
    text = body if isinstance(body, str) else body.decode("utf-8-sig", errors="replace")
    if not text.strip():
        return None
    try:
        return _decoder.decode(text)
    except (ValueError, RecursionError) as fault:
        kind = "HTML" if text.lstrip()[:1] == "<" else "unreadable JSON"
        raise BadUpstreamAnswer(f"{kind} instead of JSON: {fault}", raw=text, status=status, where=where) from fault


def decode_json_at(text: str, start: int) -> tuple[Any, int]:
    """One JSON value from `start`, and where it ends; ValueError when it is incomplete or wrong."""
    return _decoder.raw_decode(text, start)


def _exact(value: object) -> orjson.Fragment:
    if isinstance(value, Decimal) and value.is_finite():
        return orjson.Fragment(as_text(value))
    raise TypeError(f"{type(value).__name__} has no exact JSON form")


def encode_json(value: object) -> bytes:
    """JSON bytes in which a Decimal stands as a number with exactly its digits."""
    return orjson.dumps(value, default=_exact)
