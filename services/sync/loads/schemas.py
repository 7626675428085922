"""Loads, their invoices, and the months that can be loaded, as people and programs see them."""

from datetime import date, datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from services.contracts.money import Amount


class InvoiceState(StrEnum):
    """What a load made of an invoice."""

    PENDING = "pending"  # its rows are still to be read
    STAGED = "staged"  # proven; its rows are on their way to billing
    ACCEPTED = "accepted"  # proven, Verified or later
    PREVIEW = "preview"  # proven, not Verified yet: shown, never sent
    QUARANTINED = "quarantined"  # kept out whole, with the reason
    NOT_OURS = "not_ours"  # issued by somebody else to the partner: shown, its rows are never read


class LoadIn(BaseModel):
    """Which months to load."""

    model_config = ConfigDict(extra="forbid")

    periods: list[str] = Field(min_length=1, max_length=15, examples=[["2026-10", "2026-11"]])


class LoadInvoiceOut(BaseModel):
    """One invoice of a load. `checksum` is the header's, `rows_total` what its rows add up to."""

    invoice_id: str
    number: str
    date: date | None
    period: str
    organization: str
    currency: str
    status: str
    state: InvoiceState
    reason: str
    checksum: Amount | None
    rows_total: Amount | None
    rows: int


class PeriodOut(BaseModel):
    """One month: what was loaded of it, and whether it can be loaded."""

    period: str
    lines: int
    invoices: int
    quarantined: int
    loaded_at: datetime | None
    loadable: bool
    is_complete: bool = Field(description="A person said that every invoice of the month has come")


class CompletenessIn(BaseModel):
    """Whether every invoice of a month has come: then a charge that is absent will not come."""

    model_config = ConfigDict(extra="forbid")

    is_complete: bool


class PeriodsOut(BaseModel):
    items: list[PeriodOut]
