"""The invoices of a month: per customer one for Microsoft's lines, one for the others, and here and there a custom one.

Rows are made per invoice when asked for. Eighteen months exist, so that the 15-month floor hides something.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from enum import IntEnum
from typing import NamedTuple

from services.sandbox.seed.charges import Charge, charges
from services.sandbox.seed.custom import custom_charges
from services.sandbox.seed.draw import guid
from services.sandbox.seed.months import add_months, last_day, months_between
from services.sandbox.seed.organizations import ORGANIZATIONS, Organization, currency_of
from services.sandbox.seed.subscriptions import Subscription, subscriptions_of

MONTHS_OF_HISTORY = 18


class Part(IntEnum):
    MICROSOFT = 0
    OTHERS = 1
    CUSTOM = 2


class Invoice(NamedTuple):
    id: str
    number: int
    month: date
    organization: Organization
    part: Part
    currency: str
    status: str

    @property
    def invoiced_on(self) -> date:
        """The billing day of its contract; custom invoices are made by hand, later in the month."""
        return self.month.replace(day=20 if self.is_custom else self.organization.billing_day)

    @property
    def due(self) -> date:
        return self.invoiced_on + timedelta(days=14)

    @property
    def is_custom(self) -> bool:
        return self.part is Part.CUSTOM

    @property
    def is_preview(self) -> bool:
        return self.status in ("New", "New Corrected")


class Row(NamedTuple):
    """One invoice row: the charge, and the subscription it belongs to (None on a stand-alone custom row)."""

    id: str
    charge: Charge
    subscription: Subscription | None
    note: str


def months_served(reference: date) -> list[date]:
    return [add_months(reference, -back) for back in range(MONTHS_OF_HISTORY - 1, -1, -1)]


def invoices_of(seed: int, reference: date, month: date) -> Iterator[Invoice]:
    """Every invoice the month may have; one without rows does not exist, which only `rows_of` can tell."""
    for organization in ORGANIZATIONS:
        for part in Part:
            yield _invoice(seed, reference, month, organization, part)


def _invoice(seed: int, reference: date, month: date, organization: Organization, part: Part) -> Invoice:
    return Invoice(
        guid(seed, f"invoice/{month}/{organization.number}/{part}"),
        10_000 * (month.year % 100) + 200_000 * month.month + organization.number * 10 + part + 1,
        month,
        organization,
        part,
        currency_of(organization, microsoft=part is not Part.OTHERS),
        _status(reference, month, organization, part),
    )


_STILL_NEW = (7, 21, 31)
"""Customers whose invoices of the current month are not verified yet, beside those billed later in the month."""


_UNPAID = 5


def _status(reference: date, month: date, organization: Organization, part: Part) -> str:
    age = months_between(month, reference)
    if age == 0 and (organization.number in _STILL_NEW or organization.billing_day > 1):
        return "New Corrected" if part is Part.CUSTOM or organization.number % 2 else "New"
    if age == 0 or (organization.number + age) % 3:
        return "Verified"
    if age > 1:
        return "Paid"
    return "Payment Card Error" if organization.number == _UNPAID else "Issued"


def rows_of(seed: int, lines: int, reference: date, invoice: Invoice) -> Iterator[Row]:
    if invoice.is_custom:
        for number, custom in enumerate(custom_charges(seed, reference, invoice.month, invoice.organization)):
            yield Row(guid(seed, f"custom-row/{invoice.id}/{number}"), custom.charge, custom.subscription, custom.note)
        return
    microsoft = invoice.part is Part.MICROSOFT
    tail = f"{invoice.month.year % 100:02d}{invoice.month.month:02d}"
    for subscription in subscriptions_of(seed, lines, reference, invoice.organization, microsoft=microsoft):
        for charge in charges(subscription, invoice.month):
            yield Row(_row_id(subscription, tail, charge.slot), charge, subscription, "")


def _row_id(subscription: Subscription, tail: str, slot: int) -> str:
    """The subscription's chance, the month and the slot: unique without another hash per row."""
    h = subscription.chance.hex()
    return f"{h[32:40]}-{tail}-4{h[44:47]}-a{slot:03x}-{h[48:60]}"


def total_of(rows: Iterator[Row]) -> tuple[int, Decimal]:
    """(number of rows, sum of their totals)."""
    count, total = 0, Decimal("0.00")
    for row in rows:
        count += 1
        total += row.charge.total
    return count, total


def billing_period(invoice: Invoice) -> tuple[date, date]:
    """First and last day of the month invoiced."""
    return invoice.month, last_day(invoice.month)
