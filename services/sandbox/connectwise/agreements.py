"""What ConnectWise fills in on a new agreement: the type's settings, the company's currency and site, today."""

from services.sandbox.connectwise.errors import refused
from services.sandbox.connectwise.records import Records
from services.sandbox.seed.months import midnight
from services.sandbox.seed.references import Record, reference

_FROM_TYPE = (
    "location department billingCycle billingTerms invoicingCycle employeeCompRate employeeCompNotExceed billTime "
    "billExpenses billProducts prorateFlag"
).split()


def complete_agreement(record: Record, books: Records) -> Record:
    kind = books.find("agreement_types", record["type"]["id"]) or {}
    company = books.find("companies", record["company"]["id"]) or {}
    start = record.get("startDate") or midnight(books.world.today)
    bill_start = record.get("billStartDate") or midnight(books.world.today)  # seen: the server's today, not startDate
    defaults: Record = {
        **{name: kind[name] for name in _FROM_TYPE if name in kind},
        "taxable": kind.get("taxableFlag", False),
        "currency": company.get("currency"),
        "site": company.get("site"),
        "billToCompany": reference("companies", company),
        "startDate": start,
        "billStartDate": bill_start,
        "noEndingDateFlag": record.get("endDate") is None,
        "cancelledFlag": False,
        "invoiceProratedAdditionsFlag": False,
        "autoInvoiceFlag": False,
        "periodType": "Current",
        "nextInvoiceDate": bill_start[:10],
    }
    return defaults | {name: value for name, value in record.items() if value is not None}


def check_agreement(record: Record) -> None:
    """Raises PsaError 400."""
    if record.get("endDate") and record["endDate"] < record["startDate"]:
        raise refused("agreement", "endDate", "endDate cannot be less than the startDate")
