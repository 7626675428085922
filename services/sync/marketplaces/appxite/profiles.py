"""What we believe about AppXite's reporting APIs, as data: correcting a belief is an edit of this file.

Each entry says where it comes from: `public` is printed in AppXite's own articles, its Postman
collection or the key names of its 2022 ERP client; `assumed` is our analogy or guess and may be wrong
against the live service. Keys are compared without case, spaces, hyphens and underscores, because
both generations of names occur mixed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

ALL_TIME = "2015-01-01"  # assumed: before any AppXite marketplace that still bills


@dataclass(frozen=True)
class Endpoint:
    """One GET. `{seller}`, `{invoice}` and `{organization}` in the path are filled in per call."""

    path: str
    windows: tuple[tuple[str, str], ...] = ()
    """Names of the from/till parameters; several pairs are several passes whose answers are united."""
    fixed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Profile:
    """One generation of the reporting API."""

    name: str
    label: str
    key_place: Literal["query", "header"]
    key_name: str
    rows_by: Literal["invoice", "window"]
    """Whether rows are asked for invoice by invoice, or for a window of invoice dates."""
    window_of: Literal["invoice_date", "refresh_date"]
    """What the window of the invoice calls means. A refresh may come long after the invoice date, never before."""
    date_format: str
    headers: Endpoint
    headers_preview: Endpoint | None
    rows: Endpoint
    rows_preview: Endpoint | None
    organizations: Endpoint
    organization: Endpoint | None
    """Detail of one organization, where the list brings only ids."""
    offers: Endpoint
    contracts: Endpoint | None
    subscriptions: Endpoint | None
    absent_status: str
    """Status of an invoice whose header has none."""
    window_days: int = 31
    """assumed: longest window of invoice dates in one call."""


_REPORTING = "/api/v1/reporting/requesters/{seller}"  # assumed: by analogy with the public v2 address
_BY_INVOICE_DATE = (("invoiceDateFrom", "invoiceDateTill"),)  # assumed

REPORTING_CURRENT = Profile(
    name="reporting-current",
    label="Reporting API v1",
    key_place="query",  # public: Postman collection of v2
    key_name="sasKey",  # public: Postman collection of v2
    rows_by="window",  # assumed: invoice-rows stands beside invoice-headers, not below an invoice
    window_of="invoice_date",  # assumed
    date_format="%Y-%m-%d",  # public for v2, assumed for v1
    headers=Endpoint(f"{_REPORTING}/invoice-headers", _BY_INVOICE_DATE),  # last segment public, rest assumed
    headers_preview=Endpoint(f"{_REPORTING}/invoice-headers/preview", _BY_INVOICE_DATE),  # last segments public
    rows=Endpoint(f"{_REPORTING}/invoice-rows", _BY_INVOICE_DATE),  # last segment public, rest assumed
    rows_preview=Endpoint(f"{_REPORTING}/invoice-rows/preview", _BY_INVOICE_DATE),  # last segments public
    organizations=Endpoint(f"{_REPORTING}/organizations"),  # resource name public, path assumed
    organization=None,
    offers=Endpoint(f"{_REPORTING}/offers"),  # resource name public, path assumed
    contracts=Endpoint(f"{_REPORTING}/contracts"),  # resource name public, path assumed
    subscriptions=Endpoint(f"{_REPORTING}/subscriptions"),  # resource name public, path assumed
    absent_status="Verified",  # assumed: preview has an address of its own
)

_RAW_DATA = {"workflowId": "invoicing-rawdata.wrkf"}  # public: 2022 client
_ORGANIZATIONS = {"workflowId": "organizations.wrkf"}  # public: 2022 client
_CREATED_OR_MODIFIED = (("createDateFrom", "createDateTill"), ("modifyDateFrom", "modifyDateTill"))  # public

REPORTING_LEGACY = Profile(
    name="reporting-legacy",
    label="Reporting endpoint before v1",
    key_place="header",  # public: 2022 client
    key_name="saskey",  # public: 2022 client
    rows_by="invoice",  # public: 2022 client
    window_of="refresh_date",  # assumed: from the names of the parameters
    date_format="%Y-%m-%dT00:00:00Z",  # public: one of the forms in its sample queries
    headers=Endpoint("/invoices/invoice-headers", (("refreshDateFrom", "refreshDateTill"),), _RAW_DATA),  # public
    headers_preview=None,
    rows=Endpoint("/invoices/{invoice}/invoice-rows", (("dateFrom", "dateTill"),), _RAW_DATA),  # public
    rows_preview=None,
    organizations=Endpoint("/data/organization-info/resellers/{seller}", _CREATED_OR_MODIFIED, _ORGANIZATIONS),
    organization=Endpoint("/data/organization-info/organizations/{organization}", (), _ORGANIZATIONS),  # public
    offers=Endpoint("/data", (("refreshDateFrom", "refreshDateTill"),), {"workflowId": "offers.wrkf"}),  # public
    contracts=None,
    subscriptions=None,
    absent_status="Verified",  # assumed: the ERP client books whatever it is given
)

PROFILES: dict[str, Profile] = {profile.name: profile for profile in (REPORTING_CURRENT, REPORTING_LEGACY)}

SENDABLE_STATUSES = frozenset({"verified", "issued", "paid", "paymentcarderror", "cardpaymenterror", "processed"})
"""Verified and later, key form. All words public; that Processed comes after Verified is assumed."""

# Which words end or block a record, key form. The words are public unless marked; that they mean this is assumed.
BLOCKED_ORGANIZATIONS = frozenset({"blocked"})
WITHDRAWN_OFFERS = frozenset({"archived"})
ENDED_CONTRACTS = frozenset({"deactivated"})
ENDED_SUBSCRIPTIONS = frozenset({"expired", "disabled", "deleted", "cancelled", "canceled"})
"""Suspended is not among them: AppXite goes on charging. Disabled, Deleted and Cancelled are assumed words."""
PREVIEW_STATUS = "New"
"""Of an invoice that the preview lists without a status; the word is public."""

DAY_LENGTH = 10
"""assumed: a date is the calendar day as printed, its first ten characters, whatever time or zone follows."""
NO_DATE = "0001-01-01"  # what .NET writes for a date that was never set

CUSTOM_SOURCES = frozenset({"custom", "4"})  # public: InvoiceSource Custom, InvoiceSourceId 4
CUSTOM_CHARGE = "usercorrection"  # public
NO_SUBSCRIPTION = "defaultsubscription"  # public: the name that custom invoices carry without a real one
EMPTY_GUID = "00000000-0000-0000-0000-000000000000"

# Field → keys in order of preference. The first of each is public (2022 client or AppXite's articles);
# those behind it are assumed spellings of the current generation, unless marked.
HEADER_KEYS: dict[str, tuple[str, ...]] = {
    "invoice_id": ("invoicesId", "invoiceId"),
    "number": ("invoicesNumber", "invoiceNumber"),
    "date": ("invoicesDate", "invoiceDate"),
    "currency": ("invoiceCurrency", "currencyCode", "currency"),
    "checksum": ("totalPriceCheckSum",),
    "status": ("status", "invoiceStatus"),  # values public, key assumed
    "receiver": ("invoiceReceiver",),
    "provider": ("invoiceProvider",),
    "provider_id": ("invoiceProviderId",),  # that it equals the seller id of the address is assumed
}
ROW_KEYS: dict[str, tuple[str, ...]] = {
    "row_id": ("rowId", "invoiceRowId"),
    "invoice_id": ("invoicesId", "invoiceId"),  # in the path of the 2022 client, in the body assumed
    "invoice_number": ("invoicesNumber", "invoiceNumber"),
    "organization_id": ("customerOrgId", "customerOrganizationId"),
    "organization_name": ("customerOrg", "customerOrganization"),
    "offer_id": ("offerId",),
    "offer_name": ("offerName", "offerShortName"),
    "subscription_id": ("subscriptionId",),
    "subscription_name": ("subscriptionName",),
    "charge_type": ("invoiceChargeTypes", "chargeType"),  # both public
    "charge_start": ("charge start date", "chargeStartDateUtc"),  # both public
    "charge_end": ("charge end date", "chargeEndDateUtc"),
    "quantity": ("quantity",),
    "unit_price": ("unitPrice",),
    "total": ("totalPrice",),
    "vendor": ("vendorOrg",),  # public
    # That a contract has a number is public (reconciliation file); that rows carry it, and both keys, is assumed.
    "contract_number": ("contractNumber", "invoiceContractNumber"),
    # unknown: none of AppXite's articles or clients names a purchase order; these keys are guesses.
    "purchase_order": ("purchaseOrderNumber", "purchaseOrder", "poNumber"),
    "source": ("invoiceSource", "invoiceSourceId"),  # public
    "custom_details": ("CustomChargeDetails",),  # public; that only rows of custom invoices fill it is assumed
}
ORGANIZATION_KEYS: dict[str, tuple[str, ...]] = {
    "id": ("id", "organizationId"),
    "name": ("fullName", "name"),
    "currency": ("currencyCode", "currency"),
    "status": ("status",),  # values public, key assumed
    "parent": ("parentOrganizationId",),  # assumed
    "erp_id": ("erpId",),  # assumed
    "country": ("billingCountryCode", "countryCode"),
    "city": ("city",),
    "postal_code": ("postalCode",),
    "address": ("addressLine1",),
    "email": ("invoicingEmail",),
    "vat_number": ("vatNumber",),
    "registration_number": ("registrationNumber",),
}
OFFER_KEYS: dict[str, tuple[str, ...]] = {
    "id": ("id", "offerId"),
    "name": ("name", "offerName"),
    "short_name": ("shortName", "offerShortName"),
    "vendor_offer_id": ("vendorOfferId",),
    "product": ("productName", "productsName"),
    "status": ("status",),
}
CONTRACT_KEYS: dict[str, tuple[str, ...]] = {  # concepts public, keys assumed
    "id": ("id", "contractId"),
    "name": ("name", "contractName"),
    "number": ("contractNumber", "number"),
    "reference": ("referenceNumber",),
    "purpose": ("purpose",),
    "status": ("status",),
    "organization_id": ("receiverId", "customerOrgId"),
    "currency": ("currencyCode", "currency"),
    "billing_cycle_day": ("billingCycleDay",),
    "start": ("startDate",),
}
SUBSCRIPTION_KEYS: dict[str, tuple[str, ...]] = {
    "id": ("subscriptionId", "id"),
    "name": ("subscriptionName", "name"),
    "organization_id": ("customerOrgId",),
    "offer_id": ("offerId",),
    "status": ("status",),  # words public, key assumed
    "quantity": ("quantity",),
    "start": ("subscriptionStartDate", "startDate"),
    "end": ("subscriptionEndDate", "endDate"),
    "billing_cycle": ("billingCycle",),  # assumed
    "commitment_term": ("commitmentTerm",),  # assumed
    "vendor_subscription_id": ("vendor Subscription Id",),
}
