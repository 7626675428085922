"""The tables of what people billed by hand: what is known of a line for good, and what one plan shows."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, Numeric, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class HandBillingRow(Base):
    """What was found, decided or asked last about a charge that may be billed by hand. It outlives the plan."""

    __tablename__ = "hand_billing"
    __table_args__ = (Index("hand_billing_of_agreement", "partner_id", "agreement_id"), {"schema": "sync"})

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    choice: Mapped[str] = mapped_column(String(10))
    """A `ByHand`."""
    agreement_id: Mapped[str] = mapped_column(Text)
    subscription_id: Mapped[str] = mapped_column(Text)
    addition_id: Mapped[str] = mapped_column(Text)
    """The addition made by hand; empty where none is named."""
    charged: Mapped[Decimal] = mapped_column(Numeric())
    """What the line charged then: another amount is another question."""
    words: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    decided_by: Mapped[str] = mapped_column(Text)
    """Empty where a plan found it."""
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    plan_id: Mapped[UUID]


class PlanByHandRow(Base):
    """A charge of a plan with what people made beside it, or an addition of theirs without a charge."""

    __tablename__ = "plan_by_hand"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sync.plan.id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    partner_id: Mapped[UUID]
    line_id: Mapped[UUID | None]
    state: Mapped[str] = mapped_column(String(10))
    """A `ByHand`; empty for an addition without a charge."""
    entry: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """A `ByHandEntry`."""
