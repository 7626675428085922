"""How every ConnectWise call travels: codebase, rate limit, retries by verb and cause, forward-only paging."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import httpx

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
from services.sync.psas.connectwise.errors import read_error
from services.sync.psas.connectwise.site import Account, api_base, discover_codebase
from services.sync.psas.port import Fence

PAGE_SIZE = 1000  # the vendor's hard maximum
MAX_URL = 2000  # longer ones are refused
FIRST_ERROR = 400
READS = frozenset({"GET", "HEAD"})
FIRST_BYTE = frozenset({"http11.send_request_headers.started", "http2.send_request_headers.started"})
FORWARD_ONLY = {"pagination-type": "forward-only"}


class Pacing(Protocol):
    """What a channel needs of the rate limiter (`kit.upstream.rates`)."""

    def slot(self, key: str) -> AbstractAsyncContextManager[None]: ...

    async def slow_down(self, key: str, retry_after: float) -> None: ...


class Channel:
    """One tenant's line to ConnectWise. Cheap to make; shares the HTTP client and the limiter."""

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
        self._account = account
        self._pacing = pacing
        self._patience = patience
        self._sleep = sleep
        self._fence = fence
        self._codebase: str | None = None
        self.calls = 0
        """Requests sent so far, repetitions included."""

    async def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        return await self._call("GET", path, params=params)

    async def post(self, path: str, body: object) -> Any:
        """Sent once. `OutcomeUnknown` when the server may have made the record without our learning its id."""
        return await self._call("POST", path, body=body)

    async def patch(self, path: str, body: object) -> Any:
        return await self._call("PATCH", path, body=body)

    async def pages(
        self, path: str, *, conditions: Condition | None = None, page_size: int = PAGE_SIZE
    ) -> AsyncIterator[list[Any]]:
        """Pages of raw records in order of id. Forward-only, so records that come or go shift nothing."""
        params = {"pageSize": str(page_size)}
        if conditions is not None:
            params["conditions"] = conditions.text
        last = 0
        while True:
            page = await self._call("GET", path, params={**params, "pageId": str(last)}, headers=FORWARD_ONLY)
            if not isinstance(page, list):
                raise BadUpstreamAnswer("a list was expected", raw=str(page), where=path)
            if page:
                yield page
            if len(page) < page_size:
                return
            last = _next_page_id(page, last, path)

    async def _call(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, str] | None = None,
        body: object = None,
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        async def once() -> Any:
            return await self._once(method, path, params, body, headers)

        def may_pass(fault: UpstreamError) -> bool:
            return passes(fault) or (method == "GET" and isinstance(fault, BadUpstreamAnswer))

        try:
            return await keep_trying(once, patience=self._patience, sleep=self._sleep, may_pass=may_pass)
        except MissingUpstream:
            # After an upgrade of the tenant every address of the old codebase is gone.
            if not await self._codebase_has_moved():
                raise
            return await keep_trying(once, patience=self._patience, sleep=self._sleep, may_pass=may_pass)

    async def _once(
        self,
        method: str,
        path: str,
        params: Mapping[str, str] | None,
        body: object,
        headers: Mapping[str, str] | None,
    ) -> Any:
        codebase = self._codebase or await self._find_codebase()
        content = None if body is None else encode_json(body)
        all_headers = {**self._account.headers(), **(headers or {})}
        if content is not None:
            all_headers["Content-Type"] = "application/json"
        url = f"{api_base(self._account, codebase)}{path}"
        request = self._http.build_request(method, url, params=params, content=content, headers=all_headers)
        if self._fence is not None and method not in READS:
            request.extensions["trace"] = _check_at_the_last_moment(self._fence)
        if len(str(request.url)) > MAX_URL:
            raise ValueError(f"the address of {method} {path} is longer than {MAX_URL} characters")
        answer = await self._send(request)
        if answer.status >= FIRST_ERROR:
            raise read_error(answer, method=method)
        return _read_success(answer, method)

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
        return f"connectwise:{self._account.origin.netloc.decode()}:{self._account.company_id}"

    async def _find_codebase(self) -> str:
        self._codebase = await discover_codebase(self._http, self._account)
        return self._codebase

    async def _codebase_has_moved(self) -> bool:
        before = self._codebase
        return await self._find_codebase() != before


def _check_at_the_last_moment(fence: Fence) -> Callable[[str, object], Awaitable[None]]:
    """A trace for httpx that asks the fence when a connection is there and the first byte is about to leave."""

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


def _next_page_id(page: list[Any], last: int, path: str) -> int:
    ids: list[int] = [item["id"] for item in page if isinstance(item, dict) and isinstance(item.get("id"), int)]
    if not ids or max(ids) <= last:
        # A server that ignores forward-only paging would send the same page for ever.
        raise BadUpstreamAnswer("the next page does not go forward", raw="", where=path)
    return max(ids)
