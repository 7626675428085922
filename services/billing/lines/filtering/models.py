"""The names that lines have, each once, so that a search reads them instead of every line.

A trigger of the database keeps them: a name that a line has and this table lacks would hide the line from a search.
"""

from uuid import UUID

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class LineNameRow(Base):
    """One name of one thing. A thing that was renamed has several; none is ever removed."""

    __tablename__ = "line_name"
    __table_args__ = {"schema": "billing"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    """organization, offer, subscription or invoice."""
    digest: Mapped[str] = mapped_column(String(32), primary_key=True)
    """MD5 of the name: a name may be longer than what an index takes."""
    id: Mapped[str] = mapped_column(Text, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    """In small letters."""
