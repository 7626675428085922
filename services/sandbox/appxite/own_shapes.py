"""The caller's own records in the keys of AppXite's JSON, the same keys that seeded ones have."""

from datetime import date
from decimal import Decimal
from typing import Any

from services.sandbox import credentials
from services.sandbox.appxite.shapes import Json
from services.sandbox.appxite.world_order import (
    OwnContract,
    OwnInvoice,
    OwnOffer,
    OwnOrganization,
    OwnRow,
    OwnSubscription,
)
from services.sandbox.seed.months import last_day, midnight, month_of

CUSTOM_CHARGE = "UserCorrection"
_SHORT = 24


def organization_of(given: OwnOrganization, today: date) -> Json:
    return {
        "id": given.id,
        "fullName": given.name,
        "addressLine1": given.address,
        "addressLine2": "",
        "city": given.city,
        "state": "",
        "postalCode": given.postal_code,
        "billingCountryCode": given.country,
        "currencyCode": given.currency,
        "accountManager": "",
        "accountManagerPhone": "",
        "invoicingEmail": given.email,
        "vatNumber": given.vat_number,
        "registrationNumber": given.registration_number,
        "status": given.status,
        "erpId": given.erp_id,
        "parentOrganizationId": given.parent_id or credentials.APPXITE_REQUESTER_ID,
        "createdDate": midnight(today),
        "modifiedDate": midnight(today),
    }


def offer_of(given: OwnOffer) -> Json:
    return {
        "id": given.id,
        "name": given.name,
        "shortName": given.short_name or given.name[:_SHORT].strip(),
        "vendorOfferId": given.sku,
        "productName": given.vendor,
        "status": given.status,
    }


def contract_of(given: OwnContract, organization: Json, today: date) -> Json:
    return {
        "id": given.id,
        "name": given.name or organization["fullName"],
        "contractNumber": given.number,
        "referenceNumber": given.reference,
        "purpose": given.purpose,
        "status": given.status,
        "providerId": credentials.APPXITE_REQUESTER_ID,
        "receiverId": organization["id"],
        "vendorId": None,
        "tenantId": None,
        "tenantName": None,
        "currencyCode": given.currency,
        "billingCycleDay": given.billing_day,
        "startDate": midnight(given.start) if given.start else None,
        "updatedOn": midnight(today),
    }


def subscription_of(given: OwnSubscription, organization: Json, offer: Json) -> Json:
    return {
        "subscriptionId": given.id,
        "subscriptionName": given.name or offer["name"],
        "subscriptionStartDate": midnight(given.start) if given.start else None,
        "subscriptionEndDate": midnight(given.end) if given.end else None,
        "vendor Subscription Id": given.vendor_subscription_id,
        "offerId": offer["id"],
        "customerOrgId": organization["id"],
        "resellerOrgId": credentials.APPXITE_REQUESTER_ID,
        "vendorOrgId": "",
        "quantity": given.quantity,
        "status": given.status,
        "billingCycle": given.billing_cycle,
        "commitmentTerm": given.commitment_term,
        "autoRenew": given.auto_renew,
    }


def header_of(invoice: OwnInvoice, organization: Json, check_sum: Decimal) -> Json:
    month = month_of(invoice.date)
    header: Json = {
        "invoicesId": invoice.id,
        "invoicesNumber": _number(invoice.number),
        "invoiceProviderId": invoice.provider_id or credentials.APPXITE_REQUESTER_ID,
        "invoiceProvider": invoice.provider or credentials.APPXITE_SELLER_NAME,
        "invoiceReceiverId": organization["id"],
        "invoiceReceiver": organization["fullName"],
        "receiver country": organization["billingCountryCode"],
        "receiver VAT number": organization["vatNumber"],
        "billing address": organization["addressLine1"],
        "account manager": "",
        "account manager email": "",
        "comments": invoice.comments,
        "invoicesDate": midnight(invoice.date),
        "invoiceCurrency": invoice.currency,
        "totalPriceCheckSum": check_sum,
        "rateToEuro": invoice.rate_to_euro or Decimal(1),
        "billingPeriodFromDate": (invoice.period_start or month).isoformat(),
        "billingPeriodTillDate": (invoice.period_end or last_day(month)).isoformat(),
        "status": invoice.status,
        "dueDate": invoice.due_date.isoformat() if invoice.due_date else None,
    }
    if invoice.rows and all(row.custom for row in invoice.rows):
        header |= {"InvoiceSourceId": 4, "InvoiceSource": "Custom"}
    return header


def row_of(invoice: OwnInvoice, row: OwnRow, organization: Json, offer: Json, subscription: Json | None) -> Json:
    """Without a subscription the row names the customer's default one, as custom rows do."""
    record: Json = {
        "rowId": row.id,
        "invoicesId": invoice.id,
        "invoicesNumber": _number(invoice.number),
        "subscriptionId": subscription["subscriptionId"] if subscription else organization["id"],
        "subscriptionName": subscription["subscriptionName"] if subscription else "Default Subscription",
        "subscriptionStartDate": subscription["subscriptionStartDate"] if subscription else None,
        "subscriptionEndDate": subscription["subscriptionEndDate"] if subscription else None,
        "vendor Subscription Id": subscription["vendor Subscription Id"] if subscription else "",
        "charge start date": midnight(row.start) if row.start else None,
        "charge end date": midnight(row.end) if row.end else None,
        "offerId": offer["id"],
        "offerName": offer["name"],
        "offerShortName": offer["shortName"],
        "vendor Offer Id": offer["vendorOfferId"],
        "productsName": offer["productName"],
        "vendorOrgId": "",
        "vendorOrg": offer["productName"],
        "invoiceDataContractType": "Invoice",
        "quantity": row.quantity,
        "unitPrice": row.unit_price,
        "totalPrice": row.total,
        "resellerPrice": row.total,
        "retailPrice": row.total,
        "retail Price Source": "PriceList",
        "retail Price Markup": 0,
        "customer Markup": 0,
        "price Markup Start Date": None,
        "resellerOrgId": credentials.APPXITE_REQUESTER_ID,
        "resellerOrg": credentials.APPXITE_SELLER_NAME,
        "customerOrgId": organization["id"],
        "customerOrg": organization["fullName"],
        "invoiceChargeTypes": row.charge_type or CUSTOM_CHARGE,
    }
    if row.custom:
        record |= {"InvoiceSourceId": 4, "InvoiceSource": "Custom", "CustomChargeDetails": _note(row.custom)}
    return record


def _number(text: str) -> Any:
    """Numbers of invoices are JSON numbers; one of the caller's own may be a text."""
    return int(text) if text.isascii() and text.isdigit() and str(int(text)) == text else text


def _note(custom: bool | str) -> str:
    return custom if isinstance(custom, str) else ""
