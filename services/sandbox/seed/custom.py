"""Custom invoices: corrections a billing manager wrote by hand, some linked to a subscription, most not."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from services.sandbox.seed.charges import Charge
from services.sandbox.seed.months import add_months, last_day
from services.sandbox.seed.organizations import Organization
from services.sandbox.seed.subscriptions import Subscription, subscription


class CustomCharge(NamedTuple):
    charge: Charge
    subscription: Subscription | None
    note: str


class _Sheet(NamedTuple):
    note: str
    quantity: str
    unit_price: str
    is_linked: bool = False
    is_dated: bool = True


_SHEETS: dict[int, tuple[_Sheet, ...]] = {
    0: (_Sheet("Goodwill credit for the outage", "1", "-45.00"),),
    5: (_Sheet("On-site engineer, hours", "6", "95.00"), _Sheet("Travel", "1", "61.40")),
    8: (_Sheet("Volume discount, retroactive", "1", "-12.75", is_linked=True),),
    12: (_Sheet("Onboarding workshop", "2", "380.00", is_dated=False),),
    14: (_Sheet("Correction of seats billed twice", "3", "-11.34", is_linked=True),),
    20: (_Sheet("Spare headset", "4", "39.90"),),
    24: (_Sheet("Licence true-up", "17", "3.33", is_linked=True), _Sheet("Rounding of the true-up", "1", "0.06")),
    31: (_Sheet("Project discount", "1", "-150.00"),),
}
"""Customer → the lines of its custom invoice. Three of them make credit notes; one has no dates."""


def custom_charges(seed: int, reference: date, month: date, organization: Organization) -> Iterator[CustomCharge]:
    """The rows of the customer's custom invoice; in older months customers take turns."""
    if (organization.number + month.month) % 3 == 0 and month != reference:
        return
    for slot, sheet in enumerate(_SHEETS.get(organization.number, ())):
        linked = subscription(seed, reference, organization, 1) if sheet.is_linked else None
        yield CustomCharge(_charge(slot, sheet, month), linked, sheet.note)


def _charge(slot: int, sheet: _Sheet, month: date) -> Charge:
    before = add_months(month, -1)
    start, end = (before, last_day(before)) if sheet.is_dated else (None, None)
    quantity, unit_price = Decimal(sheet.quantity), Decimal(sheet.unit_price)
    return Charge(slot, "UserCorrection", start, end, quantity, unit_price, quantity * unit_price)
