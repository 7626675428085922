"""Values of an addition compared: what differs, in fields and in words. Pure.

Quantities and prices are equal as numbers (1 and 1.00), dates as days. Texts are compared as the PSA keeps
them, so put wanted values through `Psa.as_held` first.
"""

from datetime import date

from services.contracts.shapes import DesiredAddition, FieldChange
from services.sync.psas.addition import AdditionValues

FIELDS = tuple(AdditionValues.model_fields)


def wanted_values(desired: DesiredAddition, effective_date: date | None = None) -> AdditionValues:
    """What the PSA should hold; `effective_date` where the addition keeps an older start."""
    return AdditionValues(
        product_id=desired.product_id,
        quantity=desired.quantity,
        unit_price=desired.unit_price,
        bill_option=desired.bill_option.value,
        taxable=desired.taxable,
        effective_date=effective_date or desired.effective_date,
        cancelled_date=desired.cancelled_date,
        serial_number=desired.marker,
        invoice_description=desired.invoice_description,
        unit_cost=desired.unit_cost,
    )


def differing_fields(before: AdditionValues, after: AdditionValues) -> list[str]:
    asked = [name for name in FIELDS if name != "unit_cost" or after.unit_cost is not None]
    return [name for name in asked if getattr(before, name) != getattr(after, name)]


def find_changes(before: AdditionValues | None, after: AdditionValues) -> list[FieldChange]:
    """The fields that differ; without `before`, every field that is set."""
    new, old = after.as_json(), before.as_json() if before else {}
    if before is None:
        return [FieldChange(field=name, before=None, after=value) for name, value in new.items() if value is not None]
    return [FieldChange(field=name, before=old[name], after=new[name]) for name in differing_fields(before, after)]


def describe_changes(changes: list[FieldChange]) -> list[str]:
    """One phrase per change: `quantity 5 → 7`."""
    return [f"{name_field(change.field)} {_show(change.before)} → {_show(change.after)}" for change in changes]


def describe_difference(before: AdditionValues, after: AdditionValues) -> list[str]:
    """What differs between two states, one phrase per field."""
    return describe_changes(find_changes(before, after))


def name_field(field: str) -> str:
    return "product" if field == "product_id" else field.replace("_", " ")


def _show(value: object) -> str:
    return "none" if value in (None, "") else str(value)
