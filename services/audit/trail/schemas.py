"""What the trail shows of itself."""

from typing import Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, JsonValue

from services.audit.trail.models import TrailEntryRow
from services.contracts.envelope import Actor


class TrailEntry(BaseModel):
    """One fact of the trail. `data` of a bulk fact is its digest and summary. `hash` is hexadecimal."""

    id: UUID
    position: int
    type: str
    source: str
    subject: str
    occurred_at: AwareDatetime
    recorded_at: AwareDatetime
    correlation_id: str
    causation_id: UUID | None
    actor: Actor
    data: dict[str, JsonValue]
    hash: str

    @classmethod
    def of(cls, row: TrailEntryRow) -> Self:
        return cls.model_validate(
            {
                "id": row.event_id,
                "position": row.position,
                "type": row.type,
                "source": row.source,
                "subject": row.subject,
                "occurred_at": row.occurred_at,
                "recorded_at": row.recorded_at,
                "correlation_id": row.correlation_id,
                "causation_id": row.causation_id,
                "actor": Actor(id=row.actor_id, name=row.actor_name),
                "data": row.data,
                "hash": row.hash.hex(),
            }
        )


class Verification(BaseModel):
    """Whether the whole trail is as it was written. `examined` entries fit; the first that does not is named."""

    is_intact: bool
    examined: int
    head_hash: str | None = None
    """Hash of the newest entry; keep it elsewhere to prove later that nothing before it changed."""
    broken_position: int | None = None
    broken_id: UUID | None = None
    problem: str | None = None

    @classmethod
    def broken(cls, examined: int, position: int, event_id: UUID | None, what: str) -> Self:
        return cls(
            is_intact=False,
            examined=examined,
            broken_position=position,
            broken_id=event_id,
            problem=f"Entry {position} {what}.",
        )
