"""The table of reference copies, one row per upstream record that lines or mappings point at."""

from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class ReferenceRow(Base):
    """One upstream record as the last mirror told it. Never deleted: lines still name it."""

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
