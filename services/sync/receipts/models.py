"""The table of receipts: one per push run, never changed."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, String, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class ReceiptRow(Base):
    """The tie-out of one run."""

    __tablename__ = "receipt"
    __table_args__ = (Index("receipt_latest", "partner_id", "created_at"), {"schema": "sync"})

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID]
    plan_id: Mapped[UUID]
    period: Mapped[str] = mapped_column(String(7))
    scope: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The `PlanScope` of its plan; this and the three statements are null in receipts of an older build."""
    ties_out: Mapped[bool]
    arrived: Mapped[bool | None]
    accounted_for: Mapped[bool | None]
    bills_as_charged: Mapped[bool | None]
    examined: Mapped[int]
    totals: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    unsent: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    failures: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    singles: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """A `Tally` of additions with quantity 1 in place of another; null in receipts of an older build."""
    differences: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
