"""The tables of our additions: what we last wrote under each marker, and creates whose outcome nobody knows yet."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class WrittenAddition(Base):
    """An addition of ours as we last wrote it or found it. What is in this table is known by its id and read by it."""

    __tablename__ = "written_addition"
    __table_args__ = (
        Index("written_addition_by_subscription", "partner_id", "subscription_id"),
        Index("written_addition_by_agreement", "partner_id", "agreement_id"),
        Index("written_addition_by_line", "partner_id", "line_id"),
        {"schema": "sync"},
    )

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    marker: Mapped[str] = mapped_column(Text, primary_key=True)
    agreement_id: Mapped[str] = mapped_column(Text)
    addition_id: Mapped[str] = mapped_column(Text)
    subscription_id: Mapped[str] = mapped_column(Text)
    is_recurring: Mapped[bool]
    is_open: Mapped[bool]
    currency: Mapped[str] = mapped_column(String(10))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    """Organization, company, agreement, product and subscription, for people who read a cancellation."""
    held: Mapped[dict[str, Any]] = mapped_column(JSONB)
    held_before: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    """What it held while earlier periods were invoiced, see `history`. Empty in rows of an older build."""
    wanted_effective_date: Mapped[date]
    """The start that was asked for; an adopted addition keeps its own, older one."""
    ended_on: Mapped[date | None]
    """The last billed day it was given because no charge stood behind it any more."""
    organization_id: Mapped[str] = mapped_column(Text, server_default="")
    """AppXite's customer; empty in rows of an older build whose operation is gone."""
    line_id: Mapped[UUID | None]
    """The newest line it was pushed for; null in rows of an older build whose operation is gone."""
    charged_from: Mapped[date | None]
    charged_through: Mapped[date | None]
    """First and last day of the billing periods that bill that line. Null in rows of an older build."""
    charged_in: Mapped[str] = mapped_column(String(7), server_default="")
    """Month whose invoice charges that line, YYYY-MM. Empty in rows of an older build."""
    gaps: Mapped[list[list[str]]] = mapped_column(JSONB, server_default="[]")
    """Days between the billing periods of its charges that no line was charged for: first and last day of each."""
    invoiced_before: Mapped[date | None]
    """The agreement's first day that was not invoiced when it was made. Null where people made it, and in rows of an
    older build."""
    run_id: Mapped[UUID]
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    gone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When a read by id found that the PSA no longer has it."""
    twins_seen_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When an examination found several open additions under its marker; the next one that finds one unsets it."""


class UnresolvedCreate(Base):
    """A create that was about to be sent, until its outcome is known. It outlives the push that sent it."""

    __tablename__ = "unresolved_create"
    __table_args__ = (
        Index("unresolved_create_by_agreement", "partner_id", "agreement_id"),
        {"schema": "sync"},
    )

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    marker: Mapped[str] = mapped_column(Text, primary_key=True)
    agreement_id: Mapped[str] = mapped_column(Text)
    run_id: Mapped[UUID]
    sent_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    """Of the latest try. A list may show the addition until the PSA's list lag has passed since."""
