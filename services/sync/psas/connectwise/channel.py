"""How every ConnectWise call travels: site, API version, rate limit, retries by verb and cause, paging, fence."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import httpx
import structlog

from services.kit.upstream.http import (
    Answer,
    BadUpstreamAnswer,
    MissingUpstream,
    OutcomeUnknown,
    TooManyRequests,
    UpstreamError,
    encode_json,
    send,
)
from services.kit.upstream.retry import PATIENT, Patience, Sleep, keep_trying, passes
from services.sync.psas.connectwise.conditions import Condition
from services.sync.psas.connectwise.errors import VersionUnsupported, read_error
from services.sync.psas.connectwise.paging import Walk
from services.sync.psas.connectwise.site import Account, Site, find_site
from services.sync.psas.port import Fence

log = structlog.get_logger(__name__)

PAGE_SIZE = 1000  # the vendor's hard maximum
MAX_URL = 2000  # longer ones are refused
FIRST_NOT_OK = 300
READS = frozenset({"GET", "HEAD"})
FIRST_BYTE = frozenset({"http11.send_request_headers.started", "http2.send_request_headers.started"})
FORWARD_ONLY = {"pagination-type": "forward-only"}


class SiteMoved(MissingUpstream):
    """After an upgrade of the tenant every address of the old codebase is gone; nothing was done there."""


class Pacing(Protocol):
    """What a channel needs of the rate limiter (`kit.upstream.rates`)."""

    def slot(self, key: str) -> AbstractAsyncContextManager[None]: ...

    async def slow_down(self, key: str, retry_after: float) -> None: ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call, as often as it is repeated."""

    method: str
    path: str
    params: Mapping[str, str] | None = None
    body: object = None
    headers: Mapping[str, str] | None = None

    @property
    def is_read(self) -> bool:
        return self.method in READS

    def may_pass(self, fault: UpstreamError) -> bool:
        """Whether repeating it is harmless, and may help."""
        return passes(fault) or (self.is_read and isinstance(fault, BadUpstreamAnswer))


@dataclass(frozen=True, slots=True)
class Reply:
    """A good answer, decoded, and the address that it came from."""

    body: Any
    headers: Mapping[str, str]
    url: httpx.URL


class Channel:
    """One tenant's line to ConnectWise. Cheap to make; shares the HTTP client and the limiter.

    Args:
        fence: asked before each write leaves; what it raises stops the write, and nothing was sent.
    """

    def __init__(
        self,
        http: httpx.AsyncClient,
        account: Account,
        pacing: Pacing,
        *,
        patience: Patience = PATIENT,
        sleep: Sleep = asyncio.sleep,
        fence: Fence | None = None,
    ) -> None:
        self._http = http
        self.account = account
        self._pacing = pacing
        self._patience = patience
        self._sleep = sleep
        self._fence = fence
        self._site: Site | None = None
        self._version = account.version
        self.calls = 0
        """Requests sent so far, repetitions included."""

    async def site(self) -> Site:
        """Where the API is, asked once. MissingUpstream when the site knows no such company."""
        if self._site is None:
            self._site = await find_site(self._http, self.account)
        return self._site

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return (await self._call(Call("GET", path, params))).body

    async def post(self, path: str, body: object) -> Any:
        """Sent once. `OutcomeUnknown` when the server may have made the record without our learning its id."""
        return (await self._call(Call("POST", path, body=body))).body

    async def patch(self, path: str, body: object) -> Any:
        return (await self._call(Call("PATCH", path, body=body))).body

    async def pages(
        self, path: str, *, conditions: Condition | None = None, page_size: int = PAGE_SIZE
    ) -> AsyncIterator[list[Any]]:
        """Pages of raw records in order of id. Forward-only, so records that come or go shift nothing."""
        filters = {} if conditions is None else {"conditions": conditions.text}
        walk = Walk(path, {"pageSize": str(page_size), **filters})
        while True:
            reply = await self._call(Call("GET", path, walk.params, headers=FORWARD_ONLY))
            found = walk.take(reply.body)
            if not found:
                return
            yield found
            if not walk.go_on(reply.headers, reply.url):
                return

    async def _call(self, call: Call) -> Reply:
        version = self._version
        try:
            return await self._keep_trying(call)
        except SiteMoved as moved:
            log.info("upstream.moved", call=moved.where)
        except VersionUnsupported:
            await self._fall_back(version)
        return await self._keep_trying(call)

    async def _keep_trying(self, call: Call) -> Reply:
        return await keep_trying(
            lambda: self._once(call), patience=self._patience, sleep=self._sleep, may_pass=call.may_pass
        )

    async def _once(self, call: Call) -> Reply:
        site = await self.site()
        request = self._build(call, site)
        answer = await self._send(request)
        if answer.status >= FIRST_NOT_OK:
            error = read_error(answer, method=call.method)
            if isinstance(error, MissingUpstream) and await self._has_moved_from(site):
                raise SiteMoved(error.message, status=error.status, code=error.code, where=error.where)
            raise error
        return Reply(_read_success(answer, call.method), answer.headers, request.url)

    def _build(self, call: Call, site: Site) -> httpx.Request:
        url = f"{site.api}{call.path}"
        content = None if call.body is None else encode_json(call.body)
        headers = {**self.account.headers(self._version), **(call.headers or {})}
        if content is not None:
            headers["Content-Type"] = "application/json"
        request = self._http.build_request(call.method, url, params=call.params, content=content, headers=headers)
        if len(str(request.url)) > MAX_URL:
            raise ValueError(f"the address of {call.method} {call.path} is longer than {MAX_URL} characters")
        if self._fence is not None and not call.is_read:
            request.extensions["trace"] = _ask_at_the_first_byte(self._fence)
        return request

    async def _send(self, request: httpx.Request) -> Answer:
        async with self._pacing.slot(self._pacing_key):
            if self._fence is not None and request.method not in READS:
                self._fence()
            self.calls += 1
            try:
                return await send(self._http, request)
            except TooManyRequests as asked:
                await self._pacing.slow_down(self._pacing_key, asked.retry_after)
                raise

    @property
    def _pacing_key(self) -> str:
        return f"connectwise:{self.account.origin.netloc.decode()}:{self.account.company_id}"

    async def _has_moved_from(self, site: Site) -> bool:
        """Whether the API is elsewhere now. Another call that was in flight may have asked already."""
        if self._site == site:
            self._site = None
        return await self.site() != site

    async def _fall_back(self, refused: str) -> None:
        """Use the version that the site says it has; VersionUnsupported, in words, when that is refused already."""
        own = (await self.site()).version
        if not own or own == refused:
            raise VersionUnsupported(
                f"ConnectWise does not support version {refused} of its API. "
                "Set TIEOUT_CONNECTWISE_API_VERSION to one that it supports.",
                status=httpx.codes.NOT_ACCEPTABLE,
            )
        self._version = own


def _ask_at_the_first_byte(fence: Fence) -> Callable[[str, object], Awaitable[None]]:
    """A trace for httpx: the fence is asked when a connection is there and the first byte is about to leave."""

    async def trace(event: str, _info: object) -> None:
        if event in FIRST_BYTE:
            fence()

    return trace


def _read_success(answer: Answer, method: str) -> Any:
    try:
        return answer.json()
    except BadUpstreamAnswer as fault:
        if method == "POST":
            raise OutcomeUnknown("a create was answered with something unreadable", where=answer.where) from fault
        raise
