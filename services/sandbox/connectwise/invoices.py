"""Agreement invoices and their lines as ConnectWise shows them.

That additions make up `productTotal` and the flat fee `agreementAmount` is an assumption. No field of a line says
which addition it came from; the stand-in keeps that as an inner note.
"""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from services.sandbox.connectwise.billing_periods import Period
from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.errors import Fault, PsaError, bad_request, invalid
from services.sandbox.connectwise.present import present
from services.sandbox.connectwise.proration import Charge, number_of, rounded
from services.sandbox.seed.months import midnight
from services.sandbox.seed.references import HREF_ROOT, Record, reference

_FROM_AGREEMENT = ("billingTerms", "currency", "location")


class Line(NamedTuple):
    """What one addition bills on one invoice."""

    addition: Record
    quantity: Decimal
    charge: Charge
    prorated_from: date | None
    """First day of a prorated share; the text of the line names it."""


class Bill(NamedTuple):
    """One invoice before it is written down."""

    agreement: Record
    period: Period
    closes: bool
    """False when it only catches up on days of periods that are closed."""
    invoiced_on: date
    flat_fee: Decimal
    lines: list[Line]
    covered: dict[str, list[tuple[str, str]]]
    """Addition → the days it was billed for, as its invoice keeps them."""


def write_invoice(books: Books, bill: Bill, decimals: int) -> Record:
    """Keep the invoice and its lines."""
    products = sum((line.charge.amount for line in bill.lines), rounded(Decimal(0), decimals))
    total = products + bill.flat_fee
    key = books.next_id("invoices")
    invoice = books.insert("invoices", _invoice(books, bill, key, products, total))
    for place, line in enumerate(bill.lines):
        books.insert("products", _line(books, invoice, bill.agreement, line, place))
    return invoice


def invoice_info(books: Books, invoice: Record) -> Record:
    """The invoice with its lines, as `/finance/info/invoice/{id}` answers it."""
    agreement = books.find("agreements", invoice["agreement"]["id"]) or invoice["agreement"]
    return {
        "id": invoice["id"],
        "invoice": present("invoices", invoice, books),
        "products": [present("products", line, books) for line in books.all("products", invoice["id"])],
        "expenses": [],
        "timeEntries": [],
        "agreementBillingInfo": [
            {
                "agreementRecId": agreement["id"],
                "agreementName": agreement["name"],
                "agreementType": (agreement.get("type") or {}).get("name"),
                "agreementAmount": invoice["agreementAmount"],
            }
        ],
    }


def refuse_invoice(body: Any) -> PsaError:
    """Why an invoice cannot be made by API: agreement invoices never, others are not kept here."""
    if not isinstance(body, dict):
        return bad_request("A JSON object is expected.")
    missing = [name for name in ("type", "company") if not body.get(name)]
    if missing:
        faults = (Fault("MissingRequiredField", f"The {name} field is required.", "invoice", name) for name in missing)
        return invalid("invoice", *faults)
    if body["type"] == "Agreement":
        return bad_request("Cannot create agreement invoices through the Invoicing API")
    return bad_request("This stand-in keeps agreement invoices only.")


def _invoice(books: Books, bill: Bill, key: int, products: Decimal, total: Decimal) -> Record:
    agreement = bill.agreement
    nothing = total * 0
    terms = books.find("billing_terms", (agreement.get("billingTerms") or {}).get("id", 0)) or {}
    record: Record = {
        "invoiceNumber": str(key),
        "type": "Agreement",
        "status": reference("billing_statuses", books.all("billing_statuses")[0]),
        "company": agreement["company"],
        "billToCompany": agreement.get("billToCompany") or agreement["company"],
        "applyToType": "Agreement",
        "applyToId": agreement["id"],
        "date": midnight(bill.invoiced_on),
        "dueDate": midnight(bill.invoiced_on + timedelta(days=terms.get("dueDays", 0))),
        "productTotal": products,
        "agreementAmount": bill.flat_fee,
        **{name: agreement[name] for name in _FROM_AGREEMENT if name in agreement},
        **dict.fromkeys(("serviceTotal", "expenseTotal", "salesTax", "payments", "credits"), nothing),
        **dict.fromkeys(("subtotal", "total", "balance"), total),
        "agreement": reference("agreements", agreement) | {"type": (agreement.get("type") or {}).get("name")},
        "covered": bill.covered,
    }
    if bill.closes:
        record["period"] = {"start": bill.period.start.isoformat(), "end": bill.period.end.isoformat()}
    return record


def _line(books: Books, invoice: Record, agreement: Record, line: Line, place: int) -> Record:
    addition = line.addition
    item = books.find("catalog", addition["product"]["id"]) or {}
    text = addition.get("invoiceDescription") or item.get("customerDescription") or ""
    if line.prorated_from:
        text = f"{text} This item has been prorated with a start date of {line.prorated_from:%m/%d/%Y}.".strip()
    return {
        "catalogItem": {name: value for name, value in addition["product"].items() if name != "serializedFlag"},
        "description": item.get("description"),
        "sequenceNumber": Decimal(place + 1),
        "quantity": line.quantity,
        "price": line.charge.unit_price,
        "cost": number_of(addition, "unitCost"),
        "extPrice": line.charge.amount,
        "extCost": line.quantity * number_of(addition, "unitCost"),
        "billableOption": addition["billCustomer"],
        "customerDescription": text,
        "taxableFlag": bool(addition.get("taxableFlag")),
        "cancelledFlag": False,
        "company": agreement["company"],
        "agreement": reference("agreements", agreement),
        "invoice": {
            "id": invoice["id"],
            "identifier": invoice["invoiceNumber"],
            "applyToType": "Agreement",
            "_info": {"invoice_href": f"{HREF_ROOT}/finance/invoices/{invoice['id']}"},
        },
        "uom": addition.get("uom"),
        "additionId": addition["id"],
    }
