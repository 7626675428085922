"""The tables of copies: one row per upstream record that lines or mappings point at, and the traits of each PSA."""

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class ReferenceRow(Base):
    """One upstream record as the last mirror brought it. Never deleted: lines still refer to it."""

    __tablename__ = "reference"
    __table_args__ = (
        Index("reference_by_parent", "partner_id", "kind", "parent_id"),
        Index("reference_by_name", "partner_id", "kind", "name", "external_id"),
        {"schema": "billing"},
    )

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    external_id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    is_active: Mapped[bool] = mapped_column(Boolean)
    parent_id: Mapped[str | None] = mapped_column(Text)
    currency: Mapped[str | None] = mapped_column(String(10))
    identifier: Mapped[str | None] = mapped_column(Text)
    attributes: Mapped[dict[str, Any]] = mapped_column(JSONB)
    agreement: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class PsaRow(Base):
    """The traits of a partner's PSA, as `sync.psa.described` brought them last."""

    __tablename__ = "psa"
    __table_args__ = {"schema": "billing"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    traits: Mapped[dict[str, Any]] = mapped_column(JSONB)
    sequence: Mapped[int] = mapped_column(BigInteger)
    """Of the event that brought them; one with a lower sequence comes late and changes nothing."""
