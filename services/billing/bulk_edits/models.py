"""The tables of bulk edits. What each decided about a line stands among the decisions on lines, under its id."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, Index, Integer, LargeBinary, String, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class BulkEditRow(Base):
    """One bulk edit, from its preview on."""

    __tablename__ = "bulk_edit"
    __table_args__ = (Index("bulk_edit_by_time", "partner_id", "created_at", "id"), {"schema": "billing"})

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Also the edit id of its decisions."""
    status: Mapped[str] = mapped_column(String(20))
    scope: Mapped[dict[str, Any]] = mapped_column(JSONB)
    changes: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    file: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    """What is known of the file that it was read from."""
    reason: Mapped[str] = mapped_column(Text, server_default="")
    basis: Mapped[str] = mapped_column(String(64), server_default="")
    """Digest of the ids and versions of all lines that matched when the preview was made."""
    preview: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    done: Mapped[int] = mapped_column(Integer, server_default="0")
    total: Mapped[int] = mapped_column(Integer, server_default="0")
    error: Mapped[str] = mapped_column(Text, server_default="")
    created_by: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    applied_by: Mapped[str | None] = mapped_column(Text)
    applied_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    undone_by: Mapped[str | None] = mapped_column(Text)
    undone_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class BulkEditFileRow(Base):
    """A file as it was sent, until it is read."""

    __tablename__ = "bulk_edit_file"
    __table_args__ = ({"schema": "billing"},)

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    bulk_edit_id: Mapped[UUID] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class BulkEditValuesRow(Base):
    """What a bulk edit wants of one line, where each line gets values of its own."""

    __tablename__ = "bulk_edit_values"
    __table_args__ = ({"schema": "billing"},)

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    bulk_edit_id: Mapped[UUID] = mapped_column(primary_key=True)
    line_id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(Integer)
    """Of the line, when its values were typed."""
    changes: Mapped[dict[str, Any]] = mapped_column(JSONB)


class RefusedCellRow(Base):
    """One cell or row of an imported file that was refused."""

    __tablename__ = "bulk_edit_refused_cell"
    __table_args__ = ({"schema": "billing"},)

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    bulk_edit_id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    sheet: Mapped[str] = mapped_column(Text)
    row: Mapped[int] = mapped_column(Integer)
    column: Mapped[str] = mapped_column(Text)
    at: Mapped[str] = mapped_column(String(20))
    value: Mapped[str] = mapped_column(Text)
    line_id: Mapped[UUID | None] = mapped_column()
    reason: Mapped[str] = mapped_column(String(40))
    words: Mapped[str] = mapped_column(Text)
