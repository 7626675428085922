"""What an addition says, on either side: the nine fields that a plan sets, compared by value.

Quantities and prices are equal as numbers (1 and 1.00), dates as days, texts as ConnectWise stores them:
it turns line breaks into a space and tabs into four.
"""

from datetime import date

from services.contracts.shapes import DesiredAddition, FieldChange
from services.contracts.vocabulary import BillOption
from services.sync.psas.addition import AdditionValues
from services.sync.psas.connectwise.models import Addition, AdditionDraft, Patch, PatchPath

_PATHS: dict[str, PatchPath] = {
    "product_id": "product",
    "quantity": "quantity",
    "unit_price": "unitPrice",
    "bill_option": "billCustomer",
    "taxable": "taxableFlag",
    "effective_date": "effectiveDate",
    "cancelled_date": "cancelledDate",
    "serial_number": "serialNumber",
    "invoice_description": "invoiceDescription",
}


def values_held(addition: Addition) -> AdditionValues:
    """What ConnectWise holds."""
    return AdditionValues(
        product_id=addition.product_id,
        quantity=addition.quantity,
        unit_price=addition.unit_price,
        bill_option=addition.bill_option,
        taxable=addition.taxable,
        effective_date=addition.effective_date,
        cancelled_date=addition.cancelled_date,
        serial_number=addition.serial_number.strip(),
        invoice_description=as_stored(addition.invoice_description),
    )


def values_wanted(desired: DesiredAddition, effective_date: date | None = None) -> AdditionValues:
    """What ConnectWise should hold; `effective_date` where the addition keeps an older start."""
    return AdditionValues(
        product_id=desired.product_id,
        quantity=desired.quantity,
        unit_price=desired.unit_price,
        bill_option=desired.bill_option.value,
        taxable=desired.taxable,
        effective_date=effective_date or desired.effective_date,
        cancelled_date=desired.cancelled_date,
        serial_number=desired.marker,
        invoice_description=as_stored(desired.invoice_description),
    )


def as_stored(text: str) -> str:
    """A text as ConnectWise keeps it, so that what was sent equals what is read back."""
    return text.replace("\r\n", " ").replace("\r", " ").replace("\n", " ").replace("\t", "    ").strip()


def find_changes(before: AdditionValues | None, after: AdditionValues) -> list[FieldChange]:
    """The fields that differ; without `before`, every field that is set."""
    new, old = after.as_json(), before.as_json() if before else {}
    if before is None:
        return [FieldChange(field=name, before=None, after=value) for name, value in new.items() if value is not None]
    return [FieldChange(field=name, before=old[name], after=new[name]) for name in _differing(before, after)]


def find_patches(before: AdditionValues, after: AdditionValues) -> list[Patch]:
    """Absolute values for exactly the fields that differ, so that repeating them changes nothing."""
    return [Patch(path=_PATHS[name], value=getattr(after, name)) for name in _differing(before, after)]


def draft_of(values: AdditionValues) -> AdditionDraft:
    """The addition to be created, in full."""
    if values.effective_date is None:
        raise ValueError("an addition without effective date cannot be created")
    return AdditionDraft(
        product_id=values.product_id,
        quantity=values.quantity,
        unit_price=values.unit_price,
        bill_option=BillOption(values.bill_option),
        taxable=values.taxable,
        effective_date=values.effective_date,
        cancelled_date=values.cancelled_date,
        serial_number=values.serial_number,
        invoice_description=values.invoice_description,
    )


def describe_changes(changes: list[FieldChange]) -> list[str]:
    """One phrase per change: `quantity 5 → 7`."""
    return [f"{name_field(change.field)} {_say(change.before)} → {_say(change.after)}" for change in changes]


def name_field(field: str) -> str:
    return "product" if field == "product_id" else field.replace("_", " ")


def _say(value: object) -> str:
    return "none" if value in (None, "") else str(value)


def _differing(before: AdditionValues, after: AdditionValues) -> list[str]:
    return [name for name in _PATHS if getattr(before, name) != getattr(after, name)]
