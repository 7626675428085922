"""What may be written in the product catalog."""

from decimal import Decimal

from services.sandbox.connectwise.books import Books
from services.sandbox.connectwise.errors import Fault, invalid
from services.sandbox.seed.references import Record


def complete_item(record: Record) -> Record:
    defaults: Record = {
        "productClass": "NonInventory",
        "price": Decimal("0.00"),
        "cost": Decimal("0.00"),
        "inactiveFlag": False,
        "taxableFlag": False,
        "recurringFlag": False,
    }
    return defaults | {name: value for name, value in record.items() if value is not None}


def check_item(record: Record, books: Books) -> None:
    """Identifiers are unique. Raises PsaError 400 with ObjectExists."""
    twin = next(
        (each for each in books.all("catalog") if each["identifier"].lower() == record["identifier"].lower()), None
    )
    if twin is not None and twin["id"] != record.get("id"):
        message = "A matching catalog item already exists"
        raise invalid("catalogItem", Fault("ObjectExists", message, "catalogItem", "identifier"))
