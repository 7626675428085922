"""Reads, writes and purges log rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from services.audit.system_log.models import LogRow
from services.contracts.vocabulary import LogLevel
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger.retention import delete_batch
from services.kit.web.paging import Keyset

NEWEST_FIRST = Keyset(LogRow.occurred_at, LogRow.id, newest_first=True)


async def add(session: WriteSession, row: LogRow) -> None:
    session.add(row)
    await session.flush()


async def purge(session: WriteSession, before: datetime, batch: int) -> int:
    """Delete a batch of the partner's rows that have aged out; until then they are not shown."""
    return await delete_batch(session, LogRow, batch, LogRow.occurred_at < before)


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


async def read_newest(session: ReadSession, wanted: LogFilter, limit: int, cursor: str | None) -> Sequence[LogRow]:
    query = select(LogRow).where(*wanted.conditions())
    return (await session.scalars(NEWEST_FIRST.window(query, limit, cursor))).all()


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
