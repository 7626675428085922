"""AppXite over HTTP: a `Marketplace` whose addresses, key place and key names come from a profile.

Lists of master data are read whole and again on trouble. Subscriptions and rows, of which there can be
a hundred thousand, are streamed: once the first has been handed on, trouble is the caller's to repeat.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

from services.contracts.shapes import InvoiceFacts, MirrorRecord
from services.kit.upstream.http import (
    BadUpstreamAnswer,
    CredentialsRefused,
    MissingUpstream,
    Refused,
    RightMissing,
    TooManyRequests,
    UpstreamError,
    UpstreamFault,
    decode_json,
    read_piecewise,
    read_whole,
    too_many_requests,
    transport_errors,
)
from services.kit.upstream.rates import RateLimiter
from services.kit.upstream.retry import PATIENT, Patience, Sleep, keep_trying, passes_when_read_again
from services.sync.marketplaces.appxite import parsing
from services.sync.marketplaces.appxite.profiles import ALL_TIME, Endpoint, Profile
from services.sync.marketplaces.appxite.stream import stream_items
from services.sync.marketplaces.port import InvoiceHeader, InvoiceRow, RowsQuestion
from services.sync.systems import Access
from services.sync.unreadable import Unreadable, WrongShape

FIRST_NOT_OK, SERVER_ERROR = 300, 500
DETAILS_AT_ONCE = 8
_BY_STATUS: dict[int, type[Refused]] = {401: CredentialsRefused, 403: RightMissing, 404: MissingUpstream}


@dataclass(frozen=True)
class Account:
    """One partner's access to AppXite. The key stays out of its repr."""

    address: str
    """Scheme, host and port of the reporting API."""
    seller_id: str
    key: str = field(repr=False)
    profile: Profile
    own_organization: str = ""
    """Whose invoices are billed on; empty: everybody's."""


