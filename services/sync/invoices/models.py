"""The tables of what the PSA has invoiced, and of what was expected of it."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, Numeric, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class PsaInvoiceRow(Base):
    """An invoice of an agreement that holds additions of ours, as last read."""

    __tablename__ = "psa_invoice"
    __table_args__ = (
        Index("psa_invoice_by_agreement", "partner_id", "agreement_id"),
        {"schema": "sync"},
    )

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    invoice_id: Mapped[str] = mapped_column(Text, primary_key=True)
    agreement_id: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    day: Mapped[date | None]
    """As printed on it."""
    period_start: Mapped[date | None]
    period_end: Mapped[date | None]
    """First and last day of the billing period that it covers, as far as that can be known; null where it cannot."""
    currency: Mapped[str | None] = mapped_column(String(10))
    total: Mapped[Decimal] = mapped_column(Numeric)
    products_total: Mapped[Decimal | None] = mapped_column(Numeric)
    changed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """By the PSA's clock."""
    read_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    gone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When a read by id found that the PSA no longer has it."""


class InvoiceReading(Base):
    """How far the invoices of one agreement were read."""

    __tablename__ = "invoice_reading"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    agreement_id: Mapped[str] = mapped_column(Text, primary_key=True)
    watched_from: Mapped[date | None]
    """The next invoice date at the first reading: what was closed before it, nobody watched."""
    next_invoice_date: Mapped[date | None]
    """At the latest reading."""
    vouched_before: Mapped[date | None]
    """Before this day every invoice is known: the next invoice date of the latest reading that no list lags behind."""
    moved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    """When the next invoice date was first seen as it is."""


class ExpectedBilling(Base):
    """What a billing period of an agreement is expected to bill for our additions, and what it billed.

    One row for each agreement, period and currency: a later push that expects something else takes it over.
    """

    __tablename__ = "expected_billing"
    __table_args__ = (
        Index("expected_billing_by_run", "partner_id", "run_id"),
        {"schema": "sync"},
    )

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    agreement_id: Mapped[str] = mapped_column(Text, primary_key=True)
    period_start: Mapped[date] = mapped_column(primary_key=True)
    currency: Mapped[str] = mapped_column(String(10), primary_key=True)
    period_end: Mapped[date]
    run_id: Mapped[UUID]
    """The push whose receipt expects it."""
    agreement: Mapped[str] = mapped_column(Text)
    organization: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[str] = mapped_column(Text)
    expected: Mapped[Decimal] = mapped_column(Numeric)
    additions: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    """An `ExpectedAddition` for each addition of ours that bills in the period."""
    billed: Mapped[Decimal | None] = mapped_column(Numeric)
    """Null until it was invoiced, or where nobody knows what was billed."""
    state: Mapped[str] = mapped_column(String(30))
    """A `BilledState`."""
    cause: Mapped[str] = mapped_column(Text, server_default="")
    next_step: Mapped[str] = mapped_column(Text, server_default="")
    invoice_numbers: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    basis: Mapped[str] = mapped_column(Text, server_default="")
    """Which invoices, as last changed, it was compared with: it is compared again only when this changes."""
