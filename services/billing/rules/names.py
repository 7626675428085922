"""What a charge is called on the customer's invoice: display names per charge type."""

from typing import Final

from services.contracts.vocabulary import ChargeType

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
