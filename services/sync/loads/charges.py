"""What a load says that AppXite charges for a subscription, and whether that is a sign of life. Pure."""

from dataclasses import dataclass

from services.contracts.charge_types import parse_charge_type


@dataclass(frozen=True, slots=True)
class Charge:
    """One invoice row of a subscription. `charge_type` is the upstream text."""

    subscription_id: str
    invoice_id: str
    row_id: str
    charge_type: str
    is_custom: bool

    @property
    def is_recurring(self) -> bool:
        """A refund, usage or a custom row says nothing about whether a subscription goes on."""
        known = parse_charge_type(self.charge_type)
        return known is not None and known.is_recurring and not self.is_custom
