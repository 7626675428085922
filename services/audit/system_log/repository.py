"""Reads and writes log rows, and lets those fall out that have aged out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, tuple_

from services.audit.system_log.models import LogRow
from services.contracts.vocabulary import LogLevel
from services.kit.base.db import ReadSession, WriteSession


async def add(session: WriteSession, row: LogRow, keep_since: datetime) -> None:
    """One index probe for aged rows with each new one spares a job that cleans up."""
    await session.execute(delete(LogRow).where(LogRow.occurred_at < keep_since))
    session.add(row)
    await session.flush()


@dataclass(frozen=True, slots=True)
class LogFilter:
    """What people look for. `search` is text in title or details, whatever its case."""

    since: datetime
    level: LogLevel | None = None
    search: str | None = None
    run_id: UUID | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        wanted: list[ColumnElement[bool]] = [LogRow.occurred_at >= self.since]
        if self.level is not None:
            wanted.append(LogRow.level == self.level)
        if self.run_id is not None:
            wanted.append(LogRow.run_id == self.run_id)
        if self.search:
            wanted.append(
                or_(
                    LogRow.title.icontains(self.search, autoescape=True),
                    LogRow.details.icontains(self.search, autoescape=True),
                )
            )
        return wanted


async def read_newest(
    session: ReadSession, wanted: LogFilter, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[LogRow]:
    query = select(LogRow).where(*wanted.conditions())
    if before is not None:
        query = query.where(tuple_(LogRow.occurred_at, LogRow.id) < before)
    query = query.order_by(LogRow.occurred_at.desc(), LogRow.id.desc()).limit(limit)
    return (await session.execute(query)).scalars().all()


@dataclass(frozen=True, slots=True)
class Counts:
    total: int
    errors: int
    warnings: int
    last_update: datetime | None


async def count(session: ReadSession, since: datetime) -> Counts:
    query = select(
        func.count(),
        func.count().filter(LogRow.level == LogLevel.ERROR),
        func.count().filter(LogRow.level == LogLevel.WARNING),
        func.max(LogRow.occurred_at),
    ).where(LogRow.occurred_at >= since)
    return Counts(*(await session.execute(query)).one())
