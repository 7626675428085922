"""The kinds of ConnectWise records, and how one record refers to another.

A reference carries the id, what people read, and an `_info` with the address of the record.
"""

from typing import Any, NamedTuple

Record = dict[str, Any]
"""One record in the shape of the API; money is Decimal, absent means null."""


class Kind(NamedTuple):
    path: str
    """Under `/apis/3.0/`; `{parent}` stands for the id of the record it belongs to."""
    href: str
    """Name of the address in `_info`."""
    shown: tuple[str, ...] = ("name",)
    """What a reference repeats beside the id."""


_CURRENCY = (
    "symbol currencyCode decimalSeparator numberOfDecimals thousandsSeparator negativeParenthesesFlag "
    "displaySymbolFlag currencyIdentifier displayIdFlag rightAlign name"
)

KINDS: dict[str, Kind] = {
    "companies": Kind("company/companies", "company_href", ("identifier", "name")),
    "company_statuses": Kind("company/companies/statuses", "status_href"),
    "company_types": Kind("company/companies/types", "type_href"),
    "contacts": Kind("company/contacts", "contact_href", ()),
    "sites": Kind("company/companies/{parent}/sites", "site_href"),
    "members": Kind("system/members", "member_href", ("identifier", "name")),
    "locations": Kind("system/locations", "location_href"),
    "departments": Kind("system/departments", "department_href", ("identifier", "name")),
    "agreement_types": Kind("finance/agreements/types", "type_href"),
    "agreements": Kind("finance/agreements", "agreement_href"),
    "additions": Kind("finance/agreements/{parent}/additions", "addition_href"),
    "billing_cycles": Kind("finance/billingCycles", "billingCycle_href"),
    "billing_terms": Kind("finance/billingTerms", "billingTerms_href"),
    "billing_statuses": Kind("finance/billingStatuses", "status_href"),
    "invoices": Kind("finance/invoices", "invoice_href", ()),
    "products": Kind("procurement/products", "product_href", ("description",)),
    "currencies": Kind("finance/currencies", "currency_href", tuple(_CURRENCY.split())),
    "catalog": Kind("procurement/catalog", "catalog_href", ("identifier",)),
    "subcategories": Kind("procurement/subcategories", "subcategory_href"),
    "categories": Kind("procurement/categories", "category_href"),
    "product_types": Kind("procurement/types", "type_href"),
    "units": Kind("procurement/unitOfMeasures", "uom_href"),
}

HREF_ROOT = "https://psa.invalid"
"""Stands in addresses for the root of the API. Only a request knows under which one it reached the stand-in."""


def reference(kind: str, record: Record) -> Record:
    """What another record says to point at `record`."""
    known = KINDS[kind]
    shown = {name: record[name] for name in known.shown if name in record}
    if kind == "contacts":  # a contact itself has no name
        shown["name"] = " ".join(filter(None, (record.get("firstName"), record.get("lastName"))))
    path = known.path.replace("{parent}", str(record.get("company", record).get("id")))
    return {"id": record["id"], **shown, "_info": {known.href: f"{HREF_ROOT}/{path}/{record['id']}"}}


def entered(instant: str, by: str = "Import") -> Record:
    """`_info` of a record that nobody touched since it was entered."""
    return {"lastUpdated": instant, "updatedBy": by, "dateEntered": instant, "enteredBy": by}
