"""The table of nights: what was begun on the clock."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import DateTime, String
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class ScheduledNight(Base):
    """One entry of the schedule was begun for one partner and night. Its key is what makes a second time impossible."""

    __tablename__ = "scheduled_night"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    entry: Mapped[str] = mapped_column(String(40), primary_key=True)
    night: Mapped[date] = mapped_column(primary_key=True)
    """The day, in UTC, on which it fell due."""
    begun_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
