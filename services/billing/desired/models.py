"""The tables of persistent additions, by segment, and of true-ups: what each carries, and what it last held."""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Date, DateTime, Index, Integer, Numeric, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class PersistentAdditionRow(Base):
    """One segment of a persistent addition, as it was written to the PSA. The table keeps its older name."""

    __tablename__ = "running_addition"
    __table_args__ = {"schema": "billing"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    subscription_id: Mapped[str] = mapped_column(Text, primary_key=True)
    agreement_id: Mapped[str] = mapped_column(Text, primary_key=True)
    segment: Mapped[int] = mapped_column(Integer, primary_key=True)
    """Counted from 1. Only the last one is open; those before stay, so that their months are known."""
    addition_id: Mapped[str | None] = mapped_column(Text)
    """None where it was written before that was remembered."""
    invoice_id: Mapped[str] = mapped_column(Text)
    row_id: Mapped[str] = mapped_column(Text)
    period: Mapped[str] = mapped_column(String(7))
    effective_date: Mapped[date] = mapped_column(Date)
    """The start that the PSA holds."""
    amount: Mapped[Decimal] = mapped_column(Numeric())
    invoiced_before: Mapped[date | None] = mapped_column(Date)
    """The next invoice date of the agreement when this amount was written."""
    amount_before: Mapped[Decimal | None] = mapped_column(Numeric())
    """What the periods before that day were billed with."""
    begun_by: Mapped[str] = mapped_column(Text)
    bills_from: Mapped[date | None] = mapped_column(Date)
    """First day of the billing period that bills the charge; None where it was written before that was remembered."""
    bills_through: Mapped[date | None] = mapped_column(Date)
    charge_end: Mapped[date | None] = mapped_column(Date)
    money: Mapped[str] = mapped_column(Text)
    """The values that decide what it bills; empty where they were not remembered."""
    ends_on: Mapped[date | None] = mapped_column(Date)
    """The last billed day that the PSA holds; None while it is open."""
    charged_from: Mapped[date | None] = mapped_column(Date)
    """First day of the first billing period that had a charge; an adopted addition starts before it."""
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When its end was heard of. The row stays, so that months it has billed do not give it their values again."""
    last_billed_day: Mapped[date | None] = mapped_column(Date)
    """Of one that was ended; None when it is gone from the PSA."""


class GatheredAdditionRow(Base):
    """An addition that carries parts of several lines: wanted by a plan, and as it was sent last."""

    __tablename__ = "gathered_addition"
    __table_args__ = (
        Index("gathered_addition_of_period", "partner_id", "period"),
        Index("gathered_addition_by_marker", "partner_id", "marker"),
        {"schema": "billing"},
    )

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Stands in the place of a line's id, in events and in the table of true-ups."""
    kind: Mapped[str] = mapped_column(String(10))
    """A `GatheredKind`."""
    marker: Mapped[str] = mapped_column(String(50))
    organization_id: Mapped[str] = mapped_column(Text)
    agreement_id: Mapped[str] = mapped_column(Text)
    currency: Mapped[str] = mapped_column(String(10))
    period: Mapped[str] = mapped_column(String(7))
    addition_id: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[Decimal | None] = mapped_column(Numeric())
    """None while it was not sent, or bills no more without having been invoiced."""
    bills_from: Mapped[date | None] = mapped_column(Date)
    bills_through: Mapped[date | None] = mapped_column(Date)
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class TrueUpRow(Base):
    """One correction of what was invoiced for a line, as it was sent last. A number is never used for another.

    `line_id` is that of a gathered addition where all of that is corrected.
    """

    __tablename__ = "true_up"
    __table_args__ = (Index("true_up_by_marker", "partner_id", "marker"), {"schema": "billing"})

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    marker: Mapped[str] = mapped_column(String(50))
    agreement_id: Mapped[str] = mapped_column(Text)
    addition_id: Mapped[str | None] = mapped_column(Text)
    amount: Mapped[Decimal] = mapped_column(Numeric())
    bills_from: Mapped[date | None] = mapped_column(Date)
    bills_through: Mapped[date | None] = mapped_column(Date)
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    withdrawn_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When it was taken back, or found gone, before it was invoiced."""
