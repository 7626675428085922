"""The tables of loads: what each load found of each invoice, and the rows as they came."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, Date, DateTime, Index, Integer, Numeric, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class InvoiceRecord(Base):
    """An invoice across loads: what the latest load found, and which load's rows are in force."""

    __tablename__ = "invoice"
    __table_args__ = (Index("invoice_by_period", "partner_id", "period"), {"schema": "sync"})

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    invoice_id: Mapped[str] = mapped_column(Text, primary_key=True)
    period: Mapped[str] = mapped_column(String(7))
    latest_run_id: Mapped[UUID]
    latest_state: Mapped[str] = mapped_column(String(20))
    valid_run_id: Mapped[UUID | None]
    """The load whose rows billing has; a quarantined load never becomes this."""
    rows: Mapped[int] = mapped_column(Integer, default=0)
    vanished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    loaded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class LoadInvoice(Base):
    """One invoice as one load found it."""

    __tablename__ = "load_invoice"
    __table_args__ = (Index("load_invoice_by_state", "run_id", "state"), {"schema": "sync"})

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    invoice_id: Mapped[str] = mapped_column(Text, primary_key=True)
    partner_id: Mapped[UUID]
    number: Mapped[str] = mapped_column(Text)
    invoice_date: Mapped[date | None] = mapped_column(Date)
    period: Mapped[str] = mapped_column(String(7))
    currency: Mapped[str] = mapped_column(String(10))
    status: Mapped[str] = mapped_column(Text)
    is_sendable: Mapped[bool] = mapped_column(Boolean)
    organization: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text, default="")
    checksum: Mapped[Decimal | None] = mapped_column(Numeric)
    rows_total: Mapped[Decimal | None] = mapped_column(Numeric)
    rows: Mapped[int] = mapped_column(Integer, default=0)
    raw: Mapped[str] = mapped_column(Text)
    bad_text: Mapped[str | None] = mapped_column(Text)


class InvoiceRowRecord(Base):
    """One row, parsed, beside its text as it came. `ordinal` counts within the load."""

    __tablename__ = "invoice_row"
    __table_args__ = (Index("invoice_row_by_invoice", "partner_id", "invoice_id"), {"schema": "sync"})

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    ordinal: Mapped[int] = mapped_column(Integer, primary_key=True)
    partner_id: Mapped[UUID]
    invoice_id: Mapped[str] = mapped_column(Text)
    row_id: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[str] = mapped_column(Text)
    organization_name: Mapped[str] = mapped_column(Text)
    offer_id: Mapped[str] = mapped_column(Text)
    offer_name: Mapped[str] = mapped_column(Text)
    subscription_id: Mapped[str] = mapped_column(Text)
    subscription_name: Mapped[str] = mapped_column(Text)
    charge_type: Mapped[str] = mapped_column(Text)
    charge_start: Mapped[date | None] = mapped_column(Date)
    charge_end: Mapped[date | None] = mapped_column(Date)
    quantity: Mapped[Decimal] = mapped_column(Numeric)
    unit_price: Mapped[Decimal] = mapped_column(Numeric)
    total: Mapped[Decimal] = mapped_column(Numeric)
    is_custom: Mapped[bool] = mapped_column(Boolean)
    # These three may be null: a build that does not know them copies rows through a table without their defaults.
    vendor: Mapped[str | None] = mapped_column(Text)
    contract_number: Mapped[str | None] = mapped_column(Text)
    purchase_order: Mapped[str | None] = mapped_column(Text)
    raw: Mapped[str] = mapped_column(Text)


class PeriodCompletenessRow(Base):
    """What a person says of a month: that every invoice of it has come, so that an absent charge will not come."""

    __tablename__ = "period_completeness"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    period: Mapped[str] = mapped_column(String(7), primary_key=True)
    is_complete: Mapped[bool] = mapped_column(Boolean)
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
