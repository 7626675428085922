"""The trail: one row per event, chained by hash; and the head of each partner's chain."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Index, LargeBinary, String, func
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class TrailEntryRow(Base):
    """One fact, for ever: neither a grant nor a trigger lets anybody update or delete it."""

    __tablename__ = "trail_entry"
    __table_args__ = (
        Index("trail_entry_event", "event_id", unique=True),
        Index("trail_entry_type", "partner_id", "type", "position"),
        Index("trail_entry_actor", "partner_id", "actor_id", "position"),
        Index("trail_entry_subject", "partner_id", "subject", "position"),
        {"schema": "audit"},
    )

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[UUID]
    type: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    correlation_id: Mapped[str] = mapped_column(String(80))
    causation_id: Mapped[UUID | None]
    actor_id: Mapped[str] = mapped_column(String(200))
    actor_name: Mapped[str] = mapped_column(String(200))
    # json, not jsonb: the hash covers what was written, and jsonb would write numbers in its own way.
    data: Mapped[dict[str, object]] = mapped_column(JSON)
    recorded_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    hash: Mapped[bytes] = mapped_column(LargeBinary)
    """SHA-256 of the row before and of this row's content; see `chain.py`."""


class TrailHeadRow(Base):
    """Where a partner's chain ends. Locked by each append, so simultaneous events form one chain."""

    __tablename__ = "trail_head"
    __table_args__ = {"schema": "audit"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[bytes] = mapped_column(LargeBinary)
