"""The fields of a line that people may change. An entry here is all that a new one needs.

A decision is kept as JSON beside the line and applied to it before the rules see it, here and nowhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AfterValidator, Field, JsonValue, StringConstraints, TypeAdapter

from services.billing.rules.line import Line
from services.billing.rules.price_rules import refuse_decimals
from services.billing.rules.templates import check_template
from services.contracts.invoicing.exact import ZERO
from services.contracts.money import Amount, as_text
from services.contracts.vocabulary import BillOption, MirrorKind


class Editor(StrEnum):
    """How a screen lets people choose a value."""

    DATE = "date"
    SWITCH = "switch"
    TEXT = "text"
    NUMBER = "number"
    TEMPLATE = "template"  # text with placeholders
    BILL_OPTION = "bill_option"
    AGREEMENT = "agreement"
    PRODUCT = "product"


def _refuse_quantity(quantity: Decimal) -> Decimal:
    if quantity < ZERO:
        message = "a quantity is more than zero, of a credit too: its price is negative"
        raise ValueError(message)
    if quantity == ZERO:
        message = "a quantity is more than zero; to bill nothing, exclude the line or choose a bill option"
        raise ValueError(message)
    return Decimal(as_text(refuse_decimals(quantity).normalize()))  # 4.0 is written, and described, as 4


def _refuse_template(template: str) -> str:
    try:
        check_template(template)
    except ValueError as fault:
        if str(fault).startswith("unknown placeholder"):
            raise
        message = "a brace stands alone: write {{ or }} where the text has one, and {name} for a placeholder"
        raise ValueError(message) from fault
    return template


# A typing slip in a year is refused here; nothing is billed in the last century or the next.
EditableDate = Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
EditableId = Annotated[str, StringConstraints(max_length=100)]
EditableProduct = Annotated[str, StringConstraints(min_length=1, max_length=100)]
EditableQuantity = Annotated[Amount, AfterValidator(_refuse_quantity)]
EditablePrice = Annotated[Amount, AfterValidator(refuse_decimals)]
EditableTemplate = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000), AfterValidator(_refuse_template)
]

# A decision as it was stored → what a Line holds. Bounds are checked when people decide, not when lines are read.
_READ: dict[Editor, Callable[[Any], Any]] = {
    Editor.DATE: date.fromisoformat,
    Editor.SWITCH: bool,
    Editor.TEXT: str,
    Editor.NUMBER: Decimal,
    Editor.TEMPLATE: str,
    Editor.BILL_OPTION: BillOption,
    Editor.AGREEMENT: str,
    Editor.PRODUCT: str,
}


@dataclass(frozen=True, slots=True)
class EditableField:
    """What people call it, how they edit it, which value of `Line` it sets, and how what they say is checked."""

    label: str
    editor: Editor
    sets: str
    accepts: Any
    """Type of the value, as pydantic checks it; None gives the field back to the rules."""
    refers_to: MirrorKind | None = None
    """The value is the id of such a record and has to exist."""
    after_invoicing: bool = False
    """Whether people may still decide it of a line that the PSA has invoiced."""


EDITABLE: dict[str, EditableField] = {
    "charge_start_date": EditableField("Charge start", Editor.DATE, "user_start", EditableDate),
    "charge_end_date": EditableField("Charge end", Editor.DATE, "user_end", EditableDate),
    "quantity": EditableField("Quantity", Editor.NUMBER, "user_quantity", EditableQuantity, after_invoicing=True),
    "unit_price": EditableField("Unit price", Editor.NUMBER, "user_unit_price", EditablePrice, after_invoicing=True),
    "description": EditableField("Description", Editor.TEMPLATE, "user_description", EditableTemplate),
    "bill_option": EditableField("Bill option", Editor.BILL_OPTION, "user_bill_option", BillOption),
    "taxable": EditableField("Taxable", Editor.SWITCH, "user_taxable", bool),
    "product_id": EditableField(
        "Product", Editor.PRODUCT, "user_product_id", EditableProduct, refers_to=MirrorKind.CATALOG_ITEM
    ),
    "agreement_id": EditableField(
        "Agreement", Editor.AGREEMENT, "user_agreement_id", EditableId, refers_to=MirrorKind.AGREEMENT
    ),
    "excluded": EditableField("Excluded", Editor.SWITCH, "is_excluded", bool, after_invoicing=True),
}


_ADAPTERS: dict[str, TypeAdapter[Any]] = {name: TypeAdapter(field.accepts) for name, field in EDITABLE.items()}


def check_value(field: str, value: JsonValue) -> JsonValue:
    """A value as it is kept: of the right type, decimals as text.

    Raises:
        pydantic.ValidationError: people may not give the field this value.
    """
    adapter = _ADAPTERS[field]
    kept: JsonValue = adapter.dump_python(adapter.validate_python(value), mode="json")
    return kept


def apply_decisions(line: Line, decisions: Mapping[str, JsonValue]) -> Line:
    """The line as it is in force: what the marketplace invoiced, with what people decided instead."""
    if not decisions:
        return line
    decided = {
        field.sets: _READ[field.editor](value)
        for name, field in EDITABLE.items()
        if (value := decisions.get(name)) is not None
    }
    return replace(line, **decided) if decided else line
