"""The system log: what people may want to know of the last 30 days, one row per fact with a headline."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.contracts.vocabulary import LogLevel
from services.kit.base.columns import StringEnum
from services.kit.base.db import Base


class LogRow(Base):
    """One line of the log. `id` is the event's."""

    __tablename__ = "system_log"
    __table_args__ = (
        Index("system_log_newest", "partner_id", "occurred_at", "id"),
        Index("system_log_run", "partner_id", "run_id", "occurred_at", "id"),
        {"schema": "audit"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID]
    level: Mapped[LogLevel] = mapped_column(StringEnum(LogLevel, 10))
    title: Mapped[str] = mapped_column(Text)
    details: Mapped[str] = mapped_column(Text)
    run_id: Mapped[UUID | None]
    actor: Mapped[str] = mapped_column(String(200))
    correlation_id: Mapped[str] = mapped_column(String(80))
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
