"""The table of connections: one row per partner and system."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class ConnectionRow(Base):
    """Address and sealed secrets of one upstream."""

    __tablename__ = "connection"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(20), primary_key=True)
    address: Mapped[str] = mapped_column(Text)
    profile: Mapped[str] = mapped_column(String(40))
    settings: Mapped[dict[str, str]] = mapped_column(JSONB)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[str] = mapped_column(String(20))
    missing_rights: Mapped[list[str]] = mapped_column(JSONB)
    tested_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    published_traits: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    """Of a PSA: what was last published of it, None before the first time."""
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
