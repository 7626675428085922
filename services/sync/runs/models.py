"""The tables of runs and of the sagas behind them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, DateTime, Index, Integer, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class RunRow(Base):
    """One mirror, load or push, as people watch it."""

    __tablename__ = "run"
    __table_args__ = (Index("run_latest", "partner_id", "created_at"), {"schema": "sync"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(20))
    periods: Mapped[list[str]] = mapped_column(JSONB)
    done: Mapped[int] = mapped_column(Integer, default=0)
    total: Mapped[int] = mapped_column(Integer, default=0)
    outcomes: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    error: Mapped[str] = mapped_column(Text, default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    requested_by: Mapped[str] = mapped_column(Text)
    plan_id: Mapped[UUID | None]
    receipt_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    started_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    finished_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class SagaRow(Base):
    """Parts of the present stage of a run (or plan), sent and acknowledged."""

    __tablename__ = "saga"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(20))
    stage: Mapped[str] = mapped_column(String(20))
    parts_sent: Mapped[int] = mapped_column(Integer, default=0)
    parts_acked: Mapped[int] = mapped_column(Integer, default=0)
    is_sealed: Mapped[bool] = mapped_column(Boolean, default=False)
    place: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class SagaPartRow(Base):
    """One part that was sent; its key is what makes sending it twice impossible."""

    __tablename__ = "saga_part"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    stage: Mapped[str] = mapped_column(String(20), primary_key=True)
    part: Mapped[int] = mapped_column(Integer, primary_key=True)
    partner_id: Mapped[UUID]
    acked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
