"""What goes into rating and what comes out: one invoice line, and everything the rules say about it."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from services.contracts.vocabulary import BillOption, ByHand, ChargeType, DropRule, HoldReason, LineStatus, Provenance


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
    is_excluded: bool | None = None
    """What a person decided: out, or in against a rule that drops it; None where nobody has."""
    user_start: date | None = None
    user_end: date | None = None
    user_agreement_id: str | None = None
    user_quantity: Decimal | None = None
    """Above zero, whatever the sign of the charge."""
    user_unit_price: Decimal | None = None
    """Of a credit below zero."""
    user_description: str | None = None
    """A template, see `templates`."""
    user_bill_option: BillOption | None = None
    user_taxable: bool | None = None
    user_product_id: str | None = None
    drives: bool = True
    """False when another row of its period drives the persistent addition of its subscription."""
    push_failed: bool = False
    sent_fingerprint: str | None = None
    """`Rated.fingerprint` of the values that are in the PSA; None when nothing was sent."""
    sent_marker: str | None = None
    """The marker of the addition that it was sent as."""
    sent_recurring: bool | None = None
    """Whether that is the persistent addition of its subscription; None when nothing was sent."""
    sent_gathered: bool = False
    """Whether that is an addition that carries other lines as well."""
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
    sent_price_terms: str | None = None
    """`Rated.price_terms` of what was sent."""
    true_ups: tuple[TrueUp, ...] = ()
    """The corrections of it that were sent, in the order of their numbers."""
    by_hand: ByHand | None = None
    """What is known of an addition made by hand that may bill it."""
    by_hand_charged: Decimal | None = None
    """What it charged when that was found or decided."""
    by_hand_words: str | None = None


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
    amount: Decimal
    """What is to be billed for it; the line's own total is what the marketplace charges."""
    unit_cost: Decimal | None
    """Written beside the price; None where the rules leave it to the PSA."""
    price_terms: str | None
    """The price rules that made `amount`, see `PriceTerms.as_text`; None where it is billed as charged."""
    remainder: Decimal
    """What of its price is finer than the currency's smallest unit, and so beyond `amount`."""
    is_gathered: bool
    """Goes out in one addition with the other usage of its subscription."""
    description: str
    bill_option: BillOption
    taxable: bool
    forecast: Decimal | None
    explanation: tuple[str, ...]
    warnings: tuple[str, ...]
    fingerprint: str | None
    """Changes exactly when something that is written to the PSA changes; None while incomplete."""
    dropped_by: DropRule | None = None
    """The rule that drops it, or what is new in it since it was invoiced."""
