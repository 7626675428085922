"""Receipts as people, programs and auditors see them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from services.contracts.money import Amount


class ReceiptTotal(BaseModel):
    """One customer in one currency: what AppXite charged is on ConnectWise, or listed."""

    organization: str
    organization_id: str
    currency: str
    appxite_total: Amount = Field(description="From the invoice rows as they came, not from what was pushed")
    additions_total: Amount = Field(description="From what was read back: quantity × unit price of each addition")
    unsent_total: Amount = Field(description="Lines that stayed behind, failures included")
    ties_out: bool


class UnsentItem(BaseModel):
    """A line, or a whole quarantined invoice, that is not on ConnectWise."""

    line_id: UUID | None
    invoice_id: str
    row_id: str
    organization_id: str
    organization: str
    currency: str
    amount: Amount
    status: str = Field(description="preview, excluded, held, ready or sent; quarantined for a whole invoice")
    reasons: list[str]


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
    ties_out: bool
    examined: int = Field(description="Invoice rows examined: a receipt without this number proves nothing")
    totals: list[ReceiptTotal]
    unsent_count: int
    failure_count: int
    created_at: datetime


class ReceiptOut(ReceiptSummary):
    """The tie-out of one run."""

    unsent: list[UnsentItem]
    failures: list[Failure]
