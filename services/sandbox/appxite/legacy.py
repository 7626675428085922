"""Profile `reporting-legacy`: the seven calls of the older, unnumbered API, key in the header `saskey`.

Calls and keys are public facts from a client's code. Assumptions: only Verified and later is served, because this
generation has no status key; the refresh window is matched on the invoice date; organization windows select all.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox import credentials
from services.sandbox.appxite.answers import array
from services.sandbox.appxite.errors import ReportingError
from services.sandbox.appxite.marketplace import Marketplace
from services.sandbox.appxite.shapes import Json
from services.sandbox.appxite.windows import read_window
from services.sandbox.seed.offers import vendor_id

BASE = "/legacy"
_NEWER_KEYS = frozenset(
    "status dueDate InvoiceSource InvoiceSourceId erpId parentOrganizationId createdDate modifiedDate".split()
)
_NEWER_ROW_KEYS = frozenset({"invoicesId", "CustomChargeDetails", "InvoiceSource", "InvoiceSourceId"})
_INVOICE_WORKFLOW = "invoicing-rawdata.wrkf"


def legacy_routes(marketplace: Marketplace) -> list[Route]:
    async def list_headers(request: Request) -> Response:
        _check(request, _INVOICE_WORKFLOW)
        window = read_window(request.query_params, "refreshDateFrom", "refreshDateTill")
        return array(_older(header) for header in marketplace.headers(window, preview=False))

    async def list_rows(request: Request) -> Response:
        _check(request, _INVOICE_WORKFLOW)
        window = read_window(request.query_params, "dateFrom", "dateTill")
        wanted = {request.path_params["invoice_id"].lower()}
        return array(_older(row, _NEWER_ROW_KEYS) for row in marketplace.rows(window, wanted, preview=False))

    return [
        Route(f"{BASE}/invoices/invoice-headers", list_headers),
        Route(f"{BASE}/invoices/{{invoice_id}}/invoice-rows", list_rows),
        *_registry_routes(marketplace),
    ]


def _registry_routes(marketplace: Marketplace) -> list[Route]:
    async def list_offers(request: Request) -> Response:
        _check(request, "offers.wrkf")
        read_window(request.query_params, "refreshDateFrom", "refreshDateTill")
        return array({"id": offer["id"], "name": offer["name"]} for offer in marketplace.registry("offers"))

    async def list_vendors_or_sellers(request: Request) -> Response:
        workflow = _check(request, "vendors.wrkf", "profileResellers.wrkf")
        _check_organization_window(request)
        if workflow == "profileResellers.wrkf":
            return array([{"id": credentials.APPXITE_REQUESTER_ID}])
        vendors = sorted({offer["productName"] for offer in marketplace.registry("offers")} - {""})
        return array({"profileVendorId": vendor_id(marketplace.world.seed, vendor)} for vendor in vendors)

    async def list_customers(request: Request) -> Response:
        _check(request, "organizations.wrkf")
        _check_organization_window(request)
        if request.path_params["reseller_id"].lower() != credentials.APPXITE_REQUESTER_ID:
            raise ReportingError(403, "The access key does not cover this seller.")
        return array({"id": each["id"]} for each in marketplace.registry("organizations"))

    async def show_organization(request: Request) -> Response:
        _check(request, "organizations.wrkf")
        found = marketplace.find("organizations", request.path_params["organization_id"])
        return array([] if found is None else [_older(found)])

    return [
        Route(f"{BASE}/data", list_offers),
        Route(f"{BASE}/data/organization-info", list_vendors_or_sellers),
        Route(f"{BASE}/data/organization-info/resellers/{{reseller_id}}", list_customers),
        Route(f"{BASE}/data/organization-info/organizations/{{organization_id}}", show_organization),
    ]


def _check(request: Request, *workflows: str) -> str:
    """The workflow asked for, once key and workflow are right."""
    if request.headers.get("saskey") != credentials.APPXITE_KEY:
        raise ReportingError(401, "Access denied due to missing or invalid access key.")
    workflow = request.query_params.get("workflowId", "")
    if workflow not in workflows:
        raise ReportingError(400, f"The parameter workflowId must be one of: {', '.join(workflows)}.")
    return workflow


def _check_organization_window(request: Request) -> None:
    """The client asks twice, by creation and by change; either window will do."""
    by = "modify" if "modifyDateFrom" in request.query_params else "create"
    read_window(request.query_params, f"{by}DateFrom", f"{by}DateTill")


def _older(record: Json, newer: frozenset[str] = _NEWER_KEYS) -> Json:
    """Without the keys that only the current profile is assumed to have."""
    return {name: value for name, value in record.items() if name not in newer}
