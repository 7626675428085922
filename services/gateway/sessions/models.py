"""Sessions of people in browsers."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, func
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class SessionRow(Base):
    """One signed-in browser. The database holds a hash only, so a stolen backup opens nothing."""

    __tablename__ = "session"
    __table_args__ = (Index("session_account", "partner_id", "account_id"), {"schema": "gateway"})

    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("gateway.partner.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("gateway.account.id"))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    last_seen_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    expires_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
