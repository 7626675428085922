"""The tables of schema `bus`, which kit owns: events, deliveries, jobs, idempotency keys."""

from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    and_,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSON, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from services.kit.base.db import Base


class EventRow(Base):
    """An event, as its producer wrote it. Never updated."""

    __tablename__ = "event"
    __table_args__ = {"schema": "bus"}  # noqa: RUF012 - SQLAlchemy reads it once

    id: Mapped[UUID] = mapped_column(primary_key=True)
    type: Mapped[str] = mapped_column(String(120))
    source: Mapped[str] = mapped_column(String(40))
    partner_id: Mapped[UUID]
    subject: Mapped[str] = mapped_column(String(200))
    # One counter for all subjects grows within each of them, which is all a consumer compares,
    # and costs no lock per subject.
    sequence: Mapped[int] = mapped_column(BigInteger, Identity())
    occurred_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    correlation_id: Mapped[str] = mapped_column(String(80))
    causation_id: Mapped[UUID | None]
    actor: Mapped[dict[str, str]] = mapped_column(JSONB)
    # json, not jsonb: the value is written once and only read whole, so jsonb's parsing would be wasted.
    data: Mapped[dict[str, object]] = mapped_column(JSON)
    # Of a bulk event: its digest and the length of its lists, for a consumer that needs no rows.
    summary: Mapped[dict[str, object] | None] = mapped_column(JSON)
    # The event's system-log row; JSON null where it has none, SQL NULL in events of an older build.
    headline: Mapped[dict[str, object] | None] = mapped_column(JSON)


class Attempts:
    """Columns of what is tried until it is handled, or rests: a delivery, or a job."""

    rings: Mapped[int] = mapped_column(Integer, server_default="0")
    attempts: Mapped[int] = mapped_column(Integer, server_default="0")
    next_attempt_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    handled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    rested_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_error: Mapped[str | None] = mapped_column(Text)


class DeliveryRow(Attempts, Base):
    """What one consumer still owes one event, or has done."""

    __tablename__ = "delivery"
    __table_args__ = (
        Index("delivery_due", "next_attempt_at", postgresql_where=text("handled_at IS NULL AND rested_at IS NULL")),
        Index("delivery_resting", "partner_id", "rested_at", postgresql_where=text("rested_at IS NOT NULL")),
        {"schema": "bus"},
    )

    event_id: Mapped[UUID] = mapped_column(ForeignKey("bus.event.id", ondelete="CASCADE"), primary_key=True)
    consumer: Mapped[str] = mapped_column(String(40), primary_key=True)
    partner_id: Mapped[UUID]


class JobRow(Attempts, Base):
    """Long work that a service ordered of itself, and who does it now."""

    __tablename__ = "job"
    __table_args__ = (
        Index("job_due", "next_attempt_at", postgresql_where=text("handled_at IS NULL AND rested_at IS NULL")),
        Index("job_resting", "partner_id", "rested_at", postgresql_where=text("rested_at IS NOT NULL")),
        Index("job_leased", "lease_id", postgresql_where=text("lease_id IS NOT NULL AND handled_at IS NULL")),
        {"schema": "bus"},
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    consumer: Mapped[str] = mapped_column(String(40))
    partner_id: Mapped[UUID]
    name: Mapped[str] = mapped_column(String(120))
    subject: Mapped[str] = mapped_column(String(200))
    arguments: Mapped[dict[str, object]] = mapped_column(JSON)
    actor: Mapped[dict[str, str]] = mapped_column(JSONB)
    correlation_id: Mapped[str] = mapped_column(String(80))
    causation_id: Mapped[UUID | None]
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())
    lease_id: Mapped[UUID | None]
    leased_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class IdempotencyRow(Base):
    """The answer given to a request with an Idempotency-Key, kept with the effect it answers for."""

    __tablename__ = "idempotency"
    __table_args__ = {"schema": "bus"}  # noqa: RUF012 - SQLAlchemy reads it once

    partner_id: Mapped[UUID] = mapped_column(primary_key=True)
    service: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    request_digest: Mapped[bytes] = mapped_column(LargeBinary)
    answer: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), server_default=func.now())


# The ledger's own statements are built once, on the tables: as ORM statements they cost twice the time.
EVENTS = cast("Table", EventRow.__table__)
DELIVERIES = cast("Table", DeliveryRow.__table__)
JOBS = cast("Table", JobRow.__table__)
IDEMPOTENCY = cast("Table", IdempotencyRow.__table__)


def is_open(table: Table) -> ColumnElement[bool]:
    """A delivery or job that still has to be handled, and is not resting."""
    return and_(table.c.handled_at.is_(None), table.c.rested_at.is_(None))