class AppXiteClient:
    """Reads one marketplace. Cheap to make; shares the HTTP client and the limiter."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        account: Account,
        pacing: RateLimiter,
        *,
        today: Callable[[], date],
        patience: Patience = PATIENT,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._http = http
        self._account = account
        self._profile = account.profile
        self._pacing = pacing
        self._today = today
        self._patience = patience
        self._sleep = sleep
        self.calls = 0
        """Requests sent so far, repetitions included."""

    async def organizations(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        listed = await self._list(self._profile.organizations)
        detail = self._profile.organization
        if detail is None:
            for item, raw in listed:
                yield _read(parsing.read_organization, item, raw)
            return
        bare = [(item, raw) for item, raw in listed if not parsing.has_name(item)]
        for item, raw in listed:
            if parsing.has_name(item):
                yield _read(parsing.read_organization, item, raw)
        for start in range(0, len(bare), DETAILS_AT_ONCE):
            batch = bare[start : start + DETAILS_AT_ONCE]
            for found in await asyncio.gather(*(self._organization(detail, item, raw) for item, raw in batch)):
                yield found

    async def offers(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        for item, raw in await self._list(self._profile.offers):
            yield _read(parsing.read_offer, item, raw)

    async def contracts(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        for item, raw in await self._list(self._profile.contracts):
            yield _read(parsing.read_contract, item, raw)

    async def subscriptions(self) -> AsyncIterator[MirrorRecord | Unreadable]:
        endpoint = self._profile.subscriptions
        if endpoint is None:
            return
        for params in self._passes(endpoint, self._all_time()):
            async with self._open(endpoint, params) as (chunks, where):
                async for item, raw in stream_items(chunks, where):
                    yield _read(parsing.read_subscription, item, raw)

    async def invoice_headers(self, first: date, last: date) -> AsyncIterator[InvoiceHeader | Unreadable]:
        """Headers dated from `first` to `last`. Preview ones come first, so that a Verified twin has the last word."""
        endpoints = ((self._profile.headers_preview, True), (self._profile.headers, False))
        for endpoint, is_preview in endpoints:
            if endpoint is None:
                continue
            for window in _windows(first, self._asked_until(last), self._profile.window_days):
                for item, raw in await self._list(endpoint, window):
                    header = self._read_header(item, raw, is_preview=is_preview)
                    # Other windows than the invoice date (the older API's refresh date) may bring other months.
                    if isinstance(header, Unreadable) or first <= header.facts.invoice_date <= last:
                        yield header

    def divide(self, invoices: Sequence[InvoiceFacts], *, is_preview: bool) -> list[RowsQuestion]:
        in_order = sorted(invoices, key=lambda each: (each.invoice_date, each.invoice_id))
        if self._profile.rows_by == "invoice":
            return [RowsQuestion((invoice,), invoice.invoice_date, is_preview) for invoice in in_order]
        days: dict[date, list[InvoiceFacts]] = {}
        for invoice in in_order:
            days.setdefault(invoice.invoice_date, []).append(invoice)
        return [RowsQuestion(tuple(found), day, is_preview) for day, found in days.items()]

    async def rows(self, question: RowsQuestion) -> AsyncIterator[InvoiceRow | Unreadable]:
        preview = self._profile.rows_preview if question.is_preview else None
        endpoint = preview or self._profile.rows
        asked = question.invoices[0].invoice_id if self._profile.rows_by == "invoice" else ""
        params = next(self._passes(endpoint, (question.day, self._asked_until(question.day))))
        async with self._open(endpoint, params, invoice=asked) as (chunks, where):
            async for item, raw in stream_items(chunks, where):
                try:
                    yield parsing.read_row(item, raw, asked)
                except ValueError as fault:
                    yield _unreadable(fault, item, raw, asked)

    async def check_access(self) -> list[Access]:
        today = self._today()
        profile = self._profile
        named = {
            "organizations": profile.organizations,
            "offers": profile.offers,
            "contracts": profile.contracts,
            "subscriptions": profile.subscriptions,
            "invoice headers": profile.headers,
            "invoice preview": profile.headers_preview,
            "invoice rows": profile.rows if profile.rows_by == "window" else None,
        }
        checks = []
        for name, endpoint in named.items():
            if endpoint is not None:
                trouble = await self._trouble_with(endpoint, (today, today))
                checks.append(Access(f"Read {name}", trouble, "can be read"))
        return checks

    def _all_time(self) -> tuple[date, date]:
        return date.fromisoformat(ALL_TIME), self._today() + timedelta(days=1)

    def _asked_until(self, last: date) -> date:
        return last if self._profile.window_of == "invoice_date" else max(last, self._today() + timedelta(days=1))

    async def _trouble_with(self, endpoint: Endpoint, window: tuple[date, date]) -> str:
        try:
            async with self._open(endpoint, next(self._passes(endpoint, window))) as (chunks, where):
                async for _item in stream_items(chunks, where):
                    break  # one record proves the right
        except UpstreamError as fault:
            return fault.message
        return ""

    def _read_header(self, item: Any, raw: str, *, is_preview: bool) -> InvoiceHeader | Unreadable:
        try:
            return parsing.read_header(
                item,
                raw,
                profile=self._profile,
                is_preview=is_preview,
                own_organization=self._account.own_organization,
            )
        except ValueError as fault:
            return _unreadable(fault, item, raw)

    async def _organization(self, detail: Endpoint, item: Any, raw: str) -> MirrorRecord | Unreadable:
        try:
            wanted = parsing.organization_id(item)
            found = await self._list(detail, organization=wanted)
        except (WrongShape, MissingUpstream, BadUpstreamAnswer) as fault:
            return Unreadable(str(fault), raw)
        if not found:
            return Unreadable(f"organization {wanted} was listed but is not there", raw)
        return _read(parsing.read_organization, *found[0])

    async def _list(
        self, endpoint: Endpoint | None, window: tuple[date, date] | None = None, **places: str
    ) -> list[tuple[Any, str]]:
        """Every item of a list, over all its passes, each once; read again from the start on trouble."""
        if endpoint is None:
            return []
        wanted = window or self._all_time()
        found: dict[str, tuple[Any, str]] = {}
        for params in self._passes(endpoint, wanted):
            for item, raw in await self._read_whole(endpoint, params, places):
                found[raw] = (item, raw)
        return list(found.values())

    async def _read_whole(
        self, endpoint: Endpoint, params: Mapping[str, str], places: Mapping[str, str]
    ) -> list[tuple[Any, str]]:
        async def once() -> list[tuple[Any, str]]:
            async with self._open(endpoint, params, **places) as (chunks, where):
                return [found async for found in stream_items(chunks, where)]

        return await keep_trying(once, patience=self._patience, sleep=self._sleep, may_pass=passes_when_read_again)

    def _passes(self, endpoint: Endpoint, window: tuple[date, date]) -> Iterator[dict[str, str]]:
        form = self._profile.date_format
        if not endpoint.windows:
            yield dict(endpoint.fixed)
        for first_name, last_name in endpoint.windows:
            dates = {first_name: window[0].strftime(form), last_name: window[1].strftime(form)}
            yield {**endpoint.fixed, **dates}

    @asynccontextmanager
    async def _open(
        self, endpoint: Endpoint, params: Mapping[str, str], **places: str
    ) -> AsyncIterator[tuple[AsyncIterator[bytes], str]]:
        """The body of one GET, unread, in its turn."""
        path = endpoint.path.format(seller=self._account.seller_id, **places)
        key = {self._profile.key_name: self._account.key}
        in_query = self._profile.key_place == "query"
        request = self._http.build_request(
            "GET",
            f"{self._account.address.rstrip('/')}{path}",
            params={**params, **(key if in_query else {})},
            headers={"Accept": "application/json", **({} if in_query else key)},
        )
        where = f"GET {request.url.host}{request.url.path}"
        async with self._pacing.slot(self._pacing_key):
            self.calls += 1
            with transport_errors("GET", where):
                response = await self._http.send(request, stream=True)
                try:
                    await self._check(response, where)
                    yield read_piecewise(self._http, response), where
                finally:
                    await response.aclose()

    async def _check(self, response: httpx.Response, where: str) -> None:
        status = response.status_code
        if status < FIRST_NOT_OK:
            return
        body = await read_whole(self._http, response)
        if status == httpx.codes.TOO_MANY_REQUESTS:
            asked: TooManyRequests = too_many_requests(response.headers, where)
            await self._pacing.slow_down(self._pacing_key, asked.retry_after)
            raise asked
        message = _message_of(status, body)
        if status >= SERVER_ERROR:
            raise UpstreamFault(message, status=status, raw=body.decode(errors="replace"), where=where)
        raise _BY_STATUS.get(status, Refused)(message, status=status, where=where)

    @property
    def _pacing_key(self) -> str:
        return f"appxite:{httpx.URL(self._account.address).netloc.decode()}:{self._account.seller_id}"


def _windows(first: date, last: date, days: int) -> Iterator[tuple[date, date]]:
    while first <= last:
        end = min(last, first + timedelta(days=days - 1))
        yield first, end
        first = end + timedelta(days=1)


def _read(read: parsing.ReadRecord, item: Any, raw: str) -> MirrorRecord | Unreadable:
    try:
        return read(item)
    except ValueError as fault:
        return Unreadable(str(fault), raw)


def _unreadable(fault: ValueError, item: Any, raw: str, invoice_id: str = "") -> Unreadable:
    found_id, number = parsing.identify_invoice(item)
    reason = str(fault) if isinstance(fault, WrongShape) else f"unreadable record: {fault}"
    return Unreadable(reason, raw, invoice_id=found_id or invoice_id, invoice_number=number)


def _message_of(status: int, answer: bytes) -> str:
    try:
        body = decode_json(answer)
    except BadUpstreamAnswer:
        body = None
    message = body.get("message") if isinstance(body, dict) else None
    return message if isinstance(message, str) and message else f"status {status}"
