"""The agreements of the demo PSA: mostly one active monthly "Cloud Subscriptions" per company, and every odd case once.

A normal one was last invoiced four months before the previous month, so that both months' charges, usage in
arrears included, may still be written on it.
"""

from datetime import date, timedelta
from typing import NamedTuple

from services.sandbox.seed.companies import CompanyTables, Seat
from services.sandbox.seed.months import add_months, midnight
from services.sandbox.seed.references import Record, entered, reference
from services.sandbox.seed.setup_tables import BACKUP, CLOUD, CURRENCY_IDS, MANAGED, MONTHLY, QUARTERLY

FIRST_ID = 1001

EXPIRED, INVOICED, NONE, TWIN, TWO_TYPES, TWO_CURRENCIES, CONTRACT_YEAR, FUTURE = 18, 22, 32, 26, 2, 9, 27, 33
"""Numbers of the customers that are the odd cases."""
PRORATED = (6, 15, 29)


class Terms(NamedTuple):
    """How one agreement differs from the normal one."""

    type_id: int = CLOUD
    title: str = "Cloud Subscriptions"
    currency: str = ""
    cycle: int = MONTHLY
    prorated: bool = False
    next_invoice: int = -4
    """Months from the reference month to the first day not invoiced yet."""
    begins: int = -26
    """Months from the reference month to its start."""
    ends: int | None = None
    contract_year: bool = False


def agreements(tables: dict[str, list[Record]], companies: CompanyTables, month: date, instant: str) -> list[Record]:
    made: list[Record] = []
    for place, seat in enumerate(companies.seats):
        for terms in _terms_of(seat):
            record = _agreement(FIRST_ID + len(made), seat, terms, tables, month)
            record["contact"] = reference("contacts", companies.contacts[place])
            record["site"] = reference("sites", companies.sites[place])
            record["_info"] = entered(instant, "MKeane")
            made.append(record)
    return made


def _terms_of(seat: Seat) -> list[Terms]:
    organization = seat.organization
    if organization is None:
        wants_support = seat.company["id"] % 3 == 0 and not seat.company["deletedFlag"]
        return [Terms(MANAGED, "Managed Services", prorated=True, next_invoice=0)] if wants_support else []
    odd = {
        NONE: [],
        EXPIRED: [Terms(ends=-7, next_invoice=-6)],
        INVOICED: [Terms(next_invoice=1)],
        TWIN: [Terms(), Terms(title="Cloud Subscriptions (branch office)")],
        TWO_TYPES: [Terms(), Terms(MANAGED, "Managed Services", prorated=True, next_invoice=0)],
        TWO_CURRENCIES: [
            Terms(),
            Terms(currency="USD", title="Cloud Subscriptions USD"),
            Terms(BACKUP, "Backup", cycle=QUARTERLY),
        ],
        CONTRACT_YEAR: [Terms(contract_year=True)],
        FUTURE: [Terms(), Terms(title="Cloud Subscriptions (new terms)", begins=2, next_invoice=2)],
        **{number: [Terms(prorated=True, next_invoice=0)] for number in PRORATED},
    }
    return odd.get(organization.number, [Terms()])


def _agreement(key: int, seat: Seat, terms: Terms, tables: dict[str, list[Record]], month: date) -> Record:
    kinds = {record["id"]: record for record in tables["agreement_types"]}
    cycles = {record["id"]: record for record in tables["billing_cycles"]}
    currencies = {record["id"]: record for record in tables["currencies"]}
    currency = terms.currency or (seat.organization.currency if seat.organization else "EUR")
    begins = add_months(month, terms.begins)
    record: Record = {
        "id": key,
        "name": f"{seat.company['name'][:70]} - {terms.title}",
        "type": reference("agreement_types", kinds[terms.type_id]),
        "company": reference("companies", seat.company),
        "location": reference("locations", tables["locations"][0]),
        "department": reference("departments", tables["departments"][0]),
        "startDate": midnight(begins),
        "noEndingDateFlag": terms.ends is None,
        "cancelledFlag": False,
        "billingCycle": reference("billing_cycles", cycles[terms.cycle]),
        "billingTerms": reference("billing_terms", tables["billing_terms"][0]),
        "invoicingCycle": "ContractYear" if terms.contract_year else "CalendarYear",
        "employeeCompRate": "Actual",
        "employeeCompNotExceed": "Billing",
        "billTime": "NoDefault",
        "billExpenses": "NoDefault",
        "billProducts": "Billable",
        "taxable": True,
        "prorateFlag": terms.prorated,
        "invoiceProratedAdditionsFlag": False,
        "billStartDate": midnight(begins),
        "currency": reference("currencies", currencies[CURRENCY_IDS[currency]]),
        "periodType": "Current",
        "autoInvoiceFlag": False,
        "nextInvoiceDate": add_months(month, terms.next_invoice).isoformat(),
        "billToCompany": reference("companies", seat.company),
        "customFields": [],
    }
    if terms.ends is not None:
        record["endDate"] = midnight(add_months(month, terms.ends + 1) - timedelta(days=1))
    return record
