"""Receipts as people, programs and auditors see them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, Field

from services.contracts.money import Amount
from services.contracts.shapes import PlanScope, Tally
from services.contracts.vocabulary import DropRule
from services.sync.invoices.schemas import BilledPeriod


class ReceiptTotal(BaseModel):
    """One customer in one currency: what AppXite charged is on ConnectWise, or listed."""

    organization: str
    organization_id: str
    currency: str
    appxite_total: Amount = Field(description="From the invoice rows as they came, not from what was pushed")
    additions_total: Amount = Field(description="From what was read back: quantity × unit price of each addition")
    marked_up: Amount | None = Field(
        None,
        description="What price rules and people add to AppXite's charges, on additions; null in older receipts",
    )
    unsent_total: Amount = Field(description="Lines that stayed behind, failures included")
    ties_out: bool = Field(description="AppXite's total is on additions or listed, to the cent")
    rounded: Amount | None = Field(None, description="Charged, and finer than the currency: no addition bills it")
    expected_billed: Amount | None = Field(None, description="What additions of ours have billed or will bill")
    not_billable: Amount | None = Field(None, description="Sent as not billable: meant to bill nothing")
    sent_percent: Amount | None = Field(None, description="Share of the money that is on additions, never rounded up")
    billed_before: Amount | None = Field(
        None, description="The part of `unsent_total` that was billed by hand before go-live, and never goes out"
    )
    dropped: Amount | None = Field(
        None, description="Not passed on by the billing rules: no part of `unsent_total`, and listed as differences"
    )
    bills_as_charged: bool | None = Field(
        None, description="No difference but what rules drop; null in receipts of an older build"
    )
    billed: Amount | None = Field(
        None, description="What was invoiced of the periods that the receipt expects; null until all of them are known"
    )


class DifferenceKind(StrEnum):
    """How what the PSA bills departs from what AppXite charges."""

    NO_CHARGE = "no_charge"  # it bills although nothing is charged
    NOT_CHARGED_YET = "not_charged_yet"  # it bills, and the month is not charged in full yet
    MORE = "more"
    LESS = "less"
    NOT_FORECAST = "not_forecast"  # nobody knows what it bills
    WRITTEN_OFF = "written_off"  # its billing period was closed without an invoice
    ALREADY_INVOICED = "already_invoiced"  # invoiced before its addition was changed, or beyond the charge
    DROPPED = "dropped"  # charged, and not passed on, as a billing rule says: meant so


class Difference(BaseModel):
    """One addition that has billed, or will bill, something else than AppXite charges; or a charge that rules drop."""

    kind: DifferenceKind
    organization: str
    organization_id: str
    agreement: str
    agreement_id: str
    addition_id: str | None
    subscription: str
    currency: str
    amount: Amount = Field(description="Expected less charged: positive where the customer is billed too much")
    charged: Amount
    expected: Amount
    reason: str
    next_step: str


class UnsentItem(BaseModel):
    """A line, or a whole quarantined invoice, that is not on ConnectWise."""

    line_id: UUID | None
    invoice_id: str
    row_id: str
    organization_id: str
    organization: str
    currency: str
    amount: Amount
    status: str = Field(
        description="preview, excluded, billed_before, dropped, held, ready or sent; quarantined for a whole invoice"
    )
    reasons: list[str]
    invoice_number: str = ""
    product: str = Field("", description="The marketplace's offer")
    subscription: str = ""
    billed_by: str = Field("", description="What bills it by hand, or may do, in words")
    dropped_by: DropRule | None = Field(None, description="The rule that drops it")


class Failure(BaseModel):
    """An operation that did not come out as planned, or money that nothing explains."""

    line_id: UUID | None
    organization_id: str
    organization: str
    agreement: str
    addition_id: str | None
    currency: str
    amount: Amount
    error: str


class ReceiptSummary(BaseModel):
    """A receipt without its lists."""

    run_id: UUID
    plan_id: UUID
    period: str
    scope: PlanScope | None = Field(None, description="What the plan was about; null in receipts of an older build")
    ties_out: bool = Field(description="All three: arrived, accounted for, bills as charged")
    arrived: bool | None = Field(None, description="Every write came out as planned and was read back equal")
    accounted_for: bool | None = Field(None, description="Every charged cent is on an addition or listed")
    bills_as_charged: bool | None = Field(None, description="Additions of ours bill exactly what was charged and sent")
    examined: int = Field(description="Invoice rows examined: a receipt without this number proves nothing")
    totals: list[ReceiptTotal]
    unsent_count: int
    billed_before_count: int = Field(0, description="Lines billed by hand before go-live; no part of `unsent_count`")
    dropped_count: int = Field(0, description="Lines that rules do not pass on; no part of `unsent_count`")
    failure_count: int
    difference_count: int = Field(0, description="Differences that nobody meant: without what rules drop")
    singles: Tally | None = Field(
        None, description="Additions with quantity 1 at the total; null in receipts of an older build"
    )
    created_at: datetime


class ReceiptOut(ReceiptSummary):
    """The tie-out of one run."""

    unsent: list[UnsentItem]
    failures: list[Failure]
    differences: list[Difference] = Field(default_factory=list)
    billed: list[BilledPeriod] = Field(
        default_factory=list, description="Each open period that additions of ours bill, and what it was invoiced with"
    )
    invoices_unread: str = Field("", description="Why invoices were not read; empty where they were")
