"""Profile `reporting-current`: the host style of the published v2 request, key in the query.

Public facts: the parameter `sasKey`, the last path segments, the 15-month limit. Assumptions: the v1 prefix by
analogy with v2; the window parameters, both ends included, required on rows too; `invoicesId` (repeatable, or
with commas) to narrow rows to some invoices; "preview" means not verified yet.
"""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox import credentials
from services.sandbox.appxite.answers import array
from services.sandbox.appxite.archive import Archive
from services.sandbox.appxite.errors import ReportingError
from services.sandbox.appxite.shapes import (
    Json,
    contract_json,
    header_json,
    offer_json,
    organization_json,
    row_json,
    subscription_json,
)
from services.sandbox.appxite.windows import Window, read_window
from services.sandbox.seed.offers import OFFERS
from services.sandbox.seed.organizations import ORGANIZATIONS
from services.sandbox.seed.subscriptions import all_subscriptions

_BASE = "/api/v1/reporting/requesters/{requester_id}"


def current_routes(archive: Archive) -> list[Route]:
    async def list_registry(request: Request) -> Response:
        _check_key(request)
        return array(_registry(archive, request.path_params["registry"]))

    async def list_headers(request: Request) -> Response:
        _check_key(request)
        window = read_window(request.query_params, "invoiceDateFrom", "invoiceDateTill")
        listed = archive.invoices_between(*window, preview=_is_preview(request))
        return array(header_json(archive.world.seed, invoice, check_sum) for invoice, _, _, check_sum in listed)

    async def list_rows(request: Request) -> Response:
        _check_key(request)
        window = read_window(request.query_params, "invoiceDateFrom", "invoiceDateTill")
        wanted = {key for text in request.query_params.getlist("invoicesId") for key in text.split(",") if key}
        return array(_rows(archive, window, wanted, preview=_is_preview(request)))

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


def _registry(archive: Archive, name: str) -> Iterator[Json]:
    """Customers, offers, contracts or subscriptions, all of them: no window is known for these."""
    seed, lines, month, _ = archive.world
    match name:
        case "organizations":
            return (organization_json(seed, organization, month) for organization in ORGANIZATIONS)
        case "offers":
            return (offer_json(seed, offer) for offer in OFFERS)
        case "contracts":
            return (
                contract_json(seed, organization, currency, month)
                for organization in ORGANIZATIONS
                for currency in filter(None, (organization.currency, organization.second_currency))
            )
        case "subscriptions":
            return (subscription_json(seed, each, month) for each in all_subscriptions(seed, lines, month))
    raise ReportingError(404, "Resource not found")


def _rows(archive: Archive, window: Window, wanted: set[str], *, preview: bool) -> Iterator[Json]:
    seed, _, month, _ = archive.world
    for listed in archive.invoices_between(*window, preview=preview):
        if not wanted or listed.invoice.id in wanted:
            for row in archive.rows(listed.invoice):
                yield row_json(seed, listed.invoice, row, month)
