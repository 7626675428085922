"""What the system log shows of itself."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel

from services.audit.system_log.models import LogRow
from services.contracts.vocabulary import LogLevel


class LogEntry(BaseModel):
    """One thing that happened. `id` is also the id of the fact in the audit trail."""

    id: UUID
    level: LogLevel
    title: str
    details: str
    run_id: UUID | None
    actor: str | None
    """Who caused it; null when it was nobody in particular."""
    correlation_id: str
    occurred_at: AwareDatetime

    @classmethod
    def of(cls, row: LogRow) -> Self:
        return cls(
            id=row.id,
            level=row.level,
            title=row.title,
            details=row.details,
            run_id=row.run_id,
            actor=row.actor or None,
            correlation_id=row.correlation_id,
            occurred_at=row.occurred_at,
        )


class LogSummary(BaseModel):
    """The last 30 days in four tiles."""

    total: int
    errors: int
    warnings: int
    last_update: AwareDatetime | None
