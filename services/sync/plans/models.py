"""The tables of plans: the plan, what should exist, what exists, and the operations between the two.

The operations are the journal of the push too: their status is committed before each write and after it.
"""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, ForeignKey, Index, Numeric, String, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class PlanRow(Base):
    """One plan. While `run_id` is set and the status is ready, a push is applying it."""

    __tablename__ = "plan"
    __table_args__ = (
        Index("plan_latest", "partner_id", "created_at"),
        Index(
            "plan_computing_scope",
            "partner_id",
            "scope_key",
            unique=True,
            postgresql_where=text("status = 'computing'"),
        ),
        {"schema": "sync"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID]
    period: Mapped[str] = mapped_column(String(7))
    scope: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    """A `PlanScope`."""
    scope_key: Mapped[str] = mapped_column(Text, server_default="")
    """Equal for equal scopes: one of them is computed at a time, and a newer plan supersedes an older one."""
    status: Mapped[str] = mapped_column(String(20))
    summary: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")
    amounts: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    unsent: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    calls_needed: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str] = mapped_column(Text, server_default="")
    moved: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    prepared_sequence: Mapped[int | None] = mapped_column(BigInteger)
    """Sequence of the PlanPrepared event; changes with a lower sequence are included in the plan."""
    computing_run_id: Mapped[UUID | None]
    """The run that computes it, or did."""
    run_id: Mapped[UUID | None]
    requested_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    computed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DesiredRow(Base):
    """An addition that should exist; kept until the operations that hold it are stored."""

    __tablename__ = "plan_desired"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sync.plan.id", ondelete="CASCADE"), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    marker: Mapped[str] = mapped_column(Text, primary_key=True, server_default="")
    """A line may have two additions: what was invoiced for it, and its true-up."""
    partner_id: Mapped[UUID]
    agreement_id: Mapped[str] = mapped_column(Text)
    addition: Mapped[dict[str, Any]] = mapped_column(JSONB)


class UnsentRow(Base):
    """A line that the plan leaves out."""

    __tablename__ = "plan_unsent"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sync.plan.id", ondelete="CASCADE"), primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID]
    line: Mapped[dict[str, Any]] = mapped_column(JSONB)


class GroundRow(Base):
    """The additions of one agreement as the plan found them; a push refuses to build on other ground."""

    __tablename__ = "plan_ground"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sync.plan.id", ondelete="CASCADE"), primary_key=True)
    agreement_id: Mapped[str] = mapped_column(Text, primary_key=True)
    partner_id: Mapped[UUID]
    agreement: Mapped[str] = mapped_column(Text)
    fingerprint: Mapped[str] = mapped_column(String(64))
    additions: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[str] = mapped_column(Text, server_default="")
    """Of what we had written there before it was read: another one means that a run of ours has written since."""


class OperationRow(Base):
    """One operation of a plan, and how far its write has come."""

    __tablename__ = "plan_operation"
    __table_args__ = (
        Index("plan_operation_in_order", "plan_id", "position"),
        Index("plan_operation_by_status", "plan_id", "status"),
        {"schema": "sync"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sync.plan.id", ondelete="CASCADE"))
    partner_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    organization: Mapped[str] = mapped_column(Text)
    company: Mapped[str] = mapped_column(Text)
    agreement: Mapped[str] = mapped_column(Text)
    agreement_id: Mapped[str] = mapped_column(Text)
    addition_id: Mapped[str | None] = mapped_column(Text)
    product: Mapped[str] = mapped_column(Text)
    subscription: Mapped[str] = mapped_column(Text)
    marker: Mapped[str] = mapped_column(Text)
    line_id: Mapped[UUID | None]
    currency: Mapped[str] = mapped_column(String(10))
    amount: Mapped[Decimal] = mapped_column(Numeric())
    desired: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    explanation: Mapped[list[str]] = mapped_column(JSONB)
    warnings: Mapped[list[str]] = mapped_column(JSONB)
    error: Mapped[str] = mapped_column(Text, server_default="")
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
