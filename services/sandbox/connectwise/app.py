"""Puts ConnectWise's stand-in together."""

import re
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
from services.sandbox.connectwise.agreement_invoicing import InvoicingOrder, invoice_agreements
from services.sandbox.connectwise.behaviour import BehaviourOrder
from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.deletion import delete_by_order
from services.sandbox.connectwise.entrance import ROUTER, Entrance
from services.sandbox.connectwise.errors import TONGUE, PsaError, bad_request, not_found
from services.sandbox.connectwise.invoices import invoice_info
from services.sandbox.connectwise.next_invoice import InvoicedOrder, WriteOffOrder, take_as_invoiced, write_off
from services.sandbox.connectwise.own_world import PsaWorldOrder, take_world
from services.sandbox.connectwise.paging import LARGEST_SIZE, Query
from services.sandbox.connectwise.present import present
from services.sandbox.connectwise.reading import choose_fields, count_records, list_records
from services.sandbox.connectwise.routing import Target, find_target
from services.sandbox.connectwise.schemas import SCHEMAS
from services.sandbox.connectwise.summary import summarise
from services.sandbox.connectwise.writing import WRITABLE, create, delete, patch, put
from services.sandbox.control import ResetOrder, control_routes, order_route, reading_route, record_route
from services.sandbox.edge import Edge
from services.sandbox.seed.references import HREF_ROOT, Record
from services.sandbox.settings import Settings
from services.sandbox.store import Store

LONGEST_URL = 2000
_INVOICE_INFO = re.compile(r"finance/info/invoice/(\d+)")
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
        version = self.books.behaviour.known_versions[-1]
        return _json(self.entrance.company_info(request.path_params["company"], request.url.netloc, version), request)

    async def api(self, request: Request) -> Response:
        try:
            self.entrance.check(request, self.books.behaviour)
            response = await self._answer(request)
        except PsaError as error:
            response = error.response()
        return _with_headers(response, self.books.behaviour.known_versions[-1])

    async def _answer(self, request: Request) -> Response:
        if len(str(request.url)) > LONGEST_URL:
            raise PsaError(414, "UriTooLong", "The request URI is too long.")  # the status is an assumption
        path = request.path_params["path"].strip("/")
        if path == "system/info" and request.method == "GET":
            return _json(self.entrance.system_info(self.books.behaviour.known_versions[-1]), request)
        info = _INVOICE_INFO.fullmatch(path)
        if info is not None and request.method == "GET":
            return self._invoice_info(request, int(info[1]))
        target = find_target(path)
        if target is None:
            raise not_found("Resource")
        self._check_parent(target)
        if target.record_id is not None:
            return await self._answer_one(request, target, target.record_id)
        return await self._answer_many(request, target)

    def _invoice_info(self, request: Request, key: int) -> Response:
        invoice = self.books.find("invoices", key)
        if invoice is None:
            raise not_found(f"Invoice {key}")
        return _json(invoice_info(self.books, invoice), request)

    async def _answer_many(self, request: Request, target: Target) -> Response:
        query = self._query(request)
        if request.method == "GET" and target.is_count:
            return _json({"count": count_records(self.books, target.kind, target.parent, query)}, request)
        if request.method == "GET":
            records, headers = list_records(self.books, target.kind, target.parent, query)
            return _json(records, request, headers=headers)
        if request.method == "POST" and not target.is_count and "POST" in WRITABLE.get(target.kind, ()):
            record = create(self.books, target.kind, target.parent, await _body(request))
            return self._record(target, record, request, status=201)
        raise _not_allowed(request)

    async def _answer_one(self, request: Request, target: Target, record_id: int) -> Response:
        verb = request.method
        if verb != "GET" and (verb == "POST" or verb not in WRITABLE.get(target.kind, ())):
            raise _not_allowed(request)
        body = await _body(request) if verb in ("PUT", "PATCH") else None  # before the record: no write in between
        record = self.books.find(target.kind, record_id, target.parent)
        if record is None:
            raise not_found(f"{SCHEMAS[target.kind].resource.capitalize()} {record_id}")
        if verb == "DELETE":
            delete(self.books, target.kind, record)
            return Response(status_code=204)
        if verb != "GET":
            record = (put if verb == "PUT" else patch)(self.books, target.kind, record, body)
        return self._record(target, record, request)

    def _check_parent(self, target: Target) -> None:
        owner = {"additions": "agreements", "sites": "companies"}.get(target.kind)
        if owner and target.parent is not None and self.books.find(owner, target.parent) is None:
            raise not_found(f"{SCHEMAS[owner].resource.capitalize()} {target.parent}")

    def _record(self, target: Target, record: Record, request: Request, *, status: int = 200) -> Response:
        shown = present(target.kind, record, self.books)
        return _json(choose_fields(SCHEMAS[target.kind], [shown], self._query(request))[0], request, status)

    def _query(self, request: Request) -> Query:
        """Names are matched without case; names nobody knows are ignored."""
        sent = request.query_params.multi_items()
        forward_only = request.headers.get("pagination-type", "").lower() == "forward-only"
        address = str(request.url.replace(query="")).rstrip("?")
        limit = self.books.behaviour.page_limit or LARGEST_SIZE
        return Query(address, {name.lower(): value for name, value in sent}, sent, forward_only, limit)


