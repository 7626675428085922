"""The table of turns: which push may write on an agreement now, and which wait for it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, Identity, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class AgreementTurn(Base):
    """One run that writes on an agreement, or waits to. The lowest ticket of an agreement has its turn."""

    __tablename__ = "agreement_turn"
    __table_args__ = {"schema": "sync"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    agreement_id: Mapped[str] = mapped_column(Text, primary_key=True)
    run_id: Mapped[UUID] = mapped_column(primary_key=True)
    ticket: Mapped[int] = mapped_column(BigInteger, Identity())
    asked_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
