"""The table of decisions on lines. Rows are added and reverted, never changed: they are the history."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Index, String, Text, func, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base

CHOSEN_AGREEMENT = text("field = 'agreement_id' AND reverted_at IS NULL")
CHOSEN_PRODUCT = text("field = 'product_id' AND reverted_at IS NULL")


class DecisionRow(Base):
    """What one edit decided about one field of one line."""

    __tablename__ = "line_decision"
    __table_args__ = (
        Index("line_decision_of_line", "partner_id", "line_id", "id"),
        Index("line_decision_of_edit", "partner_id", "edit_id"),
        Index("line_decision_by_agreement", "partner_id", "value", postgresql_where=CHOSEN_AGREEMENT),
        Index("line_decision_by_product", "partner_id", "value", postgresql_where=CHOSEN_PRODUCT),
        {"schema": "billing"},
    )

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    """In the order of decisions: who decides later about a line waits for the version that the earlier one made."""
    line_id: Mapped[UUID]
    field: Mapped[str] = mapped_column(String(40))
    """A name of `rules.editable.EDITABLE`."""
    value: Mapped[Any] = mapped_column(JSONB)
    """JSON null gives the field back to the rules."""
    edit_id: Mapped[UUID]
    """Rows of one edit share it, whatever the number of lines."""
    actor: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    decided_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    reverted_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    reverted_by: Mapped[str | None] = mapped_column(Text)
