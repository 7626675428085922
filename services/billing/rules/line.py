"""What goes into rating and what comes out: one invoice line, and everything the rules say about it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.contracts.vocabulary import BillOption, ChargeType, HoldReason, LineStatus, Provenance


@dataclass(frozen=True, slots=True)
class TrueUp:
    """A one-time addition that corrects what was invoiced for a line."""

    number: int
    """Counted from 1 for each line, and never used again."""
    marker: str
    agreement_id: str
    amount: Decimal
    bills_from: date | None
    bills_through: date | None
    addition_id: str | None = None
    is_withdrawn: bool = False
    """It was taken back, or is gone from the PSA, before it was invoiced."""


@dataclass(frozen=True, slots=True)
class Line:
    """An invoice row with its header, what people decided about it and how it was sent. Names are the marketplace's."""

    invoice_id: str
    row_id: str
    invoice_number: str
    invoice_date: date
    period: str
    currency: str
    is_sendable: bool
    organization_id: str
    organization_name: str
    offer_id: str
    offer_name: str
    subscription_id: str
    subscription_name: str
    charge_type: str
    charge_start: date | None
    charge_end: date | None
    quantity: Decimal
    unit_price: Decimal
    total: Decimal
    is_custom: bool = False
    vendor: str = ""
    contract_number: str = ""
    purchase_order: str = ""
    is_vanished: bool = False
    is_excluded: bool = False
    user_start: date | None = None
    user_end: date | None = None
    user_agreement_id: str | None = None
    drives: bool = True
    """False when another row of its period drives the persistent addition of its subscription."""
    push_failed: bool = False
    sent_fingerprint: str | None = None
    """`Rated.fingerprint` of the values that are in the PSA; None when nothing was sent."""
    sent_marker: str | None = None
    """The marker of the addition that it was sent as."""
    sent_recurring: bool | None = None
    """Whether that is the persistent addition of its subscription; None when nothing was sent."""
    sent_amount: Decimal | None = None
    """What the line came to when it was sent; None as well where an older build has sent it with other values."""
    sent_agreement_id: str | None = None
    sent_from: date | None = None
    """First day of the billing periods that bill what was sent."""
    sent_through: date | None = None
    """Last day of these periods; None where nobody knows it."""
    sent_start: date | None = None
    """The charge's own dates as they were sent; None for an open end, or where the line was edited meanwhile."""
    sent_end: date | None = None
    true_ups: tuple[TrueUp, ...] = ()
    """The corrections of it that were sent, in the order of their numbers."""


@dataclass(frozen=True, slots=True)
class DateValue:
    """A date with its origin. `value` None means open for an end, and missing for a start."""

    value: date | None
    provenance: Provenance
    explanation: str
    source: date | None
    system: date | None
    user: date | None


@dataclass(frozen=True, slots=True)
class Rated:
    """What the rules say about a line: the addition it would become, whether it may, and why."""

    status: LineStatus
    hold_reasons: tuple[HoldReason, ...]
    charge_type: ChargeType | None
    is_recurring: bool
    """Goes to the persistent addition of its subscription; otherwise an addition of its own."""
    company_id: str | None
    agreement_id: str | None
    product_id: str | None
    start: DateValue
    end: DateValue
    quantity: Decimal | None
    unit_price: Decimal | None
    description: str
    bill_option: BillOption
    taxable: bool
    forecast: Decimal | None
    explanation: tuple[str, ...]
    warnings: tuple[str, ...]
    fingerprint: str | None
    """Changes exactly when something that is written to the PSA changes; None while incomplete."""
