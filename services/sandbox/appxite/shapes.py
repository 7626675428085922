"""AppXite's JSON records, key by key, spaces in keys included.

Public facts are the 18 header keys, the 31 row keys and the organization keys; they were read by a client of an
older API generation. Assumptions: `status`, `dueDate`, `invoicesId` on rows, `erpId`, `parentOrganizationId`,
the two change dates, every contract key, and what the row prices other than `unitPrice` and `totalPrice` mean.
"""

from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

from services.sandbox import credentials
from services.sandbox.seed.invoices import Invoice, Row, billing_period
from services.sandbox.seed.months import add_months, midnight
from services.sandbox.seed.offers import OFFERS, Offer, OfferKind, offer_id, vendor_id
from services.sandbox.seed.organizations import Organization, contract_id, organization_id, vat_number
from services.sandbox.seed.subscriptions import Subscription, commitment_end

Json = dict[str, Any]

_RATE_TO_EURO = {"EUR": Decimal(1), "USD": Decimal("0.9259")}
_CYCLES = {
    OfferKind.LICENSE: "Monthly",
    OfferKind.ANNUAL: "Annual",
    OfferKind.USAGE: "Monthly",
    OfferKind.ITEM: "Monthly",
    OfferKind.ONE_TIME: "OneTime",
}
_CUSTOM_OFFER = OFFERS[0]
"""Custom rows must name an offer too; a stand-alone one names this."""


def organization_json(seed: int, organization: Organization, month: date) -> Json:
    changed = midnight(add_months(month, -1 - organization.number % 12))
    return {
        "id": organization_id(seed, organization.number),
        "fullName": organization.name,
        "addressLine1": f"{7 + organization.number} Market Street",
        "addressLine2": "",
        "city": organization.city,
        "state": "",
        "postalCode": f"{10_000 + organization.number * 37}",
        "billingCountryCode": organization.country,
        "currencyCode": organization.currency,
        "accountManager": "Mairead Keane",
        "accountManagerPhone": "+353 1 555 0100",
        "invoicingEmail": f"billing@customer{organization.number:02d}.example",
        "vatNumber": vat_number(organization),
        "registrationNumber": f"R{70_000 + organization.number * 13}",
        "status": "Blocked" if organization.number == 38 else "Active",  # noqa: PLR2004 - one of forty, for the demo
        "erpId": f"C-{1000 + organization.number}" if organization.number % 4 == 1 else None,
        "parentOrganizationId": credentials.APPXITE_REQUESTER_ID,
        "createdDate": midnight(add_months(month, -30)),
        "modifiedDate": changed,
    }


def contract_json(seed: int, organization: Organization, currency: str, month: date) -> Json:
    return {
        "id": contract_id(seed, organization.number, currency),
        "name": f"{organization.name} - cloud services",
        "contractNumber": f"IC-{2000 + organization.number}{'' if currency == organization.currency else '-2'}",
        "referenceNumber": f"REF{organization.number:03d}",
        "purpose": "Invoice",
        "status": "Active",
        "providerId": credentials.APPXITE_REQUESTER_ID,
        "receiverId": organization_id(seed, organization.number),
        "vendorId": None,
        "tenantId": None,
        "tenantName": None,
        "currencyCode": currency,
        "billingCycleDay": organization.billing_day,
        "startDate": midnight(add_months(month, -30)),
        "updatedOn": midnight(add_months(month, -2)),
    }


def offer_json(seed: int, offer: Offer) -> Json:
    return {
        "id": offer_id(seed, offer.number),
        "name": offer.name,
        "shortName": offer.name[:24].strip(),
        "vendorOfferId": offer.sku,
        "productName": offer.vendor,
        "status": "Published",
    }


def subscription_json(seed: int, subscription: Subscription, month: date) -> Json:
    return {
        **_subscription_keys(subscription, month),
        "vendor Subscription Id": _vendor_subscription_id(subscription),
        "offerId": offer_id(seed, subscription.offer.number),
        "customerOrgId": organization_id(seed, subscription.organization.number),
        "resellerOrgId": credentials.APPXITE_REQUESTER_ID,
        "vendorOrgId": vendor_id(seed, subscription.offer.vendor),
        "quantity": subscription.quantity,
        "status": subscription.status,
        "billingCycle": _CYCLES[subscription.offer.kind],
        "commitmentTerm": None if subscription.offer.kind is OfferKind.ONE_TIME else "P1Y",
        "autoRenew": subscription.end is None,
    }


