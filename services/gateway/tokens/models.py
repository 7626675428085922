"""API tokens of programs."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, Index, LargeBinary, String, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.gateway.rights import Scope
from services.kit.base.columns import StringEnum
from services.kit.base.db import Base


class ApiTokenRow(Base):
    """A token. It may do what its scopes say, and never more than the person who made it."""

    __tablename__ = "api_token"
    __table_args__ = (Index("api_token_newest", "partner_id", "created_at", "id"), {"schema": "gateway"})

    id: Mapped[UUID] = mapped_column(primary_key=True)
    partner_id: Mapped[UUID] = mapped_column(ForeignKey("gateway.partner.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("gateway.account.id"))
    name: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[Scope]] = mapped_column(ARRAY(StringEnum(Scope, 20)))
    secret_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
