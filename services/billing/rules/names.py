"""What a charge is called on the customer's invoice: display names per charge type and the description template."""

from decimal import Decimal
from string import Formatter
from typing import Final

from services.contracts.invoicing.amounts import say_quantity
from services.contracts.vocabulary import ChargeType

PLACEHOLDERS: Final = (
    "charge_end",
    "charge_start",
    "charge_type",
    "invoice_number",
    "offer",
    "organization",
    "quantity",
    "subscription",
)
DETAILS: Final = frozenset({"charge_end", "charge_start", "quantity"})
DISPLAY_NAMES: Final = {
    ChargeType.PURCHASE_FEE: "Purchase Fee",
    ChargeType.CYCLE_FEE: "Cycle Fee",
    ChargeType.CORRECTION: "Correction",
    ChargeType.USAGE_FEE: "Usage Fee",
    ChargeType.ITEM_FEE: "Item Fee",
    ChargeType.ONE_TIME_FEE: "One-Time Fee",
    ChargeType.USER_CORRECTION: "Custom Charge",
}


def display_name(charge_type: ChargeType, own: str | None) -> str:
    """The name an administrator gave to a charge type, or its ordinary one."""
    return own or DISPLAY_NAMES[charge_type]


def check_template(template: str) -> None:
    """Accept a template of plain text and known placeholders.

    Raises:
        ValueError: braces do not match, or a placeholder is unknown or carries a format.
    """
    for _, field, spec, conversion in Formatter().parse(template):
        if field is not None and (field not in PLACEHOLDERS or spec or conversion):
            message = f"unknown placeholder {{{field}}}; use one of {', '.join(PLACEHOLDERS)}"
            raise ValueError(message)


def placeholders_of(template: str) -> frozenset[str]:
    """Which placeholders a template uses, so that the others need not be computed."""
    return frozenset(field for _, field, _, _ in Formatter().parse(template) if field)


def describe(template: str, values: dict[str, str], longest: int, true_quantity: Decimal | None = None) -> str:
    """Fill the template, cut to `longest` characters; a quantity that cannot be sent as such stands at the end."""
    text = " ".join(template.format_map(values).split())
    return text[:longest] if true_quantity is None else say_quantity(text, true_quantity, longest)
