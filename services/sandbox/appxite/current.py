"""Profile `reporting-current`: the host style of the published v2 request, key in the query.

Public facts: the parameter `sasKey`, the last path segments, the 15-month limit. Assumptions: the v1 prefix by
analogy with v2; the window parameters, both ends included, required on rows too; `invoicesId` (repeatable, or
with commas) to narrow rows to some invoices; "preview" means not verified yet.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox import credentials
from services.sandbox.appxite.answers import array
from services.sandbox.appxite.errors import ReportingError
from services.sandbox.appxite.marketplace import Marketplace
from services.sandbox.appxite.own_world import REGISTRIES
from services.sandbox.appxite.windows import read_window

_BASE = "/api/v1/reporting/requesters/{requester_id}"


def current_routes(marketplace: Marketplace) -> list[Route]:
    async def list_registry(request: Request) -> Response:
        _check_key(request)
        name = request.path_params["registry"]
        if name not in REGISTRIES:
            raise ReportingError(404, "Resource not found")
        return array(marketplace.registry(name))

    async def list_headers(request: Request) -> Response:
        _check_key(request)
        window = read_window(request.query_params, "invoiceDateFrom", "invoiceDateTill")
        return array(marketplace.headers(window, preview=_is_preview(request)))

    async def list_rows(request: Request) -> Response:
        _check_key(request)
        window = read_window(request.query_params, "invoiceDateFrom", "invoiceDateTill")
        wanted = {key.lower() for text in request.query_params.getlist("invoicesId") for key in text.split(",") if key}
        return array(marketplace.rows(window, wanted, preview=_is_preview(request)))

    return [
        Route(f"{_BASE}/invoice-headers", list_headers),
        Route(f"{_BASE}/invoice-headers/preview", list_headers),
        Route(f"{_BASE}/invoice-rows", list_rows),
        Route(f"{_BASE}/invoice-rows/preview", list_rows),
        Route(f"{_BASE}/{{registry}}", list_registry),
    ]


def _check_key(request: Request) -> None:
    if request.query_params.get("sasKey") != credentials.APPXITE_KEY:
        raise ReportingError(401, "Access denied due to missing or invalid access key.")
    if request.path_params["requester_id"].lower() != credentials.APPXITE_REQUESTER_ID:
        raise ReportingError(403, "The access key does not cover this requester.")


def _is_preview(request: Request) -> bool:
    return request.url.path.endswith("/preview")
