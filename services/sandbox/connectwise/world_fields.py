"""The words of a world order for the fields of the API, kind by kind.

Every record may carry any field of the API as well. What ConnectWise computes itself is accepted and left aside,
so that a record read from a real system can be given back as it came.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

Convert = Callable[[Any], Any]


class Word(NamedTuple):
    """A field of the API, and how the given value becomes its value."""

    field: str
    convert: Convert = lambda value: value


def _by_id(value: Any) -> Any:
    return value if isinstance(value, dict) or value is None else {"id": value}


def _by_name(value: Any) -> Any:
    """A reference by id, or by what people call the record."""
    return {"name": value} if isinstance(value, str) else _by_id(value)


def _currency(value: Any) -> Any:
    return {"currencyCode": value.upper()} if isinstance(value, str) else _by_id(value)


def _cycle(value: Any) -> Any:
    return {"billingOptions": value} if isinstance(value, str) else _by_id(value)


_CURRENCY = Word("currency", _currency)
_CYCLE = Word("billingCycle", _cycle)

WORDS: dict[str, Mapping[str, Word]] = {
    "companies": {
        "currency": _CURRENCY,
        "tax_identifier": Word("taxIdentifier"),
        "account_number": Word("accountNumber"),
        "deleted": Word("deletedFlag"),
    },
    "agreement_types": {
        "billing_cycle": _CYCLE,
        "billingCycle": _CYCLE,
        "prorated": Word("prorateFlag"),
        "inactive": Word("inactiveFlag"),
        "invoicing_cycle": Word("invoicingCycle"),
    },
    "agreements": {
        "company_id": Word("company", _by_id),
        "type_id": Word("type", _by_id),
        "parent_id": Word("parentAgreement", _by_id),
        "currency": _CURRENCY,
        "billing_cycle": _CYCLE,
        "billingCycle": _CYCLE,
        "invoicing_cycle": Word("invoicingCycle"),
        "period_type": Word("periodType"),
        "prorated": Word("prorateFlag"),
        "prorated_at_once": Word("invoiceProratedAdditionsFlag"),
        "bill_amount": Word("billAmount"),
        "start": Word("startDate"),
        "bill_start": Word("billStartDate"),
        "next_invoice_date": Word("nextInvoiceDate"),
        "end": Word("endDate"),
        "cancelled": Word("dateCancelled"),
    },
    "catalog": {
        "product_class": Word("productClass"),
        "customer_description": Word("customerDescription"),
        "inactive": Word("inactiveFlag"),
        "taxable": Word("taxableFlag"),
    },
    "additions": {
        "agreement_id": Word("agreementId"),
        "product_id": Word("product", _by_id),
        "product": Word("product", _by_name),
        "unit_price": Word("unitPrice"),
        "unit_cost": Word("unitCost"),
        "less_included": Word("lessIncluded"),
        "bill_customer": Word("billCustomer"),
        "taxable": Word("taxableFlag"),
        "effective_date": Word("effectiveDate"),
        "cancelled_date": Word("cancelledDate"),
        "serial_number": Word("serialNumber"),
        "invoice_description": Word("invoiceDescription"),
    },
}

ALWAYS_KEPT = frozenset({"agreementId", "nextInvoiceDate"})
"""Fields that ConnectWise computes, but a world says."""

OWN_NOTES: dict[str, frozenset[str]] = {
    "agreements": frozenset({"billed_in"}),
    "additions": frozenset({"billed_through"}),
}
"""Words that no field of the API stands for."""
