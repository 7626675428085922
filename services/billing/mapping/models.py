"""The tables of mappings: organization → company and agreement, offer → catalog item."""

from uuid import UUID

from sqlalchemy import Boolean, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class MappingColumns:
    """What both mappings share. `target_id` is a person's decision, the suggestion is the machine's idea."""

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    identifier: Mapped[str | None] = mapped_column(Text)
    target_id: Mapped[str | None] = mapped_column(Text)
    suggested_id: Mapped[str | None] = mapped_column(Text)
    suggestion_score: Mapped[int | None] = mapped_column(Integer)
    suggestion_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class OrganizationRow(MappingColumns, Base):
    """An organization of the marketplace. `target_id` is its company in the PSA."""

    __tablename__ = "organization"
    __table_args__ = (
        Index("organization_by_name", "partner_id", "name", "id"),
        Index("organization_by_company", "partner_id", "target_id"),
        {"schema": "billing"},
    )

    currency: Mapped[str | None] = mapped_column(String(10))
    is_excluded: Mapped[bool] = mapped_column(Boolean, server_default="true")
    agreement_id: Mapped[str | None] = mapped_column(Text)


class ProductRow(MappingColumns, Base):
    """An offer that was invoiced. `target_id` is its catalog item in the PSA."""

    __tablename__ = "product"
    __table_args__ = (Index("product_by_name", "partner_id", "name", "id"), {"schema": "billing"})
