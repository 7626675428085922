"""The tables of plans: the plan, what should exist, what exists, and the operations between the two.

The operations are the journal of the push too: their status is committed before each write and after it.
"""

from datetime import date, datetime
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
    marked_up: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    """What rules and people add to AppXite's charges, contained in `amounts`; empty where they add nothing."""
    unsent: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    dropped: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """A `Tally` of lines that rules do not pass on, no part of `unsent`; null in plans of an older build."""
    singles: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """A `Tally` of additions that go as quantity 1 in place of another; null in plans of an older build."""
    when_undecided: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    """`UndecidedCause` → `DecisionChoice`, as the billing rules had it when billing answered."""
    first_period: Mapped[str | None] = mapped_column(String(7))
    """The first month that is billed from here, as the billing rules had it when billing answered."""
    by_hand: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    """A `ByHandSummary`; empty in plans of an older build."""
    calls_needed: Mapped[int] = mapped_column(server_default="0")
    error: Mapped[str] = mapped_column(Text, server_default="")
    moved: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    invoices_unread: Mapped[str] = mapped_column(Text, server_default="")
    """What follows from the PSA's invoices not being read; empty where they were."""
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


class ClosingRow(Base):
    """An older segment, or a withdrawn true-up, that billing wants closed; kept as long as what should exist."""

    __tablename__ = "plan_closing"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sync.plan.id", ondelete="CASCADE"), primary_key=True)
    marker: Mapped[str] = mapped_column(Text, primary_key=True)
    partner_id: Mapped[UUID]
    agreement_id: Mapped[str] = mapped_column(Text)
    closing: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """A `Closing`."""


class ExpectedRow(Base):
    """An addition of ours that bills a period of the plan whose charge has not come yet: no question, but money."""

    __tablename__ = "plan_expected"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sync.plan.id", ondelete="CASCADE"), primary_key=True)
    marker: Mapped[str] = mapped_column(Text, primary_key=True)
    partner_id: Mapped[UUID]
    addition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """An `ExpectedAddition`."""


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
    agreement_facts: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """`AgreementFacts` as they were when the plan was computed; null in plans of an older build."""


class OperationRow(Base):
    """One operation of a plan, and how far its write has come."""

    __tablename__ = "plan_operation"
    __table_args__ = (
        Index("plan_operation_in_order", "plan_id", "position"),
        Index("plan_operation_by_status", "plan_id", "status"),
        Index("plan_operation_by_marker", "partner_id", "marker"),
        {"schema": "sync"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    plan_id: Mapped[UUID] = mapped_column(ForeignKey("sync.plan.id", ondelete="CASCADE"))
    partner_id: Mapped[UUID]
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    organization: Mapped[str] = mapped_column(Text)
    organization_id: Mapped[str] = mapped_column(Text, server_default="")
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
    cause: Mapped[str | None] = mapped_column(String(20))
    """`UndecidedCause` of an addition that bills without a charge, decided or not; null for every other operation."""
    choice: Mapped[str | None] = mapped_column(String(20))
    """`DecisionChoice` of a person or a rule; null while nobody has decided."""
    choice_reason: Mapped[str] = mapped_column(Text, server_default="")
    keep_until: Mapped[date | None]
    decided_by: Mapped[str] = mapped_column(Text, server_default="")
    will_bill: Mapped[Decimal | None] = mapped_column(Numeric())
    """What billing periods of the plan bill for it without a charge; null where that is not known, or not asked."""
    ending: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """The values with which it bills no more, written once the choice is to end it."""
    mending: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What the PSA held after the write, where it keeps fewer decimals and `after` was changed to what it can hold."""
    explanation: Mapped[list[str]] = mapped_column(JSONB)
    warnings: Mapped[list[str]] = mapped_column(JSONB)
    error: Mapped[str] = mapped_column(Text, server_default="")
    sent_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    settled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class DecisionRow(Base):
    """What a person decided last about an addition that bills without a charge. It outlives the plan."""

    __tablename__ = "addition_decision"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    marker: Mapped[str] = mapped_column(Text, primary_key=True)
    choice: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(Text)
    until: Mapped[date | None]
    """Of a kept one: the last day on which nobody asks again; null for as long as no charge comes."""
    charged_through: Mapped[date | None]
    """What the addition was charged through when it was decided: a later charge makes a decision to end it void."""
    decided_by: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    plan_id: Mapped[UUID]
