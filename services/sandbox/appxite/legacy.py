"""Profile `reporting-legacy`: the seven calls of the older, unnumbered API, key in the header `saskey`.

Calls and keys are public facts from a client's code. Assumptions: only Verified and later is served, because this
generation has no status key; the refresh window is matched on the invoice date; organization windows select all.
"""

from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from services.sandbox import credentials
from services.sandbox.appxite.answers import array
from services.sandbox.appxite.archive import Archive
from services.sandbox.appxite.errors import ReportingError
from services.sandbox.appxite.shapes import Json, header_json, organization_json, row_json
from services.sandbox.appxite.windows import read_window
from services.sandbox.seed.offers import OFFERS, offer_id, vendor_id
from services.sandbox.seed.organizations import ORGANIZATIONS, organization_id

BASE = "/legacy"
_NEWER_KEYS = frozenset(
    "status dueDate InvoiceSource InvoiceSourceId erpId parentOrganizationId createdDate modifiedDate".split()
)
_NEWER_ROW_KEYS = frozenset({"invoicesId", "CustomChargeDetails"})
_INVOICE_WORKFLOW = "invoicing-rawdata.wrkf"


def legacy_routes(archive: Archive) -> list[Route]:
    async def list_headers(request: Request) -> Response:
        _check(request, _INVOICE_WORKFLOW)
        window = read_window(request.query_params, "refreshDateFrom", "refreshDateTill")
        listed = archive.invoices_between(*window, preview=False)
        seed = archive.world.seed
        return array(_older(header_json(seed, invoice, check_sum)) for invoice, _, _, check_sum in listed)

    async def list_rows(request: Request) -> Response:
        _check(request, _INVOICE_WORKFLOW)
        window = read_window(request.query_params, "dateFrom", "dateTill")
        listed = archive.invoices_between(*window, preview=False)
        wanted = request.path_params["invoice_id"].lower()
        found = [each.invoice for each in listed if each.invoice.id == wanted]
        seed, _, month, _ = archive.world
        return array(
            _older(row_json(seed, each, row, month), _NEWER_ROW_KEYS) for each in found for row in archive.rows(each)
        )

    return [
        Route(f"{BASE}/invoices/invoice-headers", list_headers),
        Route(f"{BASE}/invoices/{{invoice_id}}/invoice-rows", list_rows),
        *_registry_routes(archive),
    ]


def _registry_routes(archive: Archive) -> list[Route]:
    async def list_offers(request: Request) -> Response:
        _check(request, "offers.wrkf")
        read_window(request.query_params, "refreshDateFrom", "refreshDateTill")
        return array({"id": offer_id(archive.world.seed, offer.number), "name": offer.name} for offer in OFFERS)

    async def list_vendors_or_sellers(request: Request) -> Response:
        workflow = _check(request, "vendors.wrkf", "profileResellers.wrkf")
        _check_organization_window(request)
        if workflow == "profileResellers.wrkf":
            return array([{"id": credentials.APPXITE_REQUESTER_ID}])
        vendors = sorted({offer.vendor for offer in OFFERS})
        return array({"profileVendorId": vendor_id(archive.world.seed, vendor)} for vendor in vendors)

    async def list_customers(request: Request) -> Response:
        _check(request, "organizations.wrkf")
        _check_organization_window(request)
        if request.path_params["reseller_id"].lower() != credentials.APPXITE_REQUESTER_ID:
            raise ReportingError(403, "The access key does not cover this seller.")
        return array({"id": organization_id(archive.world.seed, each.number)} for each in ORGANIZATIONS)

    async def show_organization(request: Request) -> Response:
        _check(request, "organizations.wrkf")
        return array(_organization(archive.world.seed, archive.world.month, request.path_params["organization_id"]))

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


def _organization(seed: int, month: date, key: str) -> list[Json]:
    """An array of one, or of none."""
    return [
        _older(organization_json(seed, organization, month))
        for organization in ORGANIZATIONS
        if organization_id(seed, organization.number) == key.lower()
    ]


def _older(record: Json, newer: frozenset[str] = _NEWER_KEYS) -> Json:
    """Without the keys that only the current profile is assumed to have."""
    return {name: value for name, value in record.items() if name not in newer}
