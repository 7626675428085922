"""Partners, the people who sign in, and what each of them is to a partner."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import DateTime, ForeignKey, String, Text, func
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from services.contracts.vocabulary import Role
from services.kit.base.columns import StringEnum
from services.kit.base.db import Base


class PartnerRow(Base):
    """A tenant. Visible to sessions of that partner only."""

    __tablename__ = "partner"
    __table_args__ = {"schema": "gateway"}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class AccountRow(Base):
    """A person with a password. Visible to the partners the person belongs to, and while signing in."""

    __tablename__ = "account"
    __table_args__ = {"schema": "gateway"}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    """Lower case."""
    name: Mapped[str] = mapped_column(String(200))
    password_hash: Mapped[str] = mapped_column(Text)
    home_partner_id: Mapped[UUID] = mapped_column(ForeignKey("gateway.partner.id"))
    """The partner that signing in leads to."""
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


class MembershipRow(Base):
    """A person's roles at a partner."""

    __tablename__ = "membership"
    __table_args__ = {"schema": "gateway"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(ForeignKey("gateway.partner.id"), primary_key=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("gateway.account.id"), primary_key=True)
    roles: Mapped[list[Role]] = mapped_column(ARRAY(StringEnum(Role, 20)))