def build_app(settings: Settings) -> Edge:
    psa = Psa(settings)
    calls = Calls(settings.connectwise_per_minute)
    inner = Starlette(
        routes=[
            *control_routes(psa, calls, lambda: edge),
            order_route("codebase", CodebaseOrder, psa.move_codebase),
            *_order_routes(psa.books),
            Route("/login/companyinfo/{company}", psa.company_info),
            Route("/{codebase}/apis/3.0/{path:path}", psa.api, methods=_VERBS),
        ],
        exception_handlers={404: _unknown_address},
    )
    edge = Edge(inner, psa.faults, calls, TONGUE)
    return edge


def _order_routes(books: Books) -> list[Route]:
    def set_behaviour(order: BehaviourOrder) -> object:
        return books.change_behaviour(order.root).model_dump()

    def show_behaviour() -> object:
        return books.behaviour.model_dump()

    return [
        order_route("behaviour", BehaviourOrder, set_behaviour),
        reading_route("behaviour", show_behaviour),
        order_route("world", PsaWorldOrder, lambda order: take_world(books, order)),
        order_route("invoice-agreements", InvoicingOrder, lambda order: invoice_agreements(books, order)),
        order_route("write-off", WriteOffOrder, lambda order: write_off(books, order)),
        order_route("invoicing", InvoicedOrder, lambda order: take_as_invoiced(books, order)),
        record_route("{kind}/{record_id:int}/delete", lambda request: delete_by_order(books, request)),
    ]


async def _unknown_address(_: Request, __: Exception) -> Response:
    return not_found("Resource").response()


async def _body(request: Request) -> Any:
    try:
        return exact_json.loads(await request.body())
    except ValueError:
        raise bad_request("The request body is not valid JSON.") from None


def _not_allowed(request: Request) -> PsaError:
    return PsaError(405, "MethodNotAllowed", f"The requested resource does not support http method '{request.method}'.")


def _json(value: object, request: Request, status: int = 200, *, headers: Mapping[str, str] | None = None) -> Response:
    """Addresses of records point to the host and codebase under which the caller came."""
    codebase = request.path_params.get("codebase", ROUTER.rstrip("/"))
    root = f"{request.url.scheme}://{request.url.netloc}/{codebase}/apis/3.0"
    body = exact_json.dumps(value).replace(HREF_ROOT.encode(), root.encode())
    return Response(body, status, headers, media_type="application/json; charset=utf-8")


def _with_headers(response: Response, version: str) -> Response:
    response.headers["api-current-version"] = version
    response.headers["x-cw-request-id"] = str(uuid.uuid4())
    response.headers["x-server-name"] = "SANDBOX-01"
    response.headers["Cache-Control"] = "no-cache"
    return response
