"""Puts ConnectWise's stand-in together."""

import uuid
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox import exact_json
from services.sandbox.calls import Calls
from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.entrance import Entrance
from services.sandbox.connectwise.errors import TONGUE, PsaError, bad_request, not_found
from services.sandbox.connectwise.paging import Query
from services.sandbox.connectwise.present import present
from services.sandbox.connectwise.reading import choose_fields, count_records, list_records
from services.sandbox.connectwise.routing import Target, find_target
from services.sandbox.connectwise.schemas import SCHEMAS
from services.sandbox.connectwise.summary import InvoicingOrder, run_invoicing, summarise
from services.sandbox.connectwise.writing import WRITABLE, create, delete, patch, put
from services.sandbox.control import ResetOrder, control_routes, order_route
from services.sandbox.edge import Edge
from services.sandbox.seed.references import Record
from services.sandbox.settings import Settings
from services.sandbox.store import Store

LONGEST_URL = 2000
_VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class CodebaseOrder(BaseModel):
    codebase: str
    """With its trailing slash, as in `v2025_2/`."""


class Psa:
    """The stand-in: answers requests out of its books."""

    def __init__(self, settings: Settings) -> None:
        self.books = Books(Store(settings.dir / "connectwise.sqlite3"), settings)
        self.faults = self.books.faults
        self.entrance = Entrance(settings)

    def reset(self, order: ResetOrder) -> dict[str, Any]:
        return self.books.reset(order)

    def summary(self) -> dict[str, Any]:
        return summarise(self.books)

    def move_codebase(self, order: CodebaseOrder) -> dict[str, Any]:
        self.entrance.move(order.codebase)
        return {"codebase": self.entrance.codebase}

    async def company_info(self, request: Request) -> Response:
        return _json(self.entrance.company_info(request.path_params["company"]))

    async def api(self, request: Request) -> Response:
        try:
            self.entrance.check(request)
            return await self._answer(request)
        except PsaError as error:
            return _with_headers(error.response())

    async def _answer(self, request: Request) -> Response:
        if len(str(request.url)) > LONGEST_URL:
            raise PsaError(414, "UriTooLong", "The request URI is too long.")  # the status is an assumption
        path = request.path_params["path"].strip("/")
        if path == "system/info" and request.method == "GET":
            return _json(self.entrance.system_info())
        target = find_target(path)
        if target is None:
            raise not_found("Resource")
        self._check_parent(target)
        if target.record_id is not None:
            return await self._answer_one(request, target, target.record_id)
        return await self._answer_many(request, target)

    async def _answer_many(self, request: Request, target: Target) -> Response:
        query = _query(request)
        if request.method == "GET" and target.is_count:
            return _json({"count": count_records(self.books, target.kind, target.parent, query)})
        if request.method == "GET":
            records, headers = list_records(self.books, target.kind, target.parent, query)
            return _json(records, headers=headers)
        if request.method == "POST" and not target.is_count and "POST" in WRITABLE.get(target.kind, ()):
            record = create(self.books, target.kind, target.parent, await _body(request))
            return self._record(target, record, query, status=201)
        raise _not_allowed(request)

    async def _answer_one(self, request: Request, target: Target, record_id: int) -> Response:
        verb, query = request.method, _query(request)
        if verb != "GET" and (verb == "POST" or verb not in WRITABLE.get(target.kind, ())):
            raise _not_allowed(request)
        body = await _body(request) if verb in ("PUT", "PATCH") else None  # before the record: no write in between
        record = self.books.find(target.kind, record_id, target.parent)
        if record is None:
            raise not_found(f"{SCHEMAS[target.kind].resource.capitalize()} {record_id}")
        if verb == "DELETE":
            delete(self.books, target.kind, record)
            return _with_headers(Response(status_code=204))
        if verb != "GET":
            record = (put if verb == "PUT" else patch)(self.books, target.kind, record, body)
        return self._record(target, record, query)

    def _check_parent(self, target: Target) -> None:
        owner = {"additions": "agreements", "sites": "companies"}.get(target.kind)
        if owner and target.parent is not None and self.books.find(owner, target.parent) is None:
            raise not_found(f"{SCHEMAS[owner].resource.capitalize()} {target.parent}")

    def _record(self, target: Target, record: Record, query: Query, *, status: int = 200) -> Response:
        shown = present(target.kind, record, self.books)
        return _json(choose_fields(SCHEMAS[target.kind], [shown], query)[0], status)


def build_app(settings: Settings) -> Edge:
    psa = Psa(settings)
    calls = Calls(settings.connectwise_per_minute)
    inner = Starlette(
        routes=[
            *control_routes(psa, calls, lambda: edge),
            order_route("codebase", CodebaseOrder, psa.move_codebase),
            order_route("invoicing", InvoicingOrder, lambda order: run_invoicing(psa.books, order)),
            Route("/login/companyinfo/{company}", psa.company_info),
            Route("/{codebase}/apis/3.0/{path:path}", psa.api, methods=_VERBS),
        ],
        exception_handlers={404: _unknown_address},
    )
    edge = Edge(inner, psa.faults, calls, TONGUE)
    return edge


async def _unknown_address(_: Request, __: Exception) -> Response:
    return not_found("Resource").response()


async def _body(request: Request) -> Any:
    try:
        return exact_json.loads(await request.body())
    except ValueError:
        raise bad_request("The request body is not valid JSON.") from None


def _query(request: Request) -> Query:
    """Names are matched without case; names nobody knows are ignored."""
    sent = request.query_params.multi_items()
    forward_only = request.headers.get("pagination-type", "").lower() == "forward-only"
    address = str(request.url.replace(query="")).rstrip("?")
    return Query(address, {name.lower(): value for name, value in sent}, sent, forward_only)


def _not_allowed(request: Request) -> PsaError:
    return PsaError(405, "MethodNotAllowed", f"The requested resource does not support http method '{request.method}'.")


def _json(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    response = Response(exact_json.dumps(value), status, headers, media_type="application/json; charset=utf-8")
    return _with_headers(response)


def _with_headers(response: Response) -> Response:
    response.headers["api-current-version"] = "2025.1"
    response.headers["x-cw-request-id"] = str(uuid.uuid4())
    response.headers["x-server-name"] = "SANDBOX-01"
    response.headers["Cache-Control"] = "no-cache"
    return response
