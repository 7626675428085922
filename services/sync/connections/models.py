"""The table of connections: one row per partner and system."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, LargeBinary, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class PsaTrait(Base):
    """A trait of a partner's PSA that a person fixed or that was learned; each origin has a row of its own."""

    __tablename__ = "psa_trait"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(20), primary_key=True)
    trait: Mapped[str] = mapped_column(String(40), primary_key=True)
    origin: Mapped[str] = mapped_column(String(20), primary_key=True)
    """A `TraitOrigin`: fixed or learned."""
    value: Mapped[int | bool | str] = mapped_column(JSONB)
    addition_id: Mapped[str] = mapped_column(Text, server_default="")
    """Of a learned one: the addition that showed it, what it was sent with, and what it held."""
    sent: Mapped[str] = mapped_column(Text, server_default="")
    kept: Mapped[str] = mapped_column(Text, server_default="")
    noted_by: Mapped[str] = mapped_column(Text)
    noted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


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