def header_json(seed: int, invoice: Invoice, check_sum: Decimal) -> Json:
    organization = invoice.organization
    first, last = billing_period(invoice)
    header: Json = {
        "invoicesId": invoice.id,
        "invoicesNumber": invoice.number,
        "invoiceProviderId": credentials.APPXITE_REQUESTER_ID,
        "invoiceProvider": credentials.APPXITE_SELLER_NAME,
        "invoiceReceiverId": organization_id(seed, organization.number),
        "invoiceReceiver": organization.name,
        "receiver country": organization.country,
        "receiver VAT number": vat_number(organization),
        "billing address": f"{7 + organization.number} Market Street, {organization.city}",
        "account manager": "Mairead Keane",
        "account manager email": "mairead.keane@northwind.example",
        "comments": "",
        "invoicesDate": midnight(invoice.invoiced_on),
        "invoiceCurrency": invoice.currency,
        "totalPriceCheckSum": check_sum,
        "rateToEuro": _RATE_TO_EURO[invoice.currency],
        "billingPeriodFromDate": first.isoformat(),
        "billingPeriodTillDate": last.isoformat(),
        "status": invoice.status,
        "dueDate": invoice.due.isoformat(),
    }
    if invoice.is_custom:
        header |= {"InvoiceSourceId": 4, "InvoiceSource": "Custom"}
    return header


def row_json(seed: int, invoice: Invoice, row: Row, reference: date) -> Json:
    """One row, all 31 keys and the assumed `invoicesId`."""
    charge, subscription = row.charge, row.subscription
    offer = subscription.offer if subscription else _CUSTOM_OFFER
    record: Json = {
        "rowId": row.id,
        "invoicesId": invoice.id,
        "invoicesNumber": invoice.number,
        **(_subscription_keys(subscription, reference) if subscription else _default_subscription(seed, invoice)),
        "vendor Subscription Id": _vendor_subscription_id(subscription) if subscription else "",
        "charge start date": midnight(charge.start) if charge.start else None,
        "charge end date": midnight(charge.end) if charge.end else None,
        **_offer_keys(seed, offer.number),
        "invoiceDataContractType": "Invoice",
        "quantity": charge.quantity,
        "unitPrice": charge.unit_price,
        "totalPrice": charge.total,
        "resellerPrice": charge.total,
        "retailPrice": charge.total,
        "retail Price Source": "PriceList",
        "retail Price Markup": 0,
        "customer Markup": 0,
        "price Markup Start Date": None,
        "resellerOrgId": credentials.APPXITE_REQUESTER_ID,
        "resellerOrg": credentials.APPXITE_SELLER_NAME,
        "customerOrgId": organization_id(seed, invoice.organization.number),
        "customerOrg": invoice.organization.name,
        "invoiceChargeTypes": charge.charge_type,
    }
    if row.note:
        record["CustomChargeDetails"] = row.note
    return record


def _subscription_keys(subscription: Subscription, reference: date) -> Json:
    ends = commitment_end(subscription, reference)
    return {
        "subscriptionId": subscription.id,
        "subscriptionName": subscription.offer.name,
        "subscriptionStartDate": midnight(subscription.start),
        "subscriptionEndDate": midnight(ends) if ends else None,
    }


def _default_subscription(seed: int, invoice: Invoice) -> Json:
    """What a row of a custom invoice names when it stands alone. That its id is the customer's own is an assumption."""
    return {
        "subscriptionId": organization_id(seed, invoice.organization.number),
        "subscriptionName": "Default Subscription",
        "subscriptionStartDate": None,
        "subscriptionEndDate": None,
    }


@cache
def _offer_keys(seed: int, number: int) -> Json:
    offer = OFFERS[number]
    return {
        "offerId": offer_id(seed, number),
        "offerName": offer.name,
        "offerShortName": offer.name[:24].strip(),
        "vendor Offer Id": offer.sku,
        "productsName": offer.vendor,
        "vendorOrgId": vendor_id(seed, offer.vendor),
        "vendorOrg": offer.vendor,
    }


def _vendor_subscription_id(subscription: Subscription) -> str:
    """Microsoft's are GUIDs; other vendors' are not, which is why the public client had to widen its column."""
    h = subscription.chance.hex()
    return (
        f"{h[8:16]}-{h[0:4]}-4{h[4:7]}-9{h[20:23]}-{h[36:48]}" if subscription.offer.is_microsoft else f"SUB-{h[:10]}"
    )
