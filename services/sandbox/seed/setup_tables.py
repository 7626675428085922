"""The small tables an administrator of the demo PSA has filled in: types, cycles, terms, currencies, members."""

from typing import Any

from services.sandbox.seed.references import Record, entered, reference

CLOUD, MANAGED, BACKUP, BLOCK_HOURS, ANNUAL_SUPPORT = 7, 3, 8, 4, 9
"""Ids of agreement types."""
MONTHLY, QUARTERLY, YEARLY = 2, 3, 5
"""Ids of billing cycles."""
CURRENCY_IDS = {"EUR": 7, "USD": 1, "GBP": 4}

_NAMES: dict[str, dict[int, str]] = {
    "company_statuses": {1: "Active", 2: "Inactive", 3: "Not-Approved"},
    "company_types": {1: "Client", 2: "Prospect", 3: "Vendor"},
    "locations": {2: "Dublin", 11: "Rotterdam"},
    "categories": {1: "Software", 2: "Services"},
    "product_types": {1: "Software", 2: "Subscription", 3: "Labor"},
    "units": {1: "Each", 2: "Monthly", 3: "Yearly"},
}


def setup_tables(instant: str) -> dict[str, list[Record]]:
    """Every small table by kind."""
    tables = {kind: [{"id": key, "name": name} for key, name in names.items()] for kind, names in _NAMES.items()}
    tables["departments"] = [
        {"id": 10, "identifier": "Cloud", "name": "Cloud Services"},
        {"id": 11, "identifier": "PS", "name": "Professional Services"},
    ]
    tables["subcategories"] = [
        {"id": 1, "name": "Cloud Licensing", "category": reference("categories", tables["categories"][0])},
        {"id": 2, "name": "Backup and Security", "category": reference("categories", tables["categories"][0])},
        {"id": 3, "name": "Professional Services", "category": reference("categories", tables["categories"][1])},
    ]
    tables["billing_cycles"] = _billing_cycles()
    tables["billing_terms"] = [
        {"id": 1, "name": "Net 14 days", "dueDays": 14, "defaultFlag": True},
        {"id": 2, "name": "Net 30 days", "dueDays": 30, "defaultFlag": False},
    ]
    tables["billing_statuses"] = [
        {"id": 1, "name": "New", "sortOrder": 1, "defaultFlag": True, "closedFlag": False, "sentFlag": False},
        {"id": 2, "name": "Closed", "sortOrder": 2, "defaultFlag": False, "closedFlag": True, "sentFlag": True},
    ]
    tables["currencies"] = _currencies()
    tables["members"] = _members()
    tables["agreement_types"] = _agreement_types(tables)
    for records in tables.values():
        for record in records:
            record["_info"] = entered(instant)
    return tables


def _billing_cycles() -> list[Record]:
    options = {
        1: "Weekly",
        2: "Monthly",
        3: "Quarterly",
        4: "SemiAnnual",
        5: "Yearly",
        6: "NotRecurring",
        7: "BiWeekly",
        8: "BiMonthly",
    }
    return [
        {"id": key, "identifier": option[:1], "name": option, "billingOptions": option, "defaultFlag": key == MONTHLY}
        for key, option in options.items()
    ]


def _currencies() -> list[Record]:
    rows = [("EUR", "€", "Euro", ".", ","), ("USD", "$", "US Dollar", ",", "."), ("GBP", "£", "Pound", ",", ".")]
    return [
        {
            "id": CURRENCY_IDS[code],
            "currencyIdentifier": code,
            "name": name,
            "symbol": symbol,
            "currencyCode": code,
            "displayIdFlag": True,
            "displaySymbolFlag": True,
            "thousandsSeparator": thousands,
            "decimalSeparator": decimal,
            "numberOfDecimals": 2,
            "negativeParenthesesFlag": False,
            "rightAlign": False,
        }
        for code, symbol, name, thousands, decimal in rows
    ]


def _members() -> list[Record]:
    people = [
        (101, "Tieout", "API", "Integration"),
        (102, "MKeane", "Mairead", "Keane"),
        (103, "JVisser", "Joris", "Visser"),
    ]
    return [
        {
            "id": key,
            "identifier": identifier,
            "firstName": first,
            "lastName": last,
            "name": f"{first} {last}",
            "licenseClass": "A" if key == 101 else "F",  # noqa: PLR2004 - the API member's id
            "inactiveFlag": False,
        }
        for key, identifier, first, last in people
    ]


def _agreement_types(tables: dict[str, list[Record]]) -> list[Record]:
    cycles = {record["id"]: record for record in tables["billing_cycles"]}
    names = {
        CLOUD: ("Cloud Subscriptions", MONTHLY, False),
        MANAGED: ("Managed Services", MONTHLY, True),
        BACKUP: ("Backup and Recovery", MONTHLY, False),
        BLOCK_HOURS: ("Block Hours", MONTHLY, False),
        ANNUAL_SUPPORT: ("Annual Support", YEARLY, False),
    }
    shared: dict[str, Any] = {
        "inactiveFlag": False,
        "employeeCompRate": "Actual",
        "employeeCompNotExceed": "Billing",
        "invoicingCycle": "CalendarYear",
        "billTime": "NoDefault",
        "billExpenses": "NoDefault",
        "billProducts": "Billable",
        "taxableFlag": True,
        "location": reference("locations", tables["locations"][0]),
        "department": reference("departments", tables["departments"][0]),
        "billingTerms": reference("billing_terms", tables["billing_terms"][0]),
    }
    return [
        {
            "id": key,
            "name": name,
            "defaultFlag": key == CLOUD,
            **shared,
            "billingCycle": reference("billing_cycles", cycles[cycle]),
            "prorateFlag": prorated,
        }
        for key, (name, cycle, prorated) in names.items()
    ]
