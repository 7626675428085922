"""The table of lines: what the marketplace invoiced, what people decided, what the rules made of it, what was sent."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Boolean, Computed, Date, DateTime, Index, Integer, Numeric, String, Text, func, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base

# In small letters already: ILIKE on the four names takes about ten times as long.
SEARCH_TEXT = "lower(organization_name || ' ' || offer_name || ' ' || subscription_name || ' ' || invoice_number)"


class LineRow(Base):
    """One invoice row. `rating/record.py` lists these columns once more, in the order bulk statements use."""

    __tablename__ = "line"
    __table_args__ = (
        Index("line_row", "partner_id", "invoice_id", "row_id", unique=True),
        # One index per sort that people use on a whole month; other sorts order a filtered month in memory.
        Index("line_by_organization", "partner_id", "period", "organization_name", "id"),
        Index("line_by_total", "partner_id", "period", "total", "id"),
        Index("line_by_start", "partner_id", "period", text("COALESCE(charge_start, 'infinity'::date)"), "id"),
        Index("line_by_status", "partner_id", "period", "status", "organization_name", "id"),
        Index("line_of_organization", "partner_id", "organization_id", "id"),
        # Re-rating looks for what is not sent; sent lines leave this index.
        Index("line_open_of_offer", "partner_id", "offer_id", "id", postgresql_where=text("status <> 'sent'")),
        Index(
            "line_by_chosen_agreement",
            "partner_id",
            "user_agreement_id",
            postgresql_where=text("user_agreement_id IS NOT NULL"),
        ),
        {"schema": "billing"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID]
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())

    # As invoiced.
    invoice_id: Mapped[str] = mapped_column(Text)
    row_id: Mapped[str] = mapped_column(Text)
    invoice_number: Mapped[str] = mapped_column(Text)
    invoice_date: Mapped[date] = mapped_column(Date)
    period: Mapped[str] = mapped_column(String(7))
    currency: Mapped[str] = mapped_column(String(10))
    is_sendable: Mapped[bool] = mapped_column(Boolean)
    organization_id: Mapped[str] = mapped_column(Text)
    organization_name: Mapped[str] = mapped_column(Text)
    offer_id: Mapped[str] = mapped_column(Text)
    offer_name: Mapped[str] = mapped_column(Text)
    subscription_id: Mapped[str] = mapped_column(Text)
    subscription_name: Mapped[str] = mapped_column(Text)
    source_charge_type: Mapped[str] = mapped_column(Text)
    source_start: Mapped[date | None] = mapped_column(Date)
    source_end: Mapped[date | None] = mapped_column(Date)
    quantity: Mapped[Decimal] = mapped_column(Numeric())
    unit_price: Mapped[Decimal] = mapped_column(Numeric())
    total: Mapped[Decimal] = mapped_column(Numeric())
    is_custom: Mapped[bool] = mapped_column(Boolean)
    is_vanished: Mapped[bool] = mapped_column(Boolean)

    search_text: Mapped[str] = mapped_column(Text, Computed(SEARCH_TEXT, persisted=True))

    # What people decided.
    is_excluded: Mapped[bool] = mapped_column(Boolean)
    user_start: Mapped[date | None] = mapped_column(Date)
    user_end: Mapped[date | None] = mapped_column(Date)
    user_agreement_id: Mapped[str | None] = mapped_column(Text)

    # What rating made of it.
    rules_version: Mapped[int] = mapped_column(Integer)
    drives: Mapped[bool] = mapped_column(Boolean)
    status: Mapped[str] = mapped_column(String(20))
    hold_reasons: Mapped[list[str]] = mapped_column(ARRAY(Text))
    charge_type: Mapped[str] = mapped_column(Text)
    """A core charge type, or the upstream text where it is none."""
    is_recurring: Mapped[bool] = mapped_column(Boolean)
    company_id: Mapped[str | None] = mapped_column(Text)
    agreement_id: Mapped[str | None] = mapped_column(Text)
    product_id: Mapped[str | None] = mapped_column(Text)
    charge_start: Mapped[date | None] = mapped_column(Date)
    start_provenance: Mapped[str] = mapped_column(String(10))
    start_explanation: Mapped[str] = mapped_column(Text)
    system_start: Mapped[date | None] = mapped_column(Date)
    charge_end: Mapped[date | None] = mapped_column(Date)
    end_provenance: Mapped[str] = mapped_column(String(10))
    end_explanation: Mapped[str] = mapped_column(Text)
    system_end: Mapped[date | None] = mapped_column(Date)
    addition_quantity: Mapped[Decimal | None] = mapped_column(Numeric())
    addition_unit_price: Mapped[Decimal | None] = mapped_column(Numeric())
    description: Mapped[str] = mapped_column(Text)
    bill_option: Mapped[str] = mapped_column(String(20))
    taxable: Mapped[bool] = mapped_column(Boolean)
    forecast: Mapped[Decimal | None] = mapped_column(Numeric())
    explanation: Mapped[list[str]] = mapped_column(ARRAY(Text))
    warnings: Mapped[list[str]] = mapped_column(ARRAY(Text))
    fingerprint: Mapped[str | None] = mapped_column(String(40))

    # What was sent.
    push_error: Mapped[str] = mapped_column(Text)
    """Empty unless the last push of this line failed."""
    sent_fingerprint: Mapped[str | None] = mapped_column(String(40))
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    addition_id: Mapped[str | None] = mapped_column(Text)
