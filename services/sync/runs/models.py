"""The tables of runs, their steps, and the parts that billing acknowledges."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Index, Integer, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class Run(Base):
    """One long job, as people watch it."""

    __tablename__ = "run"
    __table_args__ = (Index("run_latest", "partner_id", "created_at"), {"schema": "sync"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    step: Mapped[str] = mapped_column(String(40), server_default="")
    """The present one, or the last; empty before the first."""
    periods: Mapped[list[str]] = mapped_column(JSONB)
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    outcomes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    """Of the present step."""
    requested_by: Mapped[str] = mapped_column(Text)
    plan_id: Mapped[UUID | None]
    receipt_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class RunStep(Base):
    """One step of a run: what it sent, what of that is acknowledged, and where a repeated try goes on."""

    __tablename__ = "run_step"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner_id: Mapped[UUID]
    parts: Mapped[int | None] = mapped_column(Integer)
    """Sent so far, or answers that billing announced; None after a question that billing has not answered yet."""
    acknowledged: Mapped[int] = mapped_column(Integer, default=0)
    is_sealed: Mapped[bool] = mapped_column(Boolean, default=False)
    """The step has sent everything."""
    checkpoint: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    started_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    acknowledged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    """When billing answered last, or when the step had sent everything."""

    @property
    def is_complete(self) -> bool:
        return self.parts == self.acknowledged


class StepPart(Base):
    """One part that was sent, or answered; its key is what makes doing that twice impossible."""

    __tablename__ = "step_part"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    partner_id: Mapped[UUID]
    acknowledged_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
