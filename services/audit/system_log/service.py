"""Notes the headlines of facts, lists and counts them: 30 days, then they are gone (the trail stays)."""

from datetime import timedelta
from uuid import UUID

from services.audit.system_log import repository
from services.audit.system_log.models import LogRow
from services.audit.system_log.schemas import LogEntry, LogSummary
from services.contracts.envelope import SYSTEM_ACTOR
from services.contracts.vocabulary import LogLevel
from services.kit.base import clock
from services.kit.base.db import ReadSession, WriteSession
from services.kit.ledger.live import announce_after_commit
from services.kit.ledger.records import EventRecord
from services.kit.ledger.retention import Retention
from services.kit.web.paging import Page

KEPT = timedelta(days=30)


async def note(session: WriteSession, event: EventRecord) -> None:
    """Write the log row of an event that has a headline, and announce it to whoever watches."""
    if event.headline is None:
        return
    run_id = event.data.get("run_id")
    row = LogRow(
        id=event.id,
        partner_id=event.partner_id,
        level=event.headline.level,
        title=event.headline.title,
        details=event.headline.details,
        run_id=UUID(run_id) if isinstance(run_id, str) else None,
        actor="" if event.actor == SYSTEM_ACTOR else event.actor.name,
        correlation_id=event.correlation_id,
        occurred_at=event.occurred_at,
    )
    await repository.add(session, row)
    announce_after_commit(session, "log", LogEntry.of(row))


def retention_of_log() -> Retention:
    return Retention("audit.system_log", KEPT.days, repository.purge)


async def list_rows(
    session: ReadSession,
    *,
    level: LogLevel | None,
    search: str | None,
    run_id: UUID | None,
    limit: int,
    cursor: str | None,
) -> Page[LogEntry]:
    """Rows of the last 30 days, newest first."""
    wanted = repository.LogFilter(clock.now() - KEPT, level, search, run_id)
    rows = await repository.read_newest(session, wanted, limit, cursor)
    return repository.NEWEST_FIRST.page(rows, limit, LogEntry.of)


async def summarise(session: ReadSession) -> LogSummary:
    counts = await repository.count(session, clock.now() - KEPT)
    return LogSummary(
        total=counts.total, errors=counts.errors, warnings=counts.warnings, last_update=counts.last_update
    )
